#include "index/arena.h"

#include "base/bytes.h"

namespace cairn::index {

std::byte* Arena::Allocate(std::size_t size) {
  size = base::AlignUp(size, alignof(void*));
  if (size > kShareMax) return NewChunk(size);
  if (size > left_) {
    next_ = NewChunk(kChunkSize);
    left_ = kChunkSize;
  }
  std::byte* piece = next_;
  next_ += size;
  left_ -= size;
  return piece;
}

std::byte* Arena::NewChunk(std::size_t size) {
  chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
  return chunks_.back().get();
}

}  // namespace cairn::index
