// Spans of bytes, and buffers that direct I/O accepts.

#ifndef CAIRN_LIB_BASE_BYTES_H_
#define CAIRN_LIB_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cairn::base {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

inline Bytes AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view AsText(Bytes bytes);

constexpr std::uint64_t AlignUp(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// What direct I/O wants of addresses, sizes and offsets, on any drive.
inline constexpr std::size_t kDirectAlignment = 4096;

class BufferPool;

// A buffer of fixed size whose address is a multiple of kDirectAlignment.
// Uninitialised when made. It goes back to the pool that it is from, if any.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size);

  std::size_t size() const { return size_; }
  MutableBytes bytes() { return {data_.get(), size_}; }
  Bytes bytes() const { return {data_.get(), size_}; }

 private:
  friend class BufferPool;

  struct Free {
    void operator()(std::byte* data) const;

    std::shared_ptr<BufferPool> pool;
  };

  AlignedBuffer(std::byte* data, std::size_t size,
                std::shared_ptr<BufferPool> pool);

  std::unique_ptr<std::byte[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_BYTES_H_
