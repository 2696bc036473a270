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
#include "format/open_pack.h"
#include "set/blob_shards.h"
#include "set/blob_stripe.h"
#include "set/blob_stripe_read.h"
#include "set/blob_upload.h"
#include "set/new_file.h"
#include "set/patience.h"
#include "set/slice_file.h"

namespace cairn::set {
namespace {

// Counts a call until the drive answers, however late.
class Underway {
 public:
  Underway(std::shared_ptr<NamingCalls> calls, int position)
      : calls_(std::move(calls)),
        count_((*calls_)[static_cast<std::size_t>(position)]) {
    ++count_;
  }
  Underway(const Underway&) = delete;
  Underway& operator=(const Underway&) = delete;
  ~Underway() { --count_; }

 private:
  const std::shared_ptr<NamingCalls> calls_;
  int& count_;
};

base::Task<absl::Status> RunCall(std::shared_ptr<NamingCalls> calls,
                                 int position, drive::StatusCallback what) {
  const Underway underway(std::move(calls), position);
  co_return co_await what;
}

// What the call says, or kUnavailable when it takes too long.
base::Task<absl::Status> InTime(const BlobContext& context, int position,
                                drive::StatusCallback what) {
  base::Task<std::optional<absl::Status>> wait =
      WaitFor({.executor = context.executor,
               .scope = context.scope,
               .limit = context.deadlines.write},
              RunCall(context.naming_calls, position, std::move(what)));
  const std::optional<absl::Status> ended = co_await wait;
  if (ended.has_value()) co_return *ended;
  co_return base::Error(ErrorCode::kUnavailable, "a drive is late");
}

// A call of the drive that is healed; reports what fails.
base::Task<absl::Status> Call(const BlobContext& context, BlobDrive to,
                              drive::StatusCallback what) {
  if (!context.is_writable(to.position)) {
    co_return base::Error(ErrorCode::kDriveFailed,
                          "the drive of position {} has failed", to.position);
  }
  base::Task<absl::Status> calling =
      InTime(context, to.position, std::move(what));
  absl::Status status = co_await calling;
  if (!status.ok() && !absl::IsNotFound(status)) {
    context.report(to.position, status);
  }
  co_return status;
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
  BlobFilling(const BlobContext& context, const StoredBlob& blob, BlobDrive to,
              ShardMaker make)
      : context_(context),
        name_{.deployment = context.deployment,
              .set = context.set,
              .id = blob.id},
        shape_(blob.place.ShapeOf(blob.size)),
        to_(to),
        shards_(std::make_shared<BlobShards>(Sources(context, to.position),
                                             name_, shape_, blob.place)),
        upload_(std::make_shared<BlobUpload>(
            OnlyTo(context, to),
            BlobUpload::Options{.name = NameOfShard(blob.id),
                                .make = std::move(make)})) {}

  base::Task<ShardFill> Run();

 private:
  base::Task<ShardFill> FillStripe(std::uint64_t stripe);
  base::Task<absl::Status> Seal();
  absl::Status CheckChecksums() const;
  void TakeChecksums(base::Bytes shard);
  std::shared_ptr<BlobStripe> StripeOf(base::Bytes shard) const;

  const BlobContext& context_;
  format::BlobName name_;
  format::BlobShape shape_;
  BlobDrive to_;
  std::shared_ptr<BlobShards> shards_;
  std::shared_ptr<BlobUpload> upload_;
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

std::shared_ptr<BlobStripe> BlobFilling::StripeOf(base::Bytes shard) const {
  auto stripe = std::make_shared<BlobStripe>(
      erasure::Geometry{.data_shards = 1, .parity_shards = 0}, shard.size(),
      context_.rooms.TakeShard(shard.size()));
  std::memcpy(stripe->data().data(), shard.data(), shard.size());
  return stripe;
}

base::Task<ShardFill> BlobFilling::FillStripe(std::uint64_t stripe) {
  std::vector<StripePart> parts = {
      {.position = to_.position, .frames = FramesOf(shape_, stripe)}};
  BlobStripeRead read(shards_, std::move(parts));
  auto reading = read.Run();
  const auto bytes = co_await reading;
  if (!bytes.ok()) co_return ShardFill{.sources = bytes.status()};
  const base::Bytes shard = bytes->parts.front();
  TakeChecksums(shard);
  upload_->Write(StripeOf(shard));
  base::Task<absl::Status> waiting = upload_->AwaitRoom();
  absl::Status written = co_await waiting;
  co_return ShardFill{.target = std::move(written)};
}

absl::Status BlobFilling::CheckChecksums() const {
  const auto position = static_cast<std::size_t>(to_.position);
  if (format::DigestOf(table_) ==
      shards_->manifest()->table_digests[position]) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kCorrupt,
                     "{}: what was decoded for position {} is not what was "
                     "sealed",
                     NameOfShard(name_.id), to_.position);
}

base::Task<absl::Status> BlobFilling::Seal() {
  std::vector<base::AlignedBuffer> footers;
  footers.push_back(Encode(format::BlobFooter{.manifest = *shards_->manifest(),
                                              .position = to_.position,
                                              .table = table_}));
  auto sealing = upload_->Seal(nullptr, std::move(footers));
  co_return (co_await sealing).status();
}

base::Task<ShardFill> BlobFilling::Run() {
  upload_->Create();
  for (std::uint64_t i = 0; i < shape_.stripe_count(); ++i) {
    base::Task<ShardFill> filling = FillStripe(i);
    ShardFill filled = co_await filling;
    if (!filled.ok()) co_return filled;
  }
  absl::Status checked = CheckChecksums();
  if (!checked.ok()) co_return ShardFill{.sources = std::move(checked)};
  base::Task<absl::Status> sealing = Seal();
  absl::Status sealed = co_await sealing;
  co_return ShardFill{.target = std::move(sealed)};
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
                            NameOfShard(shards->name().id), read->position);
    }
    shards->WakeAt(end);
    co_await shards->progress();
  }
  co_return read->status;
}

base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> RunCreate(
    std::shared_ptr<NamingCalls> calls, BlobDrive to, std::string path) {
  const Underway underway(std::move(calls), to.position);
  auto create = CreateNew(*to.drive, std::move(path));
  co_return co_await create;
}

// What is late acts on names: it would meet the files of the next attempt.
absl::Status CheckNothingIsLate(const BlobContext& context, BlobDrive to) {
  if ((*context.naming_calls)[static_cast<std::size_t>(to.position)] == 0) {
    return absl::OkStatus();
  }
  absl::Status late =
      base::Error(ErrorCode::kUnavailable,
                  "position {} has not answered an earlier call", to.position);
  context.report(to.position, late);
  return late;
}

// A file of its own is made beside the old one.
base::Task<absl::Status> FillFile(const BlobContext& context,
                                  const StoredBlob& blob, BlobDrive to) {
  const std::string path = format::BlobPath(blob.id);
  const std::string temporary = path + ".new";
  CAIRN_CO_RETURN_IF_ERROR(CheckNothingIsLate(context, to));
  base::Task<absl::Status> removing =
      Call(context, to, drive::Remove(*to.drive, temporary));
  const absl::Status removed = co_await removing;
  if (!removed.ok() && !absl::IsNotFound(removed)) co_return removed;
  BlobFilling filling(context, blob, to,
                      [calls = context.naming_calls, to, temporary](BlobDrive) {
                        return RunCreate(calls, to, temporary);
                      });
  base::Task<ShardFill> running = filling.Run();
  const ShardFill filled = co_await running;
  CAIRN_CO_RETURN_IF_ERROR(filled.status());
  base::Task<absl::Status> renaming =
      Call(context, to, drive::Rename(*to.drive, temporary, path));
  const absl::Status renamed = co_await renaming;
  if (!absl::IsNotFound(renamed)) co_return renamed;
  co_return base::Error(ErrorCode::kUnavailable, "{} is gone", temporary);
}

// A slice whose file is synced by others.
class UnsyncedSlice : public SliceFile {
 public:
  UnsyncedSlice(base::Executor& executor, std::shared_ptr<drive::File> file,
                const format::Slice& slice)
      : SliceFile(std::move(file), slice), executor_(executor) {}

  void Sync(drive::Done done) override {
    executor_.Post([done = std::move(done)]() mutable {
      std::move(done)(absl::OkStatus());
    });
  }

 private:
  base::Executor& executor_;
};

base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> OpenUnsynced(
    base::Executor& executor, std::shared_ptr<drive::File> file,
    format::Slice slice) {
  co_return std::make_unique<UnsyncedSlice>(executor, std::move(file), slice);
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
  if (!format::SliceOf(blob.id).has_value()) {
    base::Task<absl::Status> filling = FillFile(context, blob, to);
    co_return co_await filling;
  }
  BlobFilling filling(context, blob, to, [id = blob.id](BlobDrive target) {
    return OpenShard(*target.drive, id);
  });
  base::Task<ShardFill> running = filling.Run();
  const ShardFill filled = co_await running;
  co_return filled.status();
}

base::Task<ShardFill> FillSlice(BlobContext context, StoredBlob blob,
                                BlobDrive to,
                                std::shared_ptr<drive::File> pack_file) {
  absl::Status checked = CheckShape(context, blob);
  if (!checked.ok()) co_return ShardFill{.sources = std::move(checked)};
  BlobFilling filling(
      context, blob, to,
      [&executor = context.executor, file = std::move(pack_file),
       slice = *format::SliceOf(blob.id)](BlobDrive) {
        return OpenUnsynced(executor, file, slice);
      });
  base::Task<ShardFill> running = filling.Run();
  co_return co_await running;
}

}  // namespace cairn::set
