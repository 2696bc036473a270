// Memory that is given out piece by piece and freed at once.

#ifndef CAIRN_LIB_INDEX_ARENA_H_
#define CAIRN_LIB_INDEX_ARENA_H_

#include <cstddef>
#include <memory>
#include <vector>

namespace cairn::index {

// Thread safety: one thread allocates; what was allocated may be used by any.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Returns `size` bytes, uninitialised, aligned for a pointer. They live as
  // long as the arena.
  std::byte* Allocate(std::size_t size);

 private:
  static constexpr std::size_t kChunkSize = 64 << 10;
  // A larger piece gets a chunk of its own, so that little is left over.
  static constexpr std::size_t kShareMax = kChunkSize / 8;

  std::byte* NewChunk(std::size_t size);

  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_ARENA_H_
