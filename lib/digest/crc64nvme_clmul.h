// CRC-64/NVME by carry-less multiplication.

#ifndef CAIRN_LIB_DIGEST_CRC64NVME_CLMUL_H_
#define CAIRN_LIB_DIGEST_CRC64NVME_CLMUL_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace cairn::digest::crc64nvme {

// Whether this machine runs the kernel of that name.
bool HasClmul128();
bool HasClmul512();

inline constexpr std::size_t kClmul128SizeMin = 16;
inline constexpr std::size_t kClmul512SizeMin = 256;

// `bytes` are at least as many as the minimum of that name.
std::uint64_t UpdateByClmul128(std::uint64_t state, base::Bytes bytes);
std::uint64_t UpdateByClmul512(std::uint64_t state, base::Bytes bytes);

}  // namespace cairn::digest::crc64nvme

#endif  // CAIRN_LIB_DIGEST_CRC64NVME_CLMUL_H_
