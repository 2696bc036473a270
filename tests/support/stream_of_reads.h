// A BlobStream for stores whose reads cost nothing.

#ifndef CAIRN_TESTS_SUPPORT_STREAM_OF_READS_H_
#define CAIRN_TESTS_SUPPORT_STREAM_OF_READS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "storage/blob_store.h"

namespace cairn::support {

// Reads pieces of a blob from a store, one after the other, each when it is
// asked for.
class StreamOfReads : public storage::BlobStream {
 public:
  static constexpr std::uint64_t kPieceSizeMax = 30'000;

  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  StreamOfReads(storage::BlobStore& store, storage::Partition partition,
                storage::BlobRef blob, Range range)
      : store_(store),
        partition_(partition),
        blob_(std::move(blob)),
        offset_(range.offset),
        left_(range.size) {}

  base::Task<absl::StatusOr<storage::BlobPieces>> Next() override {
    if (left_ > blob_.size) {
      co_return base::Error(ErrorCode::kInvalidRange, "outside of the blob");
    }
    const std::uint64_t size = std::min(left_, kPieceSizeMax);
    const auto bytes = std::make_shared<std::vector<std::byte>>(size);
    base::Task<absl::Status> read =
        store_.Read(partition_, blob_, offset_, *bytes);
    CAIRN_CO_RETURN_IF_ERROR(co_await read);
    offset_ += size;
    left_ -= size;
    storage::BlobPieces pieces{.owner = bytes};
    if (size > 0) pieces.pieces.push_back(*bytes);
    co_return pieces;
  }

 private:
  storage::BlobStore& store_;
  const storage::Partition partition_;
  const storage::BlobRef blob_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_STREAM_OF_READS_H_
