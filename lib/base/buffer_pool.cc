#include "base/buffer_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <new>

#include "base/check.h"
#include "base/poison.h"

namespace cairn::base {
namespace {

constexpr std::size_t kHugePageSize = std::size_t{2} << 20;

// As few huge pages as leave no more than a sixteenth of them unused.
std::size_t SlabSizeFor(std::size_t size) {
  CAIRN_CHECK(size > 0 && size % kDirectAlignment == 0);
  std::size_t slab = AlignUp(size, kHugePageSize);
  while ((slab % size) * 16 > slab) slab += kHugePageSize;
  return slab;
}

void Unmap(std::byte* begin, std::size_t size) {
  if (size > 0) CAIRN_CHECK(::munmap(begin, size) == 0);
}

// Straight from the system: an allocator may keep what is given back to it.
std::byte* NewSlab(std::size_t size) {
  const std::size_t room = size + kHugePageSize;
  void* mapped = ::mmap(  // tidy: memory, not a file
      nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
      0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();  // tidy: as operator new
  std::byte* first = static_cast<std::byte*>(mapped);
  const std::size_t before =
      AlignUp(std::bit_cast<std::uintptr_t>(first), kHugePageSize) -
      std::bit_cast<std::uintptr_t>(first);
  std::byte* begin = first + before;
  Unmap(first, before);
  Unmap(begin + size, kHugePageSize - before);
  // A system without huge pages does as well.
  (void)::madvise(begin, size, MADV_HUGEPAGE);
  return begin;
}

void DeleteSlab(std::byte* begin, std::size_t size) {
  Unpoison(begin, size);
  Unmap(begin, size);
}

}  // namespace

BufferPool::BufferPool(Options options)
    : options_(options),
      slab_size_(SlabSizeFor(options.size)),
      slab_count_(slab_size_ / options.size) {}

BufferPool::~BufferPool() {
  for (const auto& [begin, slab] : slabs_) DeleteSlab(begin, slab_size_);
}

BufferPool::Slab BufferPool::MakeSlab(std::byte* begin) const {
  Slab slab;
  for (std::size_t i = slab_count_; i > 0; --i) {
    slab.idle.push_back(begin + (i - 1) * options_.size);
  }
  Poison(begin, slab_size_);
  return slab;
}

// The first that has room: so that the last ones become idle as a whole.
BufferPool::Slab& BufferPool::SlabWithRoom() {
  const auto found = std::ranges::find_if(
      slabs_, [](const auto& entry) { return !entry.second.idle.empty(); });
  if (found != slabs_.end()) return found->second;
  std::byte* begin = NewSlab(slab_size_);
  idle_ += slab_count_ * options_.size;
  return slabs_.emplace(begin, MakeSlab(begin)).first->second;
}

AlignedBuffer BufferPool::Take() {
  const MutexLock lock(mutex_);
  Slab& slab = SlabWithRoom();
  std::byte* buffer = slab.idle.back();
  slab.idle.pop_back();
  idle_ -= options_.size;
  Unpoison(buffer, options_.size);
  return AlignedBuffer(buffer, options_.size, shared_from_this());
}

void BufferPool::Give(std::byte* buffer) {
  const MutexLock lock(mutex_);
  const auto slab = std::prev(slabs_.upper_bound(buffer));
  slab->second.idle.push_back(buffer);
  idle_ += options_.size;
  Poison(buffer, options_.size);
  const bool is_idle = slab->second.idle.size() == slab_count_;
  if (!is_idle || idle_ <= options_.idle_max) return;
  idle_ -= slab_count_ * options_.size;
  DeleteSlab(slab->first, slab_size_);
  slabs_.erase(slab);
}

}  // namespace cairn::base
