// A part of an object, named before its size is known.

#ifndef CAIRN_BYTE_RANGE_H_
#define CAIRN_BYTE_RANGE_H_

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cairn {

// Bytes of an object whose size is known.
struct ByteSpan {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

// Which bytes of an object are wanted, as in a Range header of HTTP.
//
//   options.range = ByteRange::First(1024);
class ByteRange {
 public:
  // The first `size` bytes, or all that there are.
  static constexpr ByteRange First(std::uint64_t size) {
    return ByteRange(Kind::kFirst, 0, size);
  }

  // The last `size` bytes, or all that there are.
  static constexpr ByteRange Last(std::uint64_t size) {
    return ByteRange(Kind::kLast, 0, size);
  }

  // Everything from `offset` on.
  static constexpr ByteRange From(std::uint64_t offset) {
    return ByteRange(Kind::kFirst, offset, UINT64_MAX);
  }

  // From `first_offset` to `last_offset`, both inclusive, as far as there are
  // bytes. Nothing when `last_offset` is smaller.
  static constexpr ByteRange Between(std::uint64_t first_offset,
                                     std::uint64_t last_offset) {
    if (last_offset < first_offset) return First(0);
    const std::uint64_t distance = last_offset - first_offset;
    return ByteRange(Kind::kFirst, first_offset,
                     distance == UINT64_MAX ? UINT64_MAX : distance + 1);
  }

  // What it means in an object of `object_size` bytes; nullopt when that is not
  // a single byte, so that no range suits an empty object.
  constexpr std::optional<ByteSpan> Resolve(std::uint64_t object_size) const {
    if (kind_ == Kind::kLast) {
      const std::uint64_t size = std::min(size_, object_size);
      if (size == 0) return std::nullopt;
      return ByteSpan{.offset = object_size - size, .size = size};
    }
    if (size_ == 0 || offset_ >= object_size) return std::nullopt;
    return ByteSpan{.offset = offset_,
                    .size = std::min(size_, object_size - offset_)};
  }

  friend constexpr bool operator==(const ByteRange&,
                                   const ByteRange&) = default;

 private:
  enum class Kind { kFirst, kLast };

  constexpr ByteRange(Kind kind, std::uint64_t offset, std::uint64_t size)
      : kind_(kind), offset_(offset), size_(size) {}

  Kind kind_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

}  // namespace cairn

#endif  // CAIRN_BYTE_RANGE_H_
