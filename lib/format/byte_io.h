// Little-endian fields in byte spans, bounds-checked.

#ifndef CAIRN_LIB_FORMAT_BYTE_IO_H_
#define CAIRN_LIB_FORMAT_BYTE_IO_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/uuid.h"

namespace cairn::format {

static_assert(std::endian::native == std::endian::little,
              "fields are copied as they lie in memory");

// Writes fields one after the other into a span that is large enough.
class FieldWriter {
 public:
  explicit FieldWriter(base::MutableBytes into) : into_(into) {}

  template <typename T>
  void Put(T value) {
    static_assert(std::is_integral_v<T>);
    PutBytes(std::as_bytes(std::span(&value, 1)));
  }
  void Put(const base::Uuid& uuid) {
    Put(uuid.high);
    Put(uuid.low);
  }
  void PutBytes(base::Bytes bytes) {
    CAIRN_CHECK(bytes.size() <= into_.size() - offset_);
    if (!bytes.empty()) {
      std::memcpy(into_.data() + offset_, bytes.data(), bytes.size());
    }
    offset_ += bytes.size();
  }
  void PutZeros(std::size_t count) {
    CAIRN_CHECK(count <= into_.size() - offset_);
    std::memset(into_.data() + offset_, 0, count);
    offset_ += count;
  }

  std::size_t offset() const { return offset_; }

 private:
  base::MutableBytes into_;
  std::size_t offset_ = 0;
};

// Reads fields one after the other. After the first that does not fit, ok() is
// false and every further field is zero or empty.
class FieldReader {
 public:
  explicit FieldReader(base::Bytes from) : from_(from) {}

  template <typename T>
  T Get() {
    static_assert(std::is_integral_v<T>);
    T value = 0;
    const base::Bytes bytes = GetBytes(sizeof(T));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  base::Uuid GetUuid() {
    const auto high = Get<std::uint64_t>();
    return {.high = high, .low = Get<std::uint64_t>()};
  }
  base::Bytes GetBytes(std::size_t size) {
    if (size > from_.size() - offset_) {
      ok_ = false;
      offset_ = from_.size();
      return {};
    }
    const base::Bytes bytes = from_.subspan(offset_, size);
    offset_ += size;
    return bytes;
  }
  std::string GetText(std::size_t size) {
    return std::string(base::AsText(GetBytes(size)));
  }
  bool GetZeros(std::size_t count) {
    for (const std::byte byte : GetBytes(count)) {
      if (byte != std::byte{0}) ok_ = false;
    }
    return ok_;
  }

  bool ok() const { return ok_; }
  std::size_t remaining() const { return from_.size() - offset_; }

 private:
  base::Bytes from_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

// Appends fields to a vector that grows.
class FieldAppender {
 public:
  explicit FieldAppender(std::vector<std::byte>& to) : to_(to) {}

  template <typename T>
  void Put(T value) {
    static_assert(std::is_integral_v<T>);
    PutBytes(std::as_bytes(std::span(&value, 1)));
  }
  void Put(const base::Uuid& uuid) {
    Put(uuid.high);
    Put(uuid.low);
  }
  void PutBytes(base::Bytes bytes) {
    to_.insert(to_.end(), bytes.begin(), bytes.end());
  }
  // A length of 32 bits, then the text.
  void PutText(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    PutBytes(base::AsBytes(text));
  }

 private:
  std::vector<std::byte>& to_;
};

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_BYTE_IO_H_
