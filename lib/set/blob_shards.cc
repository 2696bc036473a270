#include "set/blob_shards.h"

#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"
#include "format/open_pack.h"
#include "set/slice_file.h"

namespace cairn::set {
namespace {

// A file that is too short is damaged.
absl::Status AsDamage(const absl::Status& read) {
  if (!absl::IsOutOfRange(read)) return read;
  return base::Error(ErrorCode::kCorrupt, "{}", std::string(read.message()));
}

}  // namespace

FrameRange FramesOf(const format::BlobShape& shape, std::uint64_t stripe) {
  return {.first = stripe * (shape.unit / format::kBlobFrameSize),
          .count = (shape.shard_size(stripe) + format::kBlobFrameSize - 1) /
                   format::kBlobFrameSize};
}

BlobShards::BlobShards(BlobContext context, format::BlobName name,
                       format::BlobShape shape, format::BlobPlace place)
    : context_(std::move(context)),
      name_(name),
      shape_(shape),
      place_(place),
      progress_(context_.executor) {
  for (const BlobDrive& source : context_.drives) {
    Shard& shard = At(source.position);
    shard.drive = source.drive;
    shard.is_late = source.is_suspect;
  }
}

std::shared_ptr<FrameRead> BlobShards::Read(int position, FrameRange frames) {
  CAIRN_CHECK(HasDrive(position));
  auto read = std::make_shared<FrameRead>();
  read->position = position;
  read->frames = frames;
  read->began = context_.executor.clock().Steady();
  context_.scope.Spawn(RunRead(shared_from_this(), read));
  return read;
}

base::Task<> BlobShards::RunRead(Self self, std::shared_ptr<FrameRead> read) {
  base::Task<absl::Status> reading = self->ReadInto(*read);
  read->status = co_await reading;
  read->is_pending = false;
  const absl::Duration taken =
      self->context_.executor.clock().Steady() - read->began;
  HedgeDelay& hedge_delay = *self->context_.hedge_delay;
  if (taken < hedge_delay.value()) self->At(read->position).is_late = false;
  if (read->status.ok()) hedge_delay.Observe(taken);
  self->progress_.Notify();
}

base::Task<absl::Status> BlobShards::ReadInto(FrameRead& read) {
  base::Task<absl::Status> opening = Open(read.position);
  CAIRN_CO_RETURN_IF_ERROR(co_await opening);
  const std::uint64_t last = read.frames.first + read.frames.count - 1;
  read.bytes = context_.rooms.TakeShard((read.frames.count - 1) *
                                            format::kBlobFrameSize +
                                        shape_.frame_size(last));
  absl::Status status = co_await drive::Read(
      *At(read.position).file, read.frames.first * format::kBlobFrameSize,
      read.bytes.bytes());
  status = status.ok() ? Verify(read) : AsDamage(status);
  if (!status.ok()) Report(read.position, status);
  co_return status;
}

absl::Status BlobShards::Verify(FrameRead& read) const {
  const format::BlobTable& table = At(read.position).table;
  absl::Status status;
  for (std::uint64_t i = 0; i < read.frames.count; ++i) {
    const std::uint64_t frame = read.frames.first + i;
    const base::Bytes bytes =
        base::Bytes(read.bytes.bytes())
            .subspan(i * format::kBlobFrameSize, shape_.frame_size(frame));
    const format::BlobFramePlace place{
        .name = name_, .position = read.position, .frame = frame};
    if (format::BlobFrameChecksum(place, bytes) == table[frame]) {
      read.valid |= std::uint64_t{1} << i;
    } else {
      status = base::Error(ErrorCode::kCorrupt,
                           "{}: frame {} of position {} is damaged",
                           NameOfShard(name_.id), frame, read.position);
    }
  }
  return status;
}

base::Task<absl::Status> BlobShards::Open(int position) {
  Shard& shard = At(position);
  while (shard.state == State::kOpening) co_await progress_;
  if (shard.state == State::kOpen) co_return absl::OkStatus();
  if (shard.state == State::kFailed) co_return shard.status;
  shard.state = State::kOpening;
  base::Task<absl::Status> opening = OpenFile(position);
  shard.status = AsAbsent(position, co_await opening);
  shard.state = shard.status.ok() ? State::kOpen : State::kFailed;
  // A position that was not sealed need not have it.
  const bool is_expected = IsSealed(position) || !IsNotFound(shard.status);
  if (!shard.status.ok() && is_expected) Report(position, shard.status);
  progress_.Notify();
  co_return shard.status;
}

// A slice that its drive never took is a hole in the pack.
absl::Status BlobShards::AsAbsent(int position, absl::Status opened) const {
  const bool is_hole = format::SliceOf(name_.id).has_value() &&
                       !IsSealed(position) &&
                       CodeOf(opened) == ErrorCode::kCorrupt;
  return is_hole ? absl::NotFoundError(opened.message()) : opened;
}

base::Task<absl::Status> BlobShards::OpenFile(int position) {
  Shard& shard = At(position);
  base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> open =
      OpenShard(*shard.drive, name_.id);
  auto file = co_await open;
  if (!file.ok()) co_return file.status();
  shard.file = *std::move(file);
  // One that was made for more bytes than came is longer.
  if (shard.file->size() < shape_.file_size()) {
    co_return base::Error(ErrorCode::kCorrupt,
                          "{} on position {}: {} bytes instead of {}",
                          NameOfShard(name_.id), position, shard.file->size(),
                          shape_.file_size());
  }
  base::AlignedBuffer footer(shape_.footer_size());
  const absl::Status read =
      co_await drive::Read(*shard.file, shape_.content_size(), footer.bytes());
  if (!read.ok()) co_return AsDamage(read);
  co_return TakeFooter(position, footer.bytes());
}

absl::Status BlobShards::TakeFooter(int position, base::Bytes bytes) {
  CAIRN_ASSIGN_OR_RETURN(format::BlobFooter footer,
                         format::DecodeBlobFooter(bytes));
  if (DigestOf(footer.manifest) != place_.digest ||
      footer.position != position || footer.manifest.name != name_ ||
      footer.manifest.shape != shape_) {
    return base::Error(ErrorCode::kCorrupt,
                       "{} on position {}: a footer of something else",
                       NameOfShard(name_.id), position);
  }
  if (!manifest_) manifest_ = footer.manifest;
  At(position).table = std::move(footer.table);
  return absl::OkStatus();
}

void BlobShards::Report(int position, const absl::Status& status) {
  context_.report(position, status);
}

void BlobShards::MarkLate(int position) {
  if (std::exchange(At(position).is_late, true)) return;
  Report(position,
         base::Error(ErrorCode::kUnavailable, "{}: position {} is late",
                     NameOfShard(name_.id), position));
}

void BlobShards::WakeAt(absl::Time time) {
  if (woken_at_ <= time) return;
  woken_at_ = time;
  alarm_ = base::Timer(context_.executor, time, [shards = weak_from_this()] {
    const Self self = shards.lock();
    if (self == nullptr) return;
    self->woken_at_ = absl::InfiniteFuture();
    self->progress_.Notify();
  });
}

}  // namespace cairn::set
