// Stripes in a frame's shard section. FORMAT.md, section 5.

#ifndef CAIRN_LIB_FORMAT_STRIPE_H_
#define CAIRN_LIB_FORMAT_STRIPE_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "format/blob_id.h"

namespace cairn::format {

// A small blob in a frame: cut into `data` data shards of equal size, the last
// ones padded with zeros, and coded with parity. A drive's shard section holds,
// for each stripe in the order of the metadata:
//
//   offset  size        field
//        0     8        checksum  of the shard, bound to blob and position
//        8  ShardSize() shard
struct Stripe {
  BlobId blob;
  std::uint32_t size = 0;  // bytes of the blob, > 0

  friend bool operator==(const Stripe&, const Stripe&) = default;
};

inline constexpr std::size_t kShardChecksumSize = 8;

constexpr std::size_t ShardSize(std::size_t blob_size, int data_shards) {
  const auto data = static_cast<std::size_t>(data_shards);
  return base::AlignUp((blob_size + data - 1) / data, 8);
}

constexpr std::size_t ShardRecordSize(std::size_t blob_size, int data_shards) {
  return kShardChecksumSize + ShardSize(blob_size, data_shards);
}

std::uint64_t ShardChecksum(const BlobId& blob, int position,
                            base::Bytes shard);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_STRIPE_H_
