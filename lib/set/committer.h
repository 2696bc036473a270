// The committer: batches in, frames out, one at a time.

#ifndef CAIRN_LIB_SET_COMMITTER_H_
#define CAIRN_LIB_SET_COMMITTER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/mutex.h"
#include "base/task.h"
#include "format/drive_identity.h"
#include "format/frame_header.h"
#include "set/frame.h"
#include "set/group.h"
#include "set/log_frames.h"
#include "set/log_scan.h"
#include "set/pending_batch.h"
#include "set/quorum.h"
#include "set/replicas.h"
#include "set/ring.h"
#include "set/set_index.h"
#include "set/turn.h"

namespace cairn::set {

struct CommitterOptions {
  // After this long without a commit an empty frame decides the last one.
  absl::Duration quiet_time = absl::Seconds(1);
  Ring ring{format::kRingOffset};
  Geometry geometry;
  format::DriveIdentity identity;  // of any drive: deployment and set count
  std::uint32_t epoch = 0;
  std::uint64_t epoch_id = 0;
  Slot next;                          // where the first frame goes
  std::uint64_t released_offset = 0;  // the log before may be written over
  bool is_read_only = false;
  std::function<void()> on_half_full;  // a checkpoint would make room
};

// What a committer works with; borrowed, and outlives it.
struct CommitterContext {
  base::Executor& executor;
  Replicas& replicas;
  SetIndex& index;
  LogFrames& log_frames;
};

struct CommitterCounters {
  std::uint64_t frames = 0;
  std::uint64_t batches = 0;
  std::uint64_t laps = 0;  // of the ring, begun
};

// Frame s+1 is built and issued only after s is acknowledged, so at most the
// last frame of a set is undecided.
//
// Thread safety: Enqueue() from any thread, all else on the strand.
class Committer {
 public:
  Committer(const CommitterContext& context, CommitterOptions options);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Takes a batch; its waiter is resumed when it is answered.
  // Borrowed until then.
  void Enqueue(PendingBatch* pending);

  // Whether a batch fits in a frame. Errors: kBatchTooLarge.
  absl::Status CheckSize(const PendingBatch& pending) const;

  // A frame that is not a group's: what its metadata is depends on its
  // sequence. Whoever calls has the turn.
  using MakeMetadata =
      std::function<std::vector<std::byte>(std::uint64_t sequence)>;
  base::Task<absl::Status> WriteFrame(format::FrameKind kind,
                                      MakeMetadata metadata);

  // Held while a frame is written; between two frames nothing changes.
  Turn& turn() { return turn_; }

  // What a checkpoint is taken of. Whoever calls has the turn.
  const Slot& next() const { return next_; }

  // Everything before `offset` may be written over.
  void ReleaseLog(std::uint64_t offset);

  // Has a checkpoint taken when the log is half full.
  void AskForRoom() const;

  // A checkpoint that was asked for has ended. Who waits for room is refused
  // when it failed, else asks again where it made too little.
  void OnCheckpointEnd(const absl::Status& status);

  // Writes the empty frame that is due, and waits until every drive has it.
  base::Task<absl::Status> Close();

  // An error when nothing can be written now.
  absl::Status CheckWritable() const;

  bool is_read_only() const { return is_read_only_; }  // any thread
  base::Executor& executor() { return executor_; }     // any thread
  std::uint32_t epoch() const { return options_.epoch; }
  std::uint64_t last_sequence() const { return next_.sequence - 1; }
  const Ring& ring() const { return options_.ring; }
  const CommitterCounters& counters() const { return counters_; }

  // Keys of a frame whose outcome is not known. Any thread.
  bool IsUndecided(std::string_view index_key) const;
  bool HasUndecided(std::string_view prefix) const;
  void AddUndecided(std::string_view index_key);

  // What runs by itself.
  base::TaskScope& scope() { return scope_; }

  // A drive went out of service: the others are to remember it.
  void OnLoss() { ArmQuietTimer(); }

  // Runs after each frame that was acknowledged.
  void set_on_frame(std::function<void()> on_frame) {
    on_frame_ = std::move(on_frame);
  }

 private:
  void Start();
  base::Task<> CommitGroups();
  base::Task<> CommitGroup();
  bool TakeQueue();
  std::vector<PendingBatch*> TakeGroup(Group& group);
  static void Answer(const std::vector<PendingBatch*>& members,
                     const absl::Status& written);
  void Resume(std::vector<PendingBatch*> members);
  void RefuseAll(const absl::Status& why);
  bool HasRoom() const;
  absl::Status CheckRoom(std::uint64_t end) const;
  base::Task<absl::Status> WaitForRoom();
  std::uint64_t used() const { return next_.offset - released_offset_; }

  std::shared_ptr<Frame> NewFrame(format::FrameKind kind) const;
  base::Task<absl::Status> Write(std::shared_ptr<Frame> frame);
  base::Task<absl::Status> WriteEmptyFrame();
  // An empty frame is due when the last one is not decided, or when the drives
  // do not remember yet which of them are out of service.
  bool WantsEmptyFrame() const;
  void ArmQuietTimer();
  void OnQuiet();

  base::Executor& executor_;
  Replicas& replicas_;
  SetIndex& index_;
  LogFrames& log_frames_;
  CommitterOptions options_;
  std::atomic<bool> is_read_only_;
  std::function<void()> on_frame_;

  Slot next_;
  format::FrameHeader last_header_;
  std::uint64_t released_offset_ = 0;
  absl::Time last_commit_;
  bool quiet_timer_armed_ = false;
  absl::Status room_;  // why there is none
  base::Signal room_changed_;
  Turn turn_;
  std::deque<PendingBatch*> taken_;
  CommitterCounters counters_;

  base::Mutex queue_mutex_;
  std::deque<PendingBatch*> queue_ ABSL_GUARDED_BY(queue_mutex_);
  bool is_active_ ABSL_GUARDED_BY(queue_mutex_) = false;

  mutable base::Mutex undecided_mutex_;
  std::atomic<bool> has_undecided_ = false;
  std::set<std::string, std::less<>> undecided_keys_
      ABSL_GUARDED_BY(undecided_mutex_);

  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_COMMITTER_H_
