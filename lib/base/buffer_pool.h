// Large buffers that are used again and again.

#ifndef CAIRN_LIB_BASE_BUFFER_POOL_H_
#define CAIRN_LIB_BASE_BUFFER_POOL_H_

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"

#include "base/bytes.h"
#include "base/mutex.h"

namespace cairn::base {

// Buffers of one size. They lie side by side in slabs of huge pages, where the
// system gives them: a drive takes a buffer that lies in one piece of memory in
// one piece, and memory that is used again costs no page faults.
//
// Thread safety: all methods, and a buffer may be destroyed on any thread.
// Ownership:     shared with its buffers.
// Limits:        keeps `idle_max` bytes that nobody uses, and what lies in one
//                slab with a buffer in use: at most a few MiB for each of them.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  struct Options {
    std::size_t size = 0;      // of a buffer, a multiple of kDirectAlignment
    std::size_t idle_max = 0;  // bytes that are kept
  };
  explicit BufferPool(Options options);
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool();

  // A buffer, with the bytes of whoever used it before.
  AlignedBuffer Take();

 private:
  friend class AlignedBuffer;

  struct Slab {
    std::vector<std::byte*> idle;
  };

  void Give(std::byte* buffer);
  Slab& SlabWithRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Slab MakeSlab(std::byte* begin) const;

  const Options options_;
  const std::size_t slab_size_;
  const std::size_t slab_count_;  // of buffers in a slab

  Mutex mutex_;
  std::map<std::byte*, Slab> slabs_ ABSL_GUARDED_BY(mutex_);  // by beginning
  std::size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;  // bytes in idle buffers
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_BUFFER_POOL_H_
