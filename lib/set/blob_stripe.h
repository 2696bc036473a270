// A stripe of a large blob on its way to the drives.

#ifndef CAIRN_LIB_SET_BLOB_STRIPE_H_
#define CAIRN_LIB_SET_BLOB_STRIPE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "base/bytes.h"
#include "erasure/codec.h"
#include "format/blob_file.h"

namespace cairn::set {

// Room for one stripe: the data shards, so that their bytes lie as in the blob,
// then the parity shards.
class BlobStripe {
 public:
  // `unit` is the largest size of its shards, for all of which `room` has room.
  BlobStripe(erasure::Geometry geometry, std::size_t unit,
             base::AlignedBuffer room)
      : data_shards_(static_cast<std::size_t>(geometry.data_shards)),
        unit_(unit),
        shard_size_(unit),
        room_(std::move(room)) {}

  base::MutableBytes data() {
    return room_.bytes().first(data_shards_ * unit_);
  }

  // Makes every shard as short as the last stripe's; `unit` at first.
  void SetShardSize(std::size_t size) { shard_size_ = size; }
  std::size_t shard_size() const { return shard_size_; }

  base::MutableBytes shard(std::size_t position) {
    const std::size_t begin =
        position < data_shards_
            ? position * shard_size_
            : data_shards_ * unit_ + (position - data_shards_) * shard_size_;
    return room_.bytes().subspan(begin, shard_size_);
  }

  // On the strand, while it is written.
  std::uint64_t offset = 0;   // of its shards in their files
  std::uint32_t pending = 0;  // positions that are not done: bit i for i
  absl::Time began;

 private:
  std::size_t data_shards_;
  std::size_t unit_;
  std::size_t shard_size_;
  base::AlignedBuffer room_;
};

// Codes the stripes of one blob, in their order, and keeps the checksums of
// their frames.
//
// Thread safety: one thread at a time.
// Limits:        8 bytes for each frame of each position.
class BlobCoder {
 public:
  BlobCoder(const erasure::Codec& codec, const format::BlobName& name);

  // Copies `rest` behind the first `filled` bytes of the stripe's data, which
  // it fills, codes the parity and takes the checksums: all in one pass, a
  // frame of each shard at a time, so that the bytes stay in the cache.
  void Code(BlobStripe& stripe, std::size_t filled, base::Bytes rest);

  // Of the frames coded so far, for each position.
  std::vector<format::BlobTable>& tables() { return tables_; }

 private:
  const erasure::Codec& codec_;
  format::BlobName name_;
  std::vector<format::BlobTable> tables_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_STRIPE_H_
