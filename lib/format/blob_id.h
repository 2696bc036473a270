// The name of a blob.

#ifndef CAIRN_LIB_FORMAT_BLOB_ID_H_
#define CAIRN_LIB_FORMAT_BLOB_ID_H_

#include <compare>
#include <cstdint>

namespace cairn::format {

// Identifies a blob for ever; never reused. The epoch and the counter order
// blobs by when they were begun, which is what the collection of orphans goes
// by; the random part tells apart what two openers of one epoch began.
struct BlobId {
  std::uint32_t epoch = 0;
  std::uint32_t random = 0;
  std::uint64_t counter = 0;

  friend auto operator<=>(const BlobId&, const BlobId&) = default;
};

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_BLOB_ID_H_
