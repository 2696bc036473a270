// Memory for the stripes of large blobs.

#ifndef CAIRN_LIB_SET_STRIPE_POOL_H_
#define CAIRN_LIB_SET_STRIPE_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/buffer_pool.h"
#include "erasure/codec.h"
#include "set/blob_stripe.h"

namespace cairn::set {

// Rooms for whole stripes, and smaller ones for those that will stay short.
//
// Thread safety: all methods.
// Limits:        keeps at most kIdleMax bytes of each size of room; see
//                base::BufferPool.
class StripePool {
 public:
  static constexpr std::size_t kIdleMax = std::size_t{8} << 20;
  // Of all streams together: what many of them asked for at once would make
  // each wait for all, as if its drives were late.
  static constexpr std::size_t kReadAheadMax = std::size_t{8} << 20;

  // `unit` is the largest shard of a stripe, a multiple of
  // format::kBlobFrameSize.
  StripePool(erasure::Geometry geometry, std::uint32_t unit);

  // Room for a stripe that takes `size` bytes, and perhaps some more.
  // `size` is at most stripe_size().
  std::shared_ptr<BlobStripe> Take(std::size_t size) const;

  // Room for one shard of `size` bytes.
  base::AlignedBuffer TakeShard(std::size_t size) const;

  // Leave to read one stripe ahead of its time. Null when others have it all;
  // it is given back when it is destroyed.
  std::shared_ptr<const void> TakeLeaveToReadAhead() const;

  erasure::Geometry geometry() const { return geometry_; }
  std::uint32_t unit() const { return unit_; }
  std::size_t stripe_size() const { return std::size_t{unit_} * data_shards_; }

 private:
  struct Size {
    std::uint32_t unit = 0;
    std::shared_ptr<base::BufferPool> pool;
  };

  erasure::Geometry geometry_;
  std::uint32_t unit_;
  std::size_t data_shards_;
  std::vector<Size> sizes_;  // each half of the one before
  std::shared_ptr<base::BufferPool> shards_;
  std::shared_ptr<std::atomic<std::int64_t>> leaves_;  // to read ahead
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_STRIPE_POOL_H_
