// CRC32C (Castagnoli), over ISA-L.

#ifndef CAIRN_LIB_DIGEST_CRC32C_H_
#define CAIRN_LIB_DIGEST_CRC32C_H_

#include <cstdint>

#include "base/bytes.h"

namespace cairn::digest {

// The CRC of `bytes`; of "123456789" it is 0xe3069283.
std::uint32_t Crc32c(base::Bytes bytes);

// Goes on from the CRC of what came before.
std::uint32_t ExtendCrc32c(std::uint32_t crc, base::Bytes bytes);

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_CRC32C_H_
