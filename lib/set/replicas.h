// The drives of a set that take new frames: each its own queue, one quorum.

#ifndef CAIRN_LIB_SET_REPLICAS_H_
#define CAIRN_LIB_SET_REPLICAS_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"
#include "format/frame_header.h"
#include "set/drive_log.h"
#include "set/frame.h"
#include "set/quorum.h"
#include "set/rebuild.h"

namespace cairn::set {

struct ReplicaOptions {
  // How long a frame that stands on a write quorum waits for the others.
  absl::Duration straggler_deadline = absl::Milliseconds(20);
  // How long a write may take before its drive counts as failed.
  absl::Duration write_deadline = absl::Seconds(10);
  // What may wait for one drive; beyond it the drive is behind.
  std::uint64_t backlog_size_max = 8 << 20;
};

enum class Service {
  kCurrent,  // takes every frame
  kBehind,   // takes none until it has caught up
  kFenced,   // failed a write or a sync: takes none
  kAbsent,   // not there
};

struct ReplicaCounters {
  std::uint64_t fences = 0;
  std::uint64_t falls_behind = 0;
  std::uint64_t stragglers = 0;  // acknowledged without waiting for them
};

// A frame goes to a drive only when the one before is synced there, so each
// drive's log is contiguous, and a drive counts for a frame only when it holds
// all before. A failed write or sync is never retried: it fences the drive.
//
// Thread safety: one strand.
class Replicas {
 public:
  // `on_loss` runs whenever a drive goes out of service.
  Replicas(base::Executor& executor, Geometry geometry, ReplicaOptions options,
           std::function<void()> on_loss)
      : executor_(executor),
        geometry_(geometry),
        options_(options),
        on_loss_(std::move(on_loss)),
        progress_(executor) {}
  Replicas(const Replicas&) = delete;
  Replicas& operator=(const Replicas&) = delete;

  // Adds the drive of the next position. Of a current one, `synced` is the
  // last frame that it holds; of one that could not be brought up to date when
  // the set was opened, `behind_since` is the first that it may lack.
  void AddCurrent(DriveLog* log, std::uint64_t synced);
  void AddFenced(DriveLog* log, std::uint64_t behind_since);  // null: absent

  // Gives `frame`, the successor of the last, to every current drive. OK when
  // it stands on all of them, or on a write quorum and the rest are late.
  //
  // Errors: kQuorumLost: it may stand on some. Nothing may be written after.
  base::Task<absl::Status> Write(std::shared_ptr<const Frame> frame);

  // What a frame's header says of drives that do not get it.
  std::array<std::uint64_t, format::kDrivesMax> behind_since() const;

  // Whether enough drives are current for a write to succeed.
  absl::Status CheckQuorum() const;

  Service service(int position) const { return At(position).service; }
  PositionedLog log(int position) const {
    return {.log = At(position).log, .position = position};
  }
  const Geometry& geometry() const { return geometry_; }
  int count() const { return static_cast<int>(replicas_.size()); }

  // Takes a drive out of service, behind or not, for a failed write elsewhere.
  void Fence(int position);

  // A drive that is behind has written everything up to `synced`, and no frame
  // is on its way: it is current from the next one on.
  void CatchUp(int position, std::uint64_t synced);

  // The first frame that a drive out of service lacks.
  std::uint64_t first_lacking(int position) const {
    return At(position).behind_since;
  }

  // Goes on when no write is in flight on that drive.
  base::Task<> WaitIdle(int position);

  // Goes on when no write is in flight on a current drive.
  base::Task<> Drain();

  const ReplicaCounters& counters() const { return counters_; }

  // What runs by itself.
  base::TaskScope& scope() { return scope_; }

 private:
  struct Replica {
    DriveLog* log = nullptr;
    Service service = Service::kAbsent;
    std::uint64_t synced = 0;
    std::uint64_t behind_since = 0;
    std::deque<std::shared_ptr<const Frame>> queue;  // front: being written
    std::uint64_t queue_size = 0;                    // bytes
    bool is_late = false;  // was left behind by an acknowledgement
    bool is_writing = false;
    absl::Time write_began;
  };

  const Replica& At(int position) const {
    return replicas_[static_cast<std::size_t>(position)];
  }
  void Enqueue(int position, std::shared_ptr<const Frame> frame);
  base::Task<> WriteQueue(int position);
  void TakeOut(Replica& replica, Service service);
  int SyncedCount(std::uint64_t sequence) const;
  bool WaitsForMore(std::uint64_t sequence) const;
  void MarkLate(std::uint64_t sequence);
  // While writes are in flight, looks at the clock now and then.
  void ArmTick();
  void Tick();

  base::Executor& executor_;
  Geometry geometry_;
  ReplicaOptions options_;
  std::function<void()> on_loss_;
  std::vector<Replica> replicas_;
  base::Signal progress_;
  ReplicaCounters counters_;
  bool tick_armed_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_REPLICAS_H_
