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
                        std::size_t size) {
  if (offset <= blob.size && size <= blob.size - offset) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidRange,
                     "{} bytes from {} of a blob of {}", size, offset,
                     blob.size);
}

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

}  // namespace cairn::set
