// An erasure set over local drives, open for reading and writing.

#ifndef CAIRN_LIB_SET_LOCAL_SET_H_
#define CAIRN_LIB_SET_LOCAL_SET_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/random.h"
#include "base/task.h"
#include "erasure/codec.h"
#include "set/group.h"
#include "set/member.h"
#include "set/opening.h"
#include "set/quorum.h"
#include "set/replicas.h"
#include "storage/meta_store.h"

namespace cairn::set {

struct SetOptions {
  ReplicaOptions replicas;
  // After this long without a commit an empty frame decides the last one.
  absl::Duration quiet_time = absl::Seconds(1);
};

// What a set is made with; borrowed, and outlives it.
struct SetEnvironment {
  base::Executor& executor;
  base::Random& random;
  // Holds reads that nobody waits for any more. Destroyed after the set, when
  // no request is in flight.
  base::TaskScope& reads;
};

struct SetCounters {
  std::uint64_t frames = 0;
  std::uint64_t batches = 0;
  std::uint64_t catch_ups = 0;
  ReplicaCounters replicas;
};

// Thread safety: one strand. Every task must be awaited there, and have ended
//                before the set is destroyed, except when nothing runs any
//                more.
class LocalSet {
 public:
  // Opens the set on `drives`: formatted, locked, of one deployment.
  //
  // Errors: those of CheckMembers() and OpenSet().
  static base::Task<absl::StatusOr<std::unique_ptr<LocalSet>>> Open(
      SetEnvironment environment, std::vector<Member> drives,
      OpenOptions open_options, SetOptions options);

  // See storage::MetaStore::Commit().
  base::Task<absl::Status> Commit(storage::Batch batch);

  // See storage::MetaStore::Read().
  absl::StatusOr<storage::ReadResult> Read(
      const storage::ReadRequest& request) const;

  // Reads a small blob whose place is in the log.
  base::Task<absl::StatusOr<std::vector<std::byte>>> ReadSmallBlob(
      storage::BlobRef blob);

  // Decides the last frame and waits until every drive has it.
  base::Task<absl::Status> Close();

  storage::BlobId NewBlobId();

  bool is_read_only() const { return read_only_; }
  std::uint32_t epoch() const { return epoch_; }
  std::uint64_t last_sequence() const { return next_.sequence - 1; }
  const Geometry& geometry() const { return geometry_; }
  const Replicas& replicas() const { return replicas_; }
  SetCounters counters() const;

 private:
  // A batch in the queue, and the task that waits for it.
  struct Waiting {
    PendingBatch pending;
    absl::Status result;
    bool is_done = false;
  };

  LocalSet(SetEnvironment environment, std::vector<Member> drives,
           Opened opened, SetOptions options);

  void Adopt(const Opened& opened);
  void Apply(std::uint64_t sequence, const format::CommitMetadata& metadata);
  void Remember(const format::FrameHeader& header, const Slot& slot);
  std::optional<std::string> Lookup(std::string_view key) const;
  bool IsUndecided(std::string_view key) const;

  // The committer.
  base::Task<> CommitGroups();
  base::Task<> CommitGroup();
  std::vector<Waiting*> TakeGroup(Group& group);
  void Finish(const std::vector<Waiting*>& members,
              const absl::Status& written);
  absl::Status CheckWritable() const;
  void RefuseAll(const absl::Status& why);
  absl::Status CheckRoom(const PendingBatch& pending) const;
  base::Task<absl::Status> WriteFrame(std::shared_ptr<Frame> frame);
  std::shared_ptr<Frame> NewFrame(format::FrameKind kind) const;
  base::Task<absl::Status> WriteEmptyFrame();
  // An empty frame is due when the last one is not decided, or when the drives
  // do not remember yet which of them are out of service.
  bool WantsEmptyFrame() const;
  void ArmQuietTimer();
  void OnQuiet();

  // Drives that are behind.
  base::Task<> CatchUp(int position);
  base::Task<absl::Status> CatchUpOnce(int position, std::uint64_t sequence);
  std::vector<PositionedLog> CurrentLogs() const;
  GatherContext Gathering() const;

  absl::StatusOr<storage::Record> MakeRecord(std::string_view index_key,
                                             const std::string& entry) const;
  absl::Status ReadScan(const storage::Scan& scan,
                        storage::ReadResult& result) const;

  SetEnvironment environment_;
  Geometry geometry_;
  SetOptions options_;
  std::vector<Member> drives_;
  std::optional<erasure::Codec> codec_;
  Replicas replicas_;

  std::uint32_t epoch_;
  std::uint64_t epoch_id_;
  std::uint64_t blob_counter_ = 0;
  bool read_only_;
  Slot next_;
  format::FrameHeader last_header_;
  std::uint64_t released_offset_ = 0;  // of the log: may be written over

  std::map<std::string, std::string, std::less<>> index_;
  std::set<std::string, std::less<>> undecided_keys_;
  struct LogFrame {
    format::FrameHeader header;
    Slot slot;
  };
  std::map<std::uint64_t, LogFrame> log_frames_;  // by sequence

  std::deque<Waiting*> queue_;
  bool is_committing_ = false;
  bool is_frame_in_flight_ = false;
  std::set<int> catching_up_;  // positions
  bool quiet_timer_armed_ = false;
  absl::Time last_commit_;
  base::Signal group_done_;
  SetCounters counters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LOCAL_SET_H_
