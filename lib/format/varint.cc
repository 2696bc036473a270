#include "format/varint.h"

#include <bit>

namespace cairn::format {

std::size_t VarintSize(std::uint64_t value) {
  return static_cast<std::size_t>(std::bit_width(value | 1) + 6) / 7;
}

std::byte* PutVarint(std::byte* to, std::uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<std::byte>(value);
  return to;
}

namespace internal {

const std::byte* GetLongVarint(const std::byte* at, const std::byte* end,
                               std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && at != end; shift += 7) {
    const auto byte = static_cast<std::uint64_t>(*at++);
    // Of the tenth byte only the lowest bit is left.
    if (shift == 63 && byte > 1) return nullptr;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return byte == 0 && shift > 0 ? nullptr : at;
  }
  return nullptr;
}

}  // namespace internal
}  // namespace cairn::format
