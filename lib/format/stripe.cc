#include "format/stripe.h"

#include "digest/checksum.h"

namespace cairn::format {

std::uint64_t ShardChecksum(const BlobId& blob, int position,
                            base::Bytes shard) {
  return digest::Checksum64(
      shard, digest::Identity({blob.epoch, blob.random, blob.counter,
                               static_cast<std::uint64_t>(position)}));
}

}  // namespace cairn::format
