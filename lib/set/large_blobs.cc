#include "set/large_blobs.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "set/index_key.h"

namespace cairn::set {
namespace {

constexpr absl::Duration kSuspicion = absl::Seconds(30);

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

std::uint32_t UnitOf(const LargeBlobsContext& context) {
  if (context.unit != 0) return context.unit;
  const erasure::Geometry geometry = context.codec.geometry();
  return format::BlobUnitFor(geometry.data_shards, geometry.parity_shards);
}

bool IsDamage(const absl::Status& status) {
  return absl::IsNotFound(status) || CodeOf(status) == ErrorCode::kCorrupt;
}

}  // namespace

LargeBlobs::LargeBlobs(LargeBlobsContext context)
    : context_(std::move(context)),
      rooms_(context_.codec.geometry(), UnitOf(context_)),
      open_packs_({.executor = context_.executor,
                   .epoch = context_.committer.epoch(),
                   .random = context_.random,
                   .pack_size = context_.open_pack_size,
                   .drives = [this] { return WritingContext().drives; },
                   .is_writable =
                       [this](int position) { return IsServing(position); }}),
      writer_context_{
          .codec = context_.codec,
          .executor = context_.executor,
          .deployment = context_.deployment,
          .set = context_.set,
          .rooms = rooms_,
          .packs = &open_packs_,
          .begin = [this]() -> absl::StatusOr<BlobContext> {
            CAIRN_RETURN_IF_ERROR(context_.committer.CheckWritable());
            return WritingContext();
          },
          .check_room =
              [this](std::uint64_t size) {
                return context_.space.CheckPut(size);
              }} {}

bool LargeBlobs::IsSuspect(int position) const {
  return context_.executor.clock().Steady() < suspect_until_[Index(position)];
}

BlobContext LargeBlobs::MakeContext() const {
  BlobContext context{
      .codec = context_.codec,
      .executor = context_.executor,
      .scope = context_.requests,
      .rooms = rooms_,
      .deployment = context_.deployment,
      .set = context_.set,
      .is_writable = [this](int position) { return IsServing(position); },
      .hedge_delay = hedge_delay_,
      .naming_calls = naming_calls_};
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (context_.drives.at(p).drive == nullptr) continue;
    context.drives.push_back({.position = p,
                              .drive = context_.drives.at(p).drive,
                              .is_suspect = IsSuspect(p) || !IsServing(p)});
  }
  return context;
}

// A drive out of service may have files that others lack, and what it gives is
// verified; but it gets no new ones.
BlobContext LargeBlobs::WritingContext() {
  BlobContext context = MakeContext();
  std::erase_if(context.drives, [&](const BlobDrive& drive) {
    return !IsServing(drive.position);
  });
  context.report = [this](int position, const absl::Status& status) {
    OnWriteReport(position, status);
  };
  return context;
}

void LargeBlobs::OnWriteReport(int position, const absl::Status& status) {
  if (CodeOf(status) == ErrorCode::kDriveFailed) {
    context_.replicas.Fence(position);
  } else if (CodeOf(status) == ErrorCode::kUnavailable) {
    suspect_until_[Index(position)] =
        context_.executor.clock().Steady() + kSuspicion;
  }
}

// A read that fails says nothing of what the drive has promised.
void LargeBlobs::OnReadReport(const format::BlobId& id, int position,
                              const absl::Status& status) {
  if (IsDamage(status) || CodeOf(status) == ErrorCode::kDriveFailed) {
    context_.on_damage(id, position);
  } else {
    OnWriteReport(position, status);
  }
}

BlobContext LargeBlobs::ReadingContext(const format::BlobId& id) {
  BlobContext context = MakeContext();
  context.report = [this, id](int position, const absl::Status& status) {
    OnReadReport(id, position, status);
  };
  return context;
}

BlobContext LargeBlobs::HealingContext(int position) {
  BlobContext context = MakeContext();
  context.report = [this, position](int p, const absl::Status& status) {
    const bool is_late = CodeOf(status) == ErrorCode::kUnavailable;
    if (p == position || is_late) OnWriteReport(p, status);
  };
  return context;
}

base::Task<absl::StatusOr<std::optional<BlobEntry>>> LargeBlobs::Find(
    format::BlobId id) {
  base::Task<absl::StatusOr<std::optional<std::string>>> find =
      context_.entries.Find(KeyOfBlob(kBlobKey, id));
  const absl::StatusOr<std::optional<std::string>> entry = co_await find;
  if (!entry.ok()) co_return entry.status();
  if (!entry->has_value()) co_return std::optional<BlobEntry>();
  CAIRN_CO_ASSIGN_OR_RETURN(BlobEntry blob, DecodeBlobEntry(**entry));
  co_return std::optional<BlobEntry>(blob);
}

void LargeBlobs::Forget(const format::BlobId& id) {
  open_.erase(id);
  std::erase(order_, id);
}

void LargeBlobs::ForgetAll() {
  open_.clear();
  order_.clear();
}

void LargeBlobs::Remember(const format::BlobId& id, OpenBlobPtr blob) {
  if (!open_.emplace(id, std::move(blob)).second) return;
  order_.push_back(id);
  if (order_.size() > kOpenMax) Forget(format::BlobId(order_.front()));
}

base::Task<absl::StatusOr<OpenBlobPtr>> LargeBlobs::Open(format::BlobId id) {
  const auto known = open_.find(id);
  if (known != open_.end()) co_return known->second;
  base::Task<absl::StatusOr<std::optional<BlobEntry>>> find = Find(id);
  const absl::StatusOr<std::optional<BlobEntry>> entry = co_await find;
  if (!entry.ok()) co_return entry.status();
  if (!entry->has_value()) co_return absl::NotFoundError("the blob is gone");
  auto blob = std::make_shared<OpenBlob>(
      ReadingContext(id),
      StoredBlob{.id = id, .size = (*entry)->size, .place = (*entry)->place});
  Remember(id, blob);
  co_return blob;
}

base::Task<absl::Status> LargeBlobs::ReadOnce(format::BlobId id,
                                              std::uint64_t offset,
                                              base::MutableBytes into) {
  base::Task<absl::StatusOr<OpenBlobPtr>> open = Open(id);
  const absl::StatusOr<OpenBlobPtr> blob = co_await open;
  if (!blob.ok()) co_return blob.status();
  base::Task<absl::Status> read = (*blob)->Read(offset, into);
  co_return co_await read;
}

base::Task<absl::Status> LargeBlobStream::Open() {
  co_await base::OnStrand(blobs_.context_.executor);
  base::Task<absl::StatusOr<OpenBlobPtr>> open = blobs_.Open(id_);
  CAIRN_CO_ASSIGN_OR_RETURN(blob_, co_await open);
  stream_.emplace(*blob_, range_);
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<BlobPieces>> LargeBlobStream::Next() {
  if (!stream_) {
    base::Task<absl::Status> open = Open();
    CAIRN_CO_RETURN_IF_ERROR(co_await open);
  }
  base::Task<absl::StatusOr<BlobPieces>> next = stream_->Next();
  co_return co_await next;
}

// What fails is tried once more with what is known of the blob and the drives
// by then: it may have been removed in the meantime, or healed.
base::Task<absl::Status> LargeBlobs::Read(format::BlobId id,
                                          std::uint64_t offset,
                                          base::MutableBytes into) {
  co_await base::OnStrand(context_.executor);
  base::Task<absl::Status> first = ReadOnce(id, offset, into);
  const absl::Status status = co_await first;
  if (status.ok() || CodeOf(status) == ErrorCode::kInvalidRange) {
    co_return status;
  }
  Forget(id);
  base::Task<absl::Status> second = ReadOnce(id, offset, into);
  const absl::Status again = co_await second;
  if (!absl::IsNotFound(again)) co_return again;
  base::Task<absl::StatusOr<std::optional<BlobEntry>>> find = Find(id);
  const absl::StatusOr<std::optional<BlobEntry>> entry = co_await find;
  if (!entry.ok()) co_return entry.status();
  if (!entry->has_value()) co_return again;
  co_return base::Error(ErrorCode::kUnrecoverable,
                        "no drive has the files of a blob");
}

}  // namespace cairn::set
