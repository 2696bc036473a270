// CRC-64/NVME, the full-object checksum of S3.

#ifndef CAIRN_LIB_DIGEST_CRC64NVME_H_
#define CAIRN_LIB_DIGEST_CRC64NVME_H_

#include <cstdint>

#include "base/bytes.h"

namespace cairn::digest {

// The CRC of `bytes`; of "123456789" it is 0xae8b14860a799888.
std::uint64_t Crc64Nvme(base::Bytes bytes);

// Goes on from the CRC of what came before; that of nothing is 0.
std::uint64_t ExtendCrc64Nvme(std::uint64_t crc, base::Bytes bytes);

// Two neighbouring pieces of which only the CRCs are known.
struct Crc64NvmePair {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::uint64_t tail_size = 0;
};

// The CRC of both pieces together, in constant time.
std::uint64_t CombineCrc64Nvme(const Crc64NvmePair& pair);

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_CRC64NVME_H_
