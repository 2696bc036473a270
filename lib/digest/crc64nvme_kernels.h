// The ways to compute CRC-64/NVME. All give the same value.

#ifndef CAIRN_LIB_DIGEST_CRC64NVME_KERNELS_H_
#define CAIRN_LIB_DIGEST_CRC64NVME_KERNELS_H_

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace cairn::digest::crc64nvme {

enum class Kernel {
  kTables,    // on every machine, 8 bytes at a time
  kClmul128,  // PCLMULQDQ
  kClmul512,  // VPCLMULQDQ and AVX-512
};
inline constexpr std::array kKernels = {Kernel::kTables, Kernel::kClmul128,
                                        Kernel::kClmul512};

// Whether this machine has what `kernel` needs.
bool IsSupported(Kernel kernel);
Kernel FastestKernel();

// The register of the CRC after `bytes`. The CRC is its complement, also before
// the first byte.
std::uint64_t Update(Kernel kernel, std::uint64_t state, base::Bytes bytes);

std::uint64_t UpdateByTables(std::uint64_t state, base::Bytes bytes);

}  // namespace cairn::digest::crc64nvme

#endif  // CAIRN_LIB_DIGEST_CRC64NVME_KERNELS_H_
