#include "set/local_store.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/status.h"
#include "format/entry.h"
#include "set/blob_entry.h"
#include "set/blob_writer.h"

namespace cairn::set {
namespace {

// Each set is one partition; object/ has placed the caller here.
absl::Status CheckPartition(storage::Partition partition) {
  if (partition == kPartition) return absl::OkStatus();
  return base::Error(ErrorCode::kInvalidArgument, "there is no partition {}",
                     partition);
}

class LocalBlobWriter : public storage::BlobWriter {
 public:
  explicit LocalBlobWriter(std::unique_ptr<BlobFileWriter> file)
      : file_(std::move(file)) {}

  base::Task<absl::Status> Append(base::Bytes bytes) override {
    return file_->Append(bytes);
  }

  base::Task<absl::StatusOr<storage::BlobRef>> Seal() override {
    base::Task<absl::StatusOr<format::BlobPlace>> seal = file_->Seal();
    CAIRN_CO_ASSIGN_OR_RETURN(const format::BlobPlace place, co_await seal);
    co_return storage::BlobRef{
        .id = file_->id(), .size = file_->size(), .place = EncodeSealed(place)};
  }

 private:
  std::unique_ptr<BlobFileWriter> file_;
};

absl::Status CheckRange(const storage::BlobRef& blob, std::uint64_t offset,
                        std::uint64_t size) {
  if (offset <= blob.size && size <= blob.size - offset) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidRange,
                     "{} bytes from {} of a blob of {}", size, offset,
                     blob.size);
}

// A blob that is small lies in one piece.
class LocalBlobStream : public storage::BlobStream {
 public:
  LocalBlobStream(LocalSet& set, storage::Partition partition,
                  storage::BlobRef blob, BlobRange range)
      : set_(set),
        partition_(partition),
        blob_(std::move(blob)),
        range_(range) {}

  base::Task<absl::StatusOr<storage::BlobPieces>> Next() override {
    if (!std::exchange(has_begun_, true)) {
      base::Task<absl::Status> begin = Begin();
      CAIRN_CO_RETURN_IF_ERROR(co_await begin);
    }
    if (large_ == nullptr) co_return std::exchange(small_, {});
    base::Task<absl::StatusOr<storage::BlobPieces>> next = large_->Next();
    co_return co_await next;
  }

 private:
  base::Task<absl::Status> Begin() {
    CAIRN_CO_RETURN_IF_ERROR(CheckPartition(partition_));
    CAIRN_CO_RETURN_IF_ERROR(CheckRange(blob_, range_.offset, range_.size));
    if (range_.size == 0) co_return absl::OkStatus();
    CAIRN_CO_ASSIGN_OR_RETURN(const format::Place place,
                              format::DecodePlace(blob_.place));
    if (std::holds_alternative<format::FilePlace>(place)) {
      large_ = set_.StreamLargeBlob(blob_.id, range_);
      co_return absl::OkStatus();
    }
    base::Task<absl::StatusOr<index::BlobHandle>> read =
        set_.ReadSmallBlob(blob_);
    CAIRN_CO_ASSIGN_OR_RETURN(const index::BlobHandle small, co_await read);
    CAIRN_CHECK(small->bytes().size() == blob_.size);
    small_ = {.pieces = {small->bytes().subspan(range_.offset, range_.size)},
              .owner = small};
    co_return absl::OkStatus();
  }

  LocalSet& set_;
  const storage::Partition partition_;
  const storage::BlobRef blob_;
  const BlobRange range_;
  bool has_begun_ = false;
  storage::BlobPieces small_;
  std::unique_ptr<LargeBlobStream> large_;
};

}  // namespace

base::Task<absl::Status> LocalStore::Commit(storage::Partition partition,
                                            storage::Batch batch) {
  CAIRN_CO_RETURN_IF_ERROR(CheckPartition(partition));
  base::Task<absl::Status> commit = set_.Commit(std::move(batch));
  co_return co_await commit;
}

base::Task<absl::StatusOr<storage::ReadResult>> LocalStore::Read(
    storage::Partition partition, storage::ReadRequest request) {
  CAIRN_CO_RETURN_IF_ERROR(CheckPartition(partition));
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      set_.Read(std::move(request));
  co_return co_await read;
}

base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>>
LocalStore::Create(storage::Partition partition,
                   std::optional<std::uint64_t> size) {
  CAIRN_CO_RETURN_IF_ERROR(CheckPartition(partition));
  co_return std::make_unique<LocalBlobWriter>(
      set_.CreateLargeBlob({.id = set_.NewBlobId(), .size_expected = size}));
}

base::Task<absl::Status> LocalStore::Read(storage::Partition partition,
                                          storage::BlobRef blob,
                                          std::uint64_t offset,
                                          base::MutableBytes into) {
  CAIRN_CO_RETURN_IF_ERROR(CheckPartition(partition));
  CAIRN_CO_RETURN_IF_ERROR(CheckRange(blob, offset, into.size()));
  CAIRN_CO_ASSIGN_OR_RETURN(const format::Place place,
                            format::DecodePlace(blob.place));
  if (std::holds_alternative<format::FilePlace>(place)) {
    base::Task<absl::Status> read = set_.ReadLargeBlob(blob.id, offset, into);
    co_return co_await read;
  }
  base::Task<absl::StatusOr<index::BlobHandle>> read = set_.ReadSmallBlob(blob);
  CAIRN_CO_ASSIGN_OR_RETURN(const index::BlobHandle small, co_await read);
  CAIRN_CHECK(small->bytes().size() == blob.size);
  std::ranges::copy(small->bytes().subspan(offset, into.size()), into.begin());
  co_return absl::OkStatus();
}

std::unique_ptr<storage::BlobStream> LocalStore::Stream(
    storage::Partition partition, storage::BlobRef blob, std::uint64_t offset,
    std::uint64_t size) {
  return std::make_unique<LocalBlobStream>(
      set_, partition, std::move(blob),
      BlobRange{.offset = offset, .size = size});
}

}  // namespace cairn::set
