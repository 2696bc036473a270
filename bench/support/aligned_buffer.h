// Memory that direct I/O accepts.

#ifndef CAIRN_BENCH_SUPPORT_ALIGNED_BUFFER_H_
#define CAIRN_BENCH_SUPPORT_ALIGNED_BUFFER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace cairn::bench {

constexpr std::size_t kAlignment = 4096;

// Zeroed bytes at a multiple of kAlignment.
//
// Ownership: movable; the bytes stay where they are.
class AlignedBuffer {
 public:
  explicit AlignedBuffer(std::size_t size)
      : storage_(size + kAlignment), size_(size) {
    void* place = storage_.data();
    std::size_t room = storage_.size();
    bytes_ =
        static_cast<std::byte*>(std::align(kAlignment, size_, place, room));
  }
  AlignedBuffer(AlignedBuffer&&) = default;
  AlignedBuffer& operator=(AlignedBuffer&&) = default;

  std::byte* data() const { return bytes_; }
  std::size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return {bytes_, size_}; }

 private:
  std::vector<std::byte> storage_;
  std::size_t size_;
  std::byte* bytes_;
};

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_ALIGNED_BUFFER_H_
