#include "set/committer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/frame_metadata.h"

namespace cairn::set {
namespace {

// Room for eight openings, each of two frames, that a crash ends before they
// have taken a checkpoint.
constexpr std::uint64_t kReservedSizeMin = 64 << 10;

// What a frame of batches of this size takes in the log, at most.
std::uint64_t FrameSizeFor(std::size_t batches_size) {
  constexpr std::size_t kHeaderAndCounts = 2 * format::kSectorSize;
  return base::AlignUp(batches_size + kHeaderAndCounts,
                       format::kFrameAlignment);
}

}  // namespace

Committer::Committer(const CommitterContext& context, CommitterOptions options)
    : executor_(context.executor),
      replicas_(context.replicas),
      index_(context.index),
      log_frames_(context.log_frames),
      options_(std::move(options)),
      is_read_only_(options_.is_read_only),
      next_(options_.next),
      released_offset_(options_.released_offset),
      last_commit_(executor_.clock().Steady()),
      room_changed_(executor_),
      turn_(executor_) {
  last_header_.kind = format::FrameKind::kEmpty;
  last_header_.behind_since = replicas_.behind_since();
}

absl::Status Committer::CheckSize(const PendingBatch& pending) const {
  const std::size_t size = Group::SizeOf(pending, options_.geometry.data);
  if (FrameSizeFor(size) <= options_.ring.frame_size_max()) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kBatchTooLarge,
                     "a batch of {} bytes, a frame takes {}", size,
                     options_.ring.frame_size_max());
}

absl::Status Committer::CheckWritable() const {
  if (is_read_only_) {
    return base::Error(ErrorCode::kReadOnly,
                       "the set takes no writes: it was opened for reading "
                       "only, or its last commit is not decided");
  }
  return replicas_.CheckQuorum();
}

// Nothing is written over that a checkpoint has not released, whatever else
// goes wrong.
absl::Status Committer::CheckRoom(std::uint64_t end) const {
  if (options_.ring.Holds(released_offset_, end)) return absl::OkStatus();
  return base::Error(ErrorCode::kDriveFull,
                     "the log is full, and no checkpoint makes room");
}

void Committer::AskForRoom() const {
  if (used() >= options_.ring.size() / 2) options_.on_half_full();
}

void Committer::Enqueue(PendingBatch* pending) {
  const base::MutexLock lock(queue_mutex_);
  queue_.push_back(pending);
  if (std::exchange(is_active_, true)) return;
  executor_.Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Start();
  });
}

void Committer::Start() { scope_.Spawn(CommitGroups()); }

// Moves what waits to `taken_`; false when nothing does: then the committer has
// stopped, and the next batch starts it again.
bool Committer::TakeQueue() {
  const base::MutexLock lock(queue_mutex_);
  if (taken_.empty()) {
    std::swap(taken_, queue_);
  }
  is_active_ = !taken_.empty();
  return is_active_;
}

base::Task<> Committer::CommitGroups() {
  while (TakeQueue()) {
    base::Task<absl::Status> wait = WaitForRoom();
    absl::Status status = co_await wait;
    base::Task<> take = turn_.Take();
    co_await take;
    if (status.ok()) status = CheckWritable();
    if (status.ok()) {
      status = CheckRoom(next_.offset + options_.ring.frame_size_max());
    }
    if (status.ok()) {
      base::Task<> commit = CommitGroup();
      co_await commit;
    } else {
      RefuseAll(status);
    }
    turn_.Give();
  }
  ArmQuietTimer();
}

// None of these was in a frame: nothing has changed.
void Committer::RefuseAll(const absl::Status& why) {
  std::vector<PendingBatch*> refused(taken_.begin(), taken_.end());
  taken_.clear();
  for (PendingBatch* pending : refused) {
    pending->result = why;
    pending->is_outdated = false;  // of an earlier round: it is answered now
  }
  Resume(std::move(refused));
}

void Committer::Resume(std::vector<PendingBatch*> members) {
  if (members.empty()) return;
  executor_.Post([members = std::move(members)] {
    for (const PendingBatch* pending : members) pending->waiter.Resume();
  });
}

std::vector<PendingBatch*> Committer::TakeGroup(Group& group) {
  const std::uint64_t size_max = options_.ring.frame_size_max();
  std::vector<PendingBatch*> members;
  std::size_t size = 0;
  while (!taken_.empty()) {
    PendingBatch* pending = taken_.front();
    size += Group::SizeOf(*pending, options_.geometry.data);
    if (FrameSizeFor(size) > size_max && !members.empty()) break;
    taken_.pop_front();
    members.push_back(pending);
    pending->is_outdated = index_.IsOutdated(pending->observed_at);
    if (!pending->is_outdated) pending->result = group.Add(*pending);
  }
  return members;
}

void Committer::Answer(const std::vector<PendingBatch*>& members,
                       const absl::Status& written) {
  if (written.ok()) return;
  for (PendingBatch* pending : members) {
    if (pending->is_outdated) continue;
    // A conflict was found on what may never have been.
    pending->result = pending->result.ok()
                          ? base::Error(ErrorCode::kOutcomeUnknown,
                                        "too few drives have the commit")
                          : written;
  }
}

base::Task<> Committer::CommitGroup() {
  Group group(next_.sequence, index_);
  std::vector<PendingBatch*> members = TakeGroup(group);
  counters_.batches += members.size();
  absl::Status written;
  if (!group.empty()) {
    std::shared_ptr<Frame> frame = NewFrame(format::FrameKind::kCommit);
    const std::uint64_t sequence = frame->header.sequence;
    frame->metadata = format::Encode(group.Metadata());
    frame->stripes = group.stripes();
    base::Task<absl::Status> write = Write(std::move(frame));
    written = co_await write;
    if (written.ok()) {
      index_.Apply(sequence, group.Changes());
    } else {
      for (const IndexChange& change : group.Changes()) {
        AddUndecided(change.key);
      }
    }
  }
  Answer(members, written);
  Resume(std::move(members));
}

std::shared_ptr<Frame> Committer::NewFrame(format::FrameKind kind) const {
  auto frame = std::make_shared<Frame>();
  frame->header.kind = kind;
  frame->header.deployment = options_.identity.deployment;
  frame->header.set = options_.identity.set;
  frame->header.epoch = options_.epoch;
  frame->header.epoch_id = options_.epoch_id;
  frame->header.sequence = next_.sequence;
  frame->header.offset = next_.offset;
  frame->header.predecessor = next_.predecessor;
  frame->header.behind_since = replicas_.behind_since();
  return frame;
}

base::Task<absl::Status> Committer::Write(std::shared_ptr<Frame> frame) {
  frame->Seal(options_.geometry.data);
  CAIRN_CO_RETURN_IF_ERROR(CheckRoom(frame->end()));
  const Slot slot = next_;
  base::Task<absl::Status> write = replicas_.Write(frame);
  const absl::Status written = co_await write;
  if (!written.ok()) {
    // Nothing may follow a frame that nobody has decided.
    is_read_only_ = true;
    co_return written;
  }
  log_frames_.Remember(frame->header, slot);
  next_ = SlotAfter(frame->header, options_.ring);
  last_header_ = frame->header;
  last_commit_ = executor_.clock().Steady();
  ++counters_.frames;
  if (next_.offset / options_.ring.size() !=
      slot.offset / options_.ring.size()) {
    ++counters_.laps;
  }
  if (on_frame_) on_frame_();
  AskForRoom();
  co_return absl::OkStatus();
}

base::Task<absl::Status> Committer::WriteFrame(format::FrameKind kind,
                                               MakeMetadata metadata) {
  CAIRN_CO_RETURN_IF_ERROR(CheckWritable());
  std::shared_ptr<Frame> frame = NewFrame(kind);
  frame->metadata = metadata(frame->header.sequence);
  base::Task<absl::Status> write = Write(std::move(frame));
  co_return co_await write;
}

base::Task<absl::Status> Committer::WriteEmptyFrame() {
  base::Task<absl::Status> write =
      WriteFrame(format::FrameKind::kEmpty,
                 [](std::uint64_t) { return std::vector<std::byte>(); });
  co_return co_await write;
}

// The end of the ring serves checkpoints and openings.
bool Committer::HasRoom() const {
  const Ring& ring = options_.ring;
  const std::uint64_t reserved = std::max(ring.size() / 16, kReservedSizeMin);
  return used() + 2 * ring.frame_size_max() + reserved <= ring.size();
}

base::Task<absl::Status> Committer::WaitForRoom() {
  while (!HasRoom()) {
    room_ = absl::OkStatus();
    options_.on_half_full();
    co_await room_changed_;
    if (!HasRoom() && !room_.ok()) co_return room_;
  }
  co_return absl::OkStatus();
}

void Committer::ReleaseLog(std::uint64_t offset) {
  released_offset_ = offset;
  room_changed_.Notify();
}

void Committer::OnCheckpointEnd(const absl::Status& status) {
  room_ = status;
  room_changed_.Notify();
}

bool Committer::WantsEmptyFrame() const {
  return last_header_.kind != format::FrameKind::kEmpty ||
         last_header_.behind_since != replicas_.behind_since();
}

void Committer::ArmQuietTimer() {
  if (quiet_timer_armed_ || is_read_only_ || !WantsEmptyFrame()) return;
  quiet_timer_armed_ = true;
  executor_.PostAt(last_commit_ + options_.quiet_time,
                   [this, alive = std::weak_ptr<bool>(alive_)] {
                     if (!alive.expired()) OnQuiet();
                   });
}

void Committer::OnQuiet() {
  quiet_timer_armed_ = false;
  if (is_read_only_ || !WantsEmptyFrame()) return;
  if (turn_.is_taken()) last_commit_ = executor_.clock().Steady();
  if (executor_.clock().Steady() < last_commit_ + options_.quiet_time) {
    ArmQuietTimer();
    return;
  }
  static constexpr auto kWrite = [](Committer* self) -> base::Task<> {
    base::Task<> take = self->turn_.Take();
    co_await take;
    base::Task<absl::Status> write = self->WriteEmptyFrame();
    const absl::Status written = co_await write;
    base::IgnoreError(written, "the next commit reports it");
    self->turn_.Give();
  };
  scope_.Spawn(kWrite(this));
}

base::Task<absl::Status> Committer::Close() {
  if (is_read_only_) co_return absl::OkStatus();
  base::Task<> take = turn_.Take();
  co_await take;
  absl::Status status;
  if (WantsEmptyFrame()) {
    base::Task<absl::Status> write = WriteEmptyFrame();
    status = co_await write;
  }
  turn_.Give();
  CAIRN_CO_RETURN_IF_ERROR(status);
  base::Task<> drain = replicas_.Drain();
  co_await drain;
  co_return absl::OkStatus();
}

bool Committer::IsUndecided(std::string_view index_key) const {
  if (!has_undecided_.load(std::memory_order_acquire)) return false;
  const base::MutexLock lock(undecided_mutex_);
  return undecided_keys_.contains(index_key);
}

bool Committer::HasUndecided(std::string_view prefix) const {
  if (!has_undecided_.load(std::memory_order_acquire)) return false;
  const base::MutexLock lock(undecided_mutex_);
  const auto first = undecided_keys_.lower_bound(prefix);
  return first != undecided_keys_.end() && first->starts_with(prefix);
}

void Committer::AddUndecided(std::string_view index_key) {
  const base::MutexLock lock(undecided_mutex_);
  undecided_keys_.emplace(index_key);
  has_undecided_.store(true, std::memory_order_release);
}

}  // namespace cairn::set
