#include "set/replicas.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace cairn::set {

void Replicas::AddCurrent(DriveLog* log, std::uint64_t synced) {
  replicas_.push_back(
      {.log = log, .service = Service::kCurrent, .synced = synced});
}

void Replicas::AddFenced(DriveLog* log, std::uint64_t behind_since) {
  replicas_.push_back(
      {.log = log,
       .service = log == nullptr ? Service::kAbsent : Service::kFenced,
       .synced = behind_since - 1,
       .behind_since = behind_since});
}

std::array<std::uint64_t, format::kDrivesMax> Replicas::behind_since() const {
  std::array<std::uint64_t, format::kDrivesMax> since{};
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    if (replicas_[i].service != Service::kCurrent) {
      since[i] = replicas_[i].behind_since;
    }
  }
  return since;
}

absl::Status Replicas::CheckQuorum() const {
  const auto current = std::count_if(
      replicas_.begin(), replicas_.end(),
      [](const Replica& r) { return r.service == Service::kCurrent; });
  if (current >= geometry_.write_quorum()) return absl::OkStatus();
  return base::Error(ErrorCode::kQuorumLost,
                     "{} of the set's {} drives take writes, {} are needed",
                     current, geometry_.drive_count(),
                     geometry_.write_quorum());
}

void Replicas::TakeOut(Replica& replica, Service service) {
  const bool was_current = replica.service == Service::kCurrent;
  if (!was_current && replica.service != Service::kBehind) return;
  replica.service = service;
  if (was_current) replica.behind_since = replica.synced + 1;
  ++(service == Service::kFenced ? counters_.fences : counters_.falls_behind);
  // What is being written stays until the drive has answered.
  while (replica.queue.size() > (replica.is_writing ? 1u : 0u)) {
    replica.queue_size -= replica.queue.back()->header.frame_size;
    replica.queue.pop_back();
  }
  progress_.Notify();
  on_loss_();
}

void Replicas::Fence(int position) {
  TakeOut(replicas_[static_cast<std::size_t>(position)], Service::kFenced);
}

void Replicas::CatchUp(int position, std::uint64_t synced) {
  Replica& replica = replicas_[static_cast<std::size_t>(position)];
  CAIRN_CHECK(replica.service == Service::kBehind && !replica.is_writing);
  replica.service = Service::kCurrent;
  replica.synced = synced;
  replica.behind_since = 0;
  replica.is_late = false;
}

void Replicas::ArmTick() {
  if (tick_armed_) return;
  tick_armed_ = true;
  executor_.PostAt(executor_.clock().Steady() + options_.straggler_deadline,
                   [this, alive = std::weak_ptr<bool>(alive_)] {
                     if (!alive.expired()) Tick();
                   });
}

void Replicas::Tick() {
  tick_armed_ = false;
  bool is_writing = false;
  const absl::Time overdue =
      executor_.clock().Steady() - options_.write_deadline;
  for (Replica& replica : replicas_) {
    if (!replica.is_writing) continue;
    if (replica.write_began <= overdue) TakeOut(replica, Service::kFenced);
    is_writing = is_writing || replica.service == Service::kCurrent;
  }
  if (is_writing) ArmTick();
  progress_.Notify();
}

base::Task<> Replicas::WriteQueue(int position) {
  Replica& replica = replicas_[static_cast<std::size_t>(position)];
  replica.is_writing = true;
  while (!replica.queue.empty()) {
    const std::shared_ptr<const Frame> frame = replica.queue.front();
    replica.write_began = executor_.clock().Steady();
    const absl::Status status = co_await WriteFrameOn(log(position), *frame);
    replica.queue.pop_front();
    replica.queue_size -= frame->header.frame_size;
    if (!status.ok()) {
      replica.is_writing = false;
      TakeOut(replica, Service::kFenced);
      replica.queue.clear();
      replica.queue_size = 0;
      progress_.Notify();
      co_return;
    }
    if (replica.service == Service::kCurrent) {
      replica.synced = frame->header.sequence;
    }
    progress_.Notify();
  }
  replica.is_writing = false;
  replica.is_late = false;
  progress_.Notify();
}

void Replicas::Enqueue(int position, std::shared_ptr<const Frame> frame) {
  Replica& replica = replicas_[static_cast<std::size_t>(position)];
  replica.queue_size += frame->header.frame_size;
  replica.queue.push_back(std::move(frame));
  if (replica.queue_size > options_.backlog_size_max && replica.is_late) {
    TakeOut(replica, Service::kBehind);
    return;
  }
  if (!replica.is_writing) scope_.Spawn(WriteQueue(position));
  ArmTick();
}

int Replicas::SyncedCount(std::uint64_t sequence) const {
  int count = 0;
  for (const Replica& replica : replicas_) {
    if (replica.service == Service::kCurrent && replica.synced >= sequence) {
      ++count;
    }
  }
  return count;
}

bool Replicas::WaitsForMore(std::uint64_t sequence) const {
  return std::any_of(replicas_.begin(), replicas_.end(),
                     [&](const Replica& replica) {
                       return replica.service == Service::kCurrent &&
                              !replica.is_late && replica.synced < sequence;
                     });
}

void Replicas::MarkLate(std::uint64_t sequence) {
  for (Replica& replica : replicas_) {
    if (replica.service != Service::kCurrent || replica.synced >= sequence) {
      continue;
    }
    if (!std::exchange(replica.is_late, true)) ++counters_.stragglers;
  }
}

base::Task<absl::Status> Replicas::Write(std::shared_ptr<const Frame> frame) {
  const std::uint64_t sequence = frame->header.sequence;
  for (int i = 0; i < count(); ++i) {
    if (At(i).service == Service::kCurrent) Enqueue(i, frame);
  }
  const absl::Time deadline =
      executor_.clock().Steady() + options_.straggler_deadline;
  while (true) {
    CAIRN_CO_RETURN_IF_ERROR(CheckQuorum());
    if (SyncedCount(sequence) >= geometry_.write_quorum()) {
      if (!WaitsForMore(sequence)) break;
      if (executor_.clock().Steady() >= deadline) break;
    }
    co_await progress_;
  }
  MarkLate(sequence);
  co_return absl::OkStatus();
}

base::Task<> Replicas::WaitIdle(int position) {
  while (At(position).is_writing) co_await progress_;
}

base::Task<> Replicas::Drain() {
  const auto is_writing = [](const Replica& replica) {
    return replica.is_writing && replica.service == Service::kCurrent;
  };
  while (std::any_of(replicas_.begin(), replicas_.end(), is_writing)) {
    co_await progress_;
  }
}

}  // namespace cairn::set
