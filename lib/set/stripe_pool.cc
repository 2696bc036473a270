#include "set/stripe_pool.h"

#include "base/check.h"
#include "format/blob_file.h"

namespace cairn::set {
namespace {

std::shared_ptr<base::BufferPool> PoolOf(std::size_t size) {
  return std::make_shared<base::BufferPool>(base::BufferPool::Options{
      .size = size, .idle_max = StripePool::kIdleMax});
}

}  // namespace

StripePool::StripePool(erasure::Geometry geometry, std::uint32_t unit)
    : geometry_(geometry),
      unit_(unit),
      data_shards_(static_cast<std::size_t>(geometry.data_shards)),
      shards_(PoolOf(unit)),
      leaves_(std::make_shared<std::atomic<std::int64_t>>(kReadAheadMax /
                                                          stripe_size())) {
  CAIRN_CHECK(unit > 0 && unit % format::kBlobFrameSize == 0);
  const auto total = static_cast<std::size_t>(geometry.total_shards());
  while (true) {
    sizes_.push_back({.unit = unit, .pool = PoolOf(unit * total)});
    unit /= 2;
    if (unit == 0 || unit % format::kBlobFrameSize != 0) break;
  }
}

std::shared_ptr<BlobStripe> StripePool::Take(std::size_t size) const {
  CAIRN_CHECK(size <= stripe_size());
  const Size* taken = &sizes_.front();
  for (const Size& smaller : sizes_) {
    if (smaller.unit * data_shards_ >= size) taken = &smaller;
  }
  return std::make_shared<BlobStripe>(geometry_, taken->unit,
                                      taken->pool->Take());
}

std::shared_ptr<const void> StripePool::TakeLeaveToReadAhead() const {
  const auto give_back = [leaves = leaves_](const void*) {
    leaves->fetch_add(1);
  };
  const bool has_one = leaves_->fetch_sub(1) > 0;
  std::shared_ptr<const void> leave(this, give_back);
  return has_one ? leave : nullptr;
}

base::AlignedBuffer StripePool::TakeShard(std::size_t size) const {
  return size == unit_ ? shards_->Take() : base::AlignedBuffer(size);
}

}  // namespace cairn::set
