// Memory that direct I/O accepts.

#ifndef CAIRN_BENCH_SUPPORT_ALIGNED_BUFFER_H_
#define CAIRN_BENCH_SUPPORT_ALIGNED_BUFFER_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace cairn::bench {

constexpr std::size_t kAlignment = 4096;
constexpr std::size_t kHugePageSize = std::size_t{2} << 20;

// Zeroed bytes at a multiple of kAlignment; in huge pages where they fill one:
// a device takes what lies in one piece of memory in one piece.
//
// Ownership: movable; the bytes stay where they are.
class AlignedBuffer {
 public:
  explicit AlignedBuffer(std::size_t size)
      : size_(size),
        bytes_(static_cast<std::byte*>(
                   ::operator new[](RoomFor(size), AlignmentFor(size))),
               Free{AlignmentFor(size)}) {
    if (size >= kHugePageSize) {
      (void)madvise(bytes_.get(), RoomFor(size), MADV_HUGEPAGE);
    }
    std::memset(bytes_.get(), 0, size);
  }

  std::byte* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return {bytes_.get(), size_}; }

 private:
  static std::align_val_t AlignmentFor(std::size_t size) {
    return std::align_val_t(size >= kHugePageSize ? kHugePageSize : kAlignment);
  }
  static std::size_t RoomFor(std::size_t size) {
    const auto alignment = static_cast<std::size_t>(AlignmentFor(size));
    return (size + alignment - 1) / alignment * alignment;
  }

  struct Free {
    void operator()(std::byte* bytes) const {
      ::operator delete[](bytes, alignment);
    }
    std::align_val_t alignment;
  };

  std::size_t size_;
  std::unique_ptr<std::byte[], Free> bytes_;
};

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_ALIGNED_BUFFER_H_
