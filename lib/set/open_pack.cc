#include "set/open_pack.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"
#include "set/new_file.h"
#include "set/slice_file.h"

namespace cairn::set {

class OpenPack::SliceWriter : public SliceFile {
 public:
  SliceWriter(Self pack, Lane& lane, const format::Slice& slice)
      : SliceFile(lane.file, slice), pack_(std::move(pack)), lane_(lane) {}

  void Write(std::uint64_t offset, drive::Parts from,
             drive::Done done) override {
    ++lane_.writes;
    SliceFile::Write(offset, from,
                     [pack = pack_, &lane = lane_,
                      done = std::move(done)](absl::Status status) mutable {
                       --lane.writes;
                       if (!status.ok()) pack->Fail(lane, status);
                       std::move(done)(std::move(status));
                       pack->SyncWhenGathered(lane);
                     });
  }

  void Sync(drive::Done done) override { pack_->Sync(lane_, std::move(done)); }

 private:
  Self pack_;
  Lane& lane_;
};

OpenPack::OpenPack(Options options)
    : options_(std::move(options)), created_(options_.executor) {
  for (const BlobDrive& target : options_.drives) {
    Lane& lane = lanes_.emplace_back();
    lane.target = target;
  }
}

const OpenPack::Lane* OpenPack::FindLane(int position) const {
  const auto lane = std::ranges::find(
      lanes_, position,
      [](const Lane& candidate) { return candidate.target.position; });
  return lane == lanes_.end() ? nullptr : &*lane;
}

base::Task<> OpenPack::Create(Lane& lane) {
  lane.state = State::kCreating;
  base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> create =
      CreateNew(*lane.target.drive, format::OpenPackPath(id()), options_.size);
  auto file = co_await create;
  if (file.ok()) {
    lane.file = *std::move(file);
  } else {
    Fail(lane, file.status());
  }
  lane.state = State::kCreated;
  created_.Notify();
}

base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> OpenPack::Open(
    int position, format::Slice slice) {
  const Self self = shared_from_this();
  Lane* lane = nullptr;
  for (Lane& candidate : lanes_) {
    if (candidate.target.position == position) lane = &candidate;
  }
  CAIRN_CHECK(lane != nullptr);
  if (lane->state == State::kAbsent) {
    base::Task<> create = Create(*lane);
    co_await create;
  }
  while (lane->state == State::kCreating) co_await created_;
  if (!lane->status.ok()) co_return lane->status;
  co_return std::make_unique<SliceWriter>(self, *lane, slice);
}

void OpenPack::Fail(Lane& lane, const absl::Status& status) {
  if (lane.status.ok()) lane.status = status;
  has_failed_ = true;
}

void OpenPack::Sync(Lane& lane, drive::Done done) {
  lane.waiting.push_back(std::move(done));
  if (lane.is_syncing) return;
  if (lane.waiting.size() == 1) Gather(lane);
  SyncWhenGathered(lane);
}

void OpenPack::Gather(Lane& lane) {
  lane.gathers_until = base::Timer(
      options_.executor, options_.executor.clock().Steady() + kGatherTime,
      [weak = weak_from_this(), &lane] {
        const Self self = weak.lock();
        if (self != nullptr) self->StartSync(lane);
      });
}

void OpenPack::SyncWhenGathered(Lane& lane) {
  if (lane.is_syncing || lane.waiting.empty()) return;
  if (lane.writes > 0 && lane.waiting.size() < kSharersMax) return;
  StartSync(lane);
}

// A sync covers what was written before it began, so those who come while it is
// on its way wait for the next one.
void OpenPack::StartSync(Lane& lane) {
  lane.gathers_until = {};
  const int position = lane.target.position;
  if (lane.status.ok() && !options_.is_writable(position)) {
    Fail(lane, base::Error(ErrorCode::kDriveFailed,
                           "the drive of position {} has failed", position));
  }
  if (!lane.status.ok()) {
    for (drive::Done& done : std::exchange(lane.waiting, {})) {
      options_.executor.Post(
          [done = std::move(done), status = lane.status]() mutable {
            std::move(done)(std::move(status));
          });
    }
    return;
  }
  lane.is_syncing = true;
  lane.file->Sync([self = shared_from_this(), &lane,
                   served = std::exchange(lane.waiting, {})](
                      const absl::Status& status) mutable {
    lane.is_syncing = false;
    if (!status.ok()) self->Fail(lane, status);
    if (!lane.waiting.empty()) self->Gather(lane);
    self->SyncWhenGathered(lane);
    for (drive::Done& done : served) std::move(done)(status);
  });
}

}  // namespace cairn::set
