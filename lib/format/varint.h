// Numbers in as few bytes as they need: seven bits each, the lowest first, the
// top bit set on all but the last.

#ifndef CAIRN_LIB_FORMAT_VARINT_H_
#define CAIRN_LIB_FORMAT_VARINT_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace cairn::format {

inline constexpr std::size_t kVarintSizeMax = 10;

// Bytes that `value` takes, 1 .. kVarintSizeMax.
std::size_t VarintSize(std::uint64_t value);

// Writes `value` at `to` and returns the byte behind it; there must be room.
std::byte* PutVarint(std::byte* to, std::uint64_t value);

namespace internal {
const std::byte* GetLongVarint(const std::byte* at, const std::byte* end,
                               std::uint64_t& value);
}  // namespace internal

// Reads a number in [`at`, `end`) and returns the byte behind it; nullptr when
// it is cut short, larger than 64 bits, or not as PutVarint() writes it.
inline const std::byte* GetVarint(const std::byte* at, const std::byte* end,
                                  std::uint64_t& value) {
  if (at == end || (*at & std::byte{0x80}) != std::byte{0}) {
    return internal::GetLongVarint(at, end, value);
  }
  value = static_cast<std::uint64_t>(*at);
  return at + 1;
}

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_VARINT_H_
