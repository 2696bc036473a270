#include "set/blob_upload.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {
namespace {

std::uint32_t BitOf(int position) { return std::uint32_t{1} << position; }

}  // namespace

BlobUpload::BlobUpload(BlobContext context, Options options)
    : context_(std::move(context)),
      options_(std::move(options)),
      progress_(context_.executor) {
  for (const BlobDrive& target : context_.drives) {
    Lane lane;
    lane.target = target;
    lanes_.push_back(std::move(lane));
  }
}

base::Task<> BlobUpload::CreateOn(Self self, Lane& lane) {
  if (!self->IsUsable(lane)) {
    lane.is_creating = false;
    co_return;
  }
  base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> make =
      self->options_.make(lane.target);
  auto file = co_await make;
  lane.is_creating = false;
  if (file.ok()) {
    lane.file = *std::move(file);
  } else {
    self->Fail(lane, file.status());
  }
  self->progress_.Notify();
}

base::Task<> BlobUpload::WriteOn(Self self, Lane& lane,
                                 std::shared_ptr<BlobStripe> stripe) {
  while (lane.is_creating && lane.status.ok()) co_await self->progress_;
  if (self->IsUsable(lane)) {
    const auto position = static_cast<std::size_t>(lane.target.position);
    const absl::Status written = co_await drive::Write(
        *lane.file, stripe->offset, stripe->shard(position));
    if (!written.ok()) self->Fail(lane, written);
  }
  stripe->pending &= ~BitOf(lane.target.position);
  --lane.writes;
  self->progress_.Notify();
}

base::Task<> BlobUpload::SealOn(Self self, Lane& lane,
                                std::shared_ptr<BlobStripe> last,
                                base::AlignedBuffer footer) {
  while ((lane.is_creating || lane.writes > 0) && lane.status.ok()) {
    co_await self->progress_;
  }
  if (!self->IsUsable(lane)) {
    self->progress_.Notify();
    co_return;
  }
  const auto position = static_cast<std::size_t>(lane.target.position);
  const base::Bytes shard =
      last == nullptr ? base::Bytes() : last->shard(position);
  const absl::Status written =
      co_await drive::Write(*lane.file, self->size_, shard, footer.bytes());
  if (!written.ok()) {
    self->Fail(lane, written);
  } else if (self->IsUsable(lane)) {
    const absl::Status synced = co_await drive::Sync(*lane.file);
    if (!synced.ok()) self->Fail(lane, synced);
    lane.is_sealed = synced.ok();
  }
  self->progress_.Notify();
}

void BlobUpload::Fail(Lane& lane, const absl::Status& status) {
  if (!lane.status.ok()) return;
  lane.status = status;
  context_.report(lane.target.position, status);
}

bool BlobUpload::IsUsable(Lane& lane) {
  const int position = lane.target.position;
  if (lane.status.ok() && !context_.is_writable(position)) {
    Fail(lane, base::Error(ErrorCode::kDriveFailed,
                           "the drive of position {} has failed", position));
  }
  return lane.status.ok();
}

void BlobUpload::Create() {
  for (Lane& lane : lanes_) {
    context_.scope.Spawn(CreateOn(shared_from_this(), lane));
  }
}

void BlobUpload::Write(std::shared_ptr<BlobStripe> stripe) {
  CAIRN_CHECK(stripes_.size() < kStripesMax);
  stripe->offset = size_;
  stripe->began = context_.executor.clock().Steady();
  stripe->pending = 0;
  size_ += stripe->shard_size();
  stripes_.push_back(stripe);
  for (Lane& lane : lanes_) {
    if (!lane.status.ok()) continue;
    stripe->pending |= BitOf(lane.target.position);
    ++lane.writes;
    context_.scope.Spawn(WriteOn(shared_from_this(), lane, stripe));
  }
}

base::Task<absl::Status> BlobUpload::AwaitRoom() {
  if (stripes_.size() < kStripesMax) co_return CheckQuorum();
  const std::shared_ptr<BlobStripe> stripe = stripes_.front();
  Step step{.is_done =
                [stripe](const Lane& lane) {
                  return (stripe->pending & BitOf(lane.target.position)) == 0;
                },
            .began = stripe->began};
  base::Task<absl::Status> written = Await(std::move(step));
  CAIRN_CO_RETURN_IF_ERROR(co_await written);
  stripes_.pop_front();
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<std::uint32_t>> BlobUpload::Seal(
    std::shared_ptr<BlobStripe> last,
    std::vector<base::AlignedBuffer> footers) {
  for (Lane& lane : lanes_) {
    const auto position = static_cast<std::size_t>(lane.target.position);
    context_.scope.Spawn(
        SealOn(shared_from_this(), lane, last, std::move(footers[position])));
  }
  Step step{.is_done = [](const Lane& lane) { return lane.is_sealed; },
            .began = context_.executor.clock().Steady()};
  base::Task<absl::Status> sealed = Await(std::move(step));
  CAIRN_CO_RETURN_IF_ERROR(co_await sealed);
  std::uint32_t positions = 0;
  for (const Lane& lane : lanes_) {
    if (lane.is_sealed) positions |= BitOf(lane.target.position);
  }
  co_return positions;
}

absl::Status BlobUpload::CheckQuorum() const {
  int count = 0;
  bool is_full = false;
  for (const Lane& lane : lanes_) {
    count += lane.status.ok() ? 1 : 0;
    is_full = is_full || CodeOf(lane.status) == ErrorCode::kDriveFull;
  }
  if (count >= options_.quorum) return absl::OkStatus();
  return base::Error(is_full ? ErrorCode::kDriveFull : ErrorCode::kQuorumLost,
                     "{}: {} drives take it, {} are needed", options_.name,
                     count, options_.quorum);
}

void BlobUpload::DropLate(const Step& step) {
  for (Lane& lane : lanes_) {
    if (!lane.status.ok() || step.is_done(lane)) continue;
    Fail(lane, base::Error(ErrorCode::kUnavailable, "{}: drive {} is late",
                           options_.name, lane.target.drive->name()));
  }
  progress_.Notify();
}

void BlobUpload::WakeAt(absl::Time time) {
  if (woken_at_ <= time) return;
  woken_at_ = time;
  alarm_ = base::Timer(context_.executor, time, [upload = weak_from_this()] {
    const Self self = upload.lock();
    if (self == nullptr) return;
    self->woken_at_ = absl::InfiniteFuture();
    self->progress_.Notify();
  });
}

base::Task<absl::Status> BlobUpload::Await(Step step) {
  const base::Clock& clock = context_.executor.clock();
  absl::Time deadline = step.began + context_.deadlines.write;
  bool had_quorum = false;
  while (true) {
    CAIRN_CO_RETURN_IF_ERROR(CheckQuorum());
    int done = 0;
    int in_service = 0;
    for (const Lane& lane : lanes_) {
      if (!lane.status.ok()) continue;
      ++in_service;
      done += step.is_done(lane) ? 1 : 0;
    }
    if (done == in_service) co_return absl::OkStatus();
    if (done >= options_.quorum && !std::exchange(had_quorum, true)) {
      deadline =
          std::min(deadline, clock.Steady() + context_.deadlines.straggler);
    }
    if (clock.Steady() >= deadline) {
      DropLate(step);
      continue;
    }
    WakeAt(deadline);
    co_await progress_;
  }
}

}  // namespace cairn::set
