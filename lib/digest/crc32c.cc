#include "digest/crc32c.h"

#include <algorithm>

#include <isa-l/crc.h>

namespace cairn::digest {

std::uint32_t Crc32c(base::Bytes bytes) { return ExtendCrc32c(0, bytes); }

std::uint32_t ExtendCrc32c(std::uint32_t crc, base::Bytes bytes) {
  // ISA-L counts in int, and leaves both inversions to its caller.
  constexpr std::size_t kPieceSize = 1 << 30;
  std::uint32_t state = ~crc;
  while (!bytes.empty()) {
    const std::size_t size = std::min(kPieceSize, bytes.size());
    auto* from = const_cast<unsigned char*>(
        reinterpret_cast<const unsigned char*>(bytes.data()));
    state = crc32_iscsi(from, static_cast<int>(size), state);
    bytes = bytes.subspan(size);
  }
  return ~state;
}

}  // namespace cairn::digest
