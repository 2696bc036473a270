#include "set/blob_heal.h"

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "drive/file_task.h"
#include "format/blob_file.h"
#include "set/blob_shards.h"
#include "set/blob_stripe.h"
#include "set/blob_stripe_read.h"
#include "set/blob_upload.h"
#include "set/patience.h"

namespace cairn::set {
namespace {

base::Task<absl::Status> RunCall(drive::StatusCallback what) {
  co_return co_await what;
}

// What the call says, or kUnavailable when it takes too long.
base::Task<absl::Status> InTime(const BlobContext& context,
                                drive::StatusCallback what) {
  base::Task<std::optional<absl::Status>> wait =
      WaitFor({.executor = context.executor,
               .scope = context.scope,
               .limit = context.deadlines.write},
              RunCall(std::move(what)));
  const std::optional<absl::Status> ended = co_await wait;
  if (ended.has_value()) co_return *ended;
  co_return base::Error(ErrorCode::kUnavailable, "a drive is late");
}

// The context of reading while a position is healed: that its old file cannot
// be read, or what is wrong with it, is no news and says nothing of the drive.
BlobContext Sources(BlobContext context, int healed) {
  context.report = [report = std::move(context.report), healed](
                       int position, const absl::Status& status) {
    const bool is_late = CodeOf(status) == ErrorCode::kUnavailable;
    if (position != healed || is_late) report(position, status);
  };
  return context;
}

// The context of writing to one drive, whose stripes are shards.
BlobContext OnlyTo(BlobContext context, BlobDrive to) {
  context.report = [report = std::move(context.report), position = to.position](
                       int, const absl::Status& status) {
    report(position, status);
  };
  context.is_writable = [is_writable = std::move(context.is_writable),
                         position = to.position](int) {
    return is_writable(position);
  };
  context.drives = {{.position = 0, .drive = to.drive}};
  return context;
}

class BlobFilling {
 public:
  BlobFilling(const BlobContext& context, const StoredBlob& blob, BlobDrive to)
      : context_(context),
        name_{.deployment = context.deployment,
              .set = context.set,
              .id = blob.id},
        shape_(blob.place.ShapeOf(blob.size)),
        to_(to),
        path_(format::BlobPath(blob.id)),
        shards_(std::make_shared<BlobShards>(Sources(context, to.position),
                                             name_, shape_, blob.place)),
        upload_(std::make_shared<BlobUpload>(
            OnlyTo(context, to),
            BlobUpload::Options{
                .path = temporary(),
                .geometry = {.data_shards = 1, .parity_shards = 0},
                .unit = shape_.unit})),
        room_(upload_->MakeRoom()) {}

  base::Task<absl::Status> Run();

 private:
  std::string temporary() const { return path_ + ".new"; }
  base::Task<absl::Status> FillStripe(std::uint64_t stripe);
  base::Task<absl::Status> Seal();
  // A call of the drive that is healed; reports what fails.
  base::Task<absl::Status> Call(drive::StatusCallback what);
  void TakeChecksums(base::Bytes shard);

  const BlobContext& context_;
  format::BlobName name_;
  format::BlobShape shape_;
  BlobDrive to_;
  std::string path_;
  std::shared_ptr<BlobShards> shards_;
  std::shared_ptr<BlobUpload> upload_;
  std::shared_ptr<BlobStripe> room_;
  format::BlobTable table_;
};

void BlobFilling::TakeChecksums(base::Bytes shard) {
  while (!shard.empty()) {
    const format::BlobFramePlace place{
        .name = name_, .position = to_.position, .frame = table_.size()};
    const std::size_t size = shape_.frame_size(place.frame);
    table_.push_back(format::BlobFrameChecksum(place, shard.first(size)));
    shard = shard.subspan(size);
  }
}

base::Task<absl::Status> BlobFilling::Call(drive::StatusCallback what) {
  if (!context_.is_writable(to_.position)) {
    co_return base::Error(ErrorCode::kDriveFailed,
                          "the drive of position {} has failed", to_.position);
  }
  base::Task<absl::Status> calling = InTime(context_, std::move(what));
  absl::Status status = co_await calling;
  if (!status.ok() && !absl::IsNotFound(status)) {
    context_.report(to_.position, status);
  }
  co_return status;
}

base::Task<absl::Status> BlobFilling::FillStripe(std::uint64_t stripe) {
  std::vector<StripePart> parts = {
      {.position = to_.position, .frames = FramesOf(shape_, stripe)}};
  BlobStripeRead read(shards_, std::move(parts));
  auto reading = read.Run();
  const auto bytes = co_await reading;
  if (!bytes.ok()) co_return bytes.status();
  const base::Bytes shard = bytes->parts.front();
  TakeChecksums(shard);
  room_->SetShardSize(shard.size());
  std::memcpy(room_->data().data(), shard.data(), shard.size());
  upload_->Write(std::move(room_));
  auto taking = upload_->TakeRoom();
  auto room = co_await taking;
  if (!room.ok()) co_return room.status();
  room_ = *std::move(room);
  co_return absl::OkStatus();
}

base::Task<absl::Status> BlobFilling::Seal() {
  const format::BlobManifest& manifest = *shards_->manifest();
  const auto position = static_cast<std::size_t>(to_.position);
  if (format::DigestOf(table_) != manifest.table_digests[position]) {
    co_return base::Error(ErrorCode::kCorrupt,
                          "{}: what was decoded for position {} is not what "
                          "was sealed",
                          path_, to_.position);
  }
  std::vector<base::AlignedBuffer> footers;
  footers.push_back(Encode(format::BlobFooter{
      .manifest = manifest, .position = to_.position, .table = table_}));
  auto sealing = upload_->Seal(std::move(footers));
  const auto sealed = co_await sealing;
  if (!sealed.ok()) co_return sealed.status();
  base::Task<absl::Status> renaming =
      Call(drive::Rename(*to_.drive, temporary(), path_));
  co_return co_await renaming;
}

base::Task<absl::Status> BlobFilling::Run() {
  base::Task<absl::Status> removing =
      Call(drive::Remove(*to_.drive, temporary()));
  const absl::Status removed = co_await removing;
  if (!removed.ok() && !absl::IsNotFound(removed)) co_return removed;
  upload_->Create();
  for (std::uint64_t i = 0; i < shape_.stripe_count(); ++i) {
    base::Task<absl::Status> filling = FillStripe(i);
    CAIRN_CO_RETURN_IF_ERROR(co_await filling);
  }
  base::Task<absl::Status> sealing = Seal();
  co_return co_await sealing;
}

// Goes on when the read has ended, or at the read deadline.
base::Task<absl::Status> Ended(std::shared_ptr<BlobShards> shards,
                               std::shared_ptr<FrameRead> read) {
  const BlobContext& context = shards->context();
  const absl::Time end = read->began + context.deadlines.read;
  while (read->is_pending) {
    if (context.executor.clock().Steady() >= end) {
      shards->MarkLate(read->position);
      co_return base::Error(ErrorCode::kUnavailable, "{}: position {} is late",
                            format::BlobPath(shards->name().id),
                            read->position);
    }
    shards->WakeAt(end);
    co_await shards->progress();
  }
  co_return read->status;
}

}  // namespace

base::Task<absl::Status> ScrubBlob(BlobContext context, StoredBlob blob,
                                   int position) {
  CAIRN_CO_RETURN_IF_ERROR(CheckShape(context, blob));
  const format::BlobName name{
      .deployment = context.deployment, .set = context.set, .id = blob.id};
  const format::BlobShape shape = blob.place.ShapeOf(blob.size);
  const auto shards =
      std::make_shared<BlobShards>(std::move(context), name, shape, blob.place);
  if (!shards->HasDrive(position)) {
    co_return base::Error(ErrorCode::kUnavailable, "position {} has no drive",
                          position);
  }
  for (std::uint64_t i = 0; i < shape.stripe_count(); ++i) {
    const auto read = shards->Read(position, FramesOf(shape, i));
    base::Task<absl::Status> ending = Ended(shards, read);
    CAIRN_CO_RETURN_IF_ERROR(co_await ending);
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> FillBlob(BlobContext context, StoredBlob blob,
                                  BlobDrive to) {
  CAIRN_CO_RETURN_IF_ERROR(CheckShape(context, blob));
  BlobFilling filling(context, blob, to);
  base::Task<absl::Status> running = filling.Run();
  co_return co_await running;
}

}  // namespace cairn::set
