// An erasure set over local drives, open for reading and writing.

#ifndef CAIRN_LIB_SET_LOCAL_SET_H_
#define CAIRN_LIB_SET_LOCAL_SET_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
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
#include "format/open_pack.h"
#include "index/block_cache.h"
#include "set/blob_care.h"
#include "set/catch_up.h"
#include "set/checkpointer.h"
#include "set/committer.h"
#include "set/entries.h"
#include "set/heal_pass.h"
#include "set/hedged_reads.h"
#include "set/large_blobs.h"
#include "set/log_frames.h"
#include "set/log_reader.h"
#include "set/member.h"
#include "set/opening.h"
#include "set/pack_reader.h"
#include "set/quorum.h"
#include "set/replicas.h"
#include "set/run_source.h"
#include "set/set_drives.h"
#include "set/set_index.h"
#include "set/space_watch.h"
#include "storage/meta_store.h"

namespace cairn::set {

struct SetOptions {
  ReplicaOptions replicas;
  // After this long without a commit an empty frame decides the last one.
  absl::Duration quiet_time = absl::Seconds(1);
  // How long a drive is waited for alone when it is read from.
  absl::Duration hedge_delay = absl::Milliseconds(20);
  // Of the stripes of new large blobs; 0 stands for format::BlobUnitFor().
  std::uint32_t blob_unit = 0;
  // Of the files that take blobs of less than a stripe: at least as large as
  // one of these.
  std::uint64_t open_pack_size = format::kOpenPackSizeMax;
};

// What a set is made with; borrowed, and outlives it.
struct SetEnvironment {
  base::Executor& executor;
  // Used on the strand only.
  base::Random& random;
  // Holds requests that nobody waits for any more. Empty before the set is
  // destroyed: they use its drives.
  base::TaskScope& requests;
  index::BlockCache& cache;
};

struct SetCounters {
  CommitterCounters commits;
  CheckpointCounters checkpoints;
  ReplicaCounters replicas;
  CatchUp::Counters catch_ups;
  BlobCareCounters blobs;
  std::uint64_t rebuilt_reads = 0;
};

// Thread safety: Commit(), Read(), ReadSmallBlob(), those of large blobs and
//                NewBlobId() from any thread, all else on the strand. Every
//                task must have ended before the set is destroyed, except when
//                nothing runs any more.
class LocalSet {
 public:
  // Opens the set on `drives`: formatted, locked, of one deployment.
  //
  // Errors: those of CheckMembers() and OpenSet(); kUnrecoverable when a run
  //         cannot be read.
  static base::Task<absl::StatusOr<std::unique_ptr<LocalSet>>> Open(
      SetEnvironment environment, std::vector<Member> drives,
      OpenOptions open_options, SetOptions options);

  LocalSet(const LocalSet&) = delete;
  LocalSet& operator=(const LocalSet&) = delete;
  ~LocalSet();

  // See storage::MetaStore::Commit().
  base::Task<absl::Status> Commit(storage::Batch batch);

  // See storage::MetaStore::Read().
  base::Task<absl::StatusOr<storage::ReadResult>> Read(
      storage::ReadRequest request);

  // Reads a small blob, wherever it lies.
  //
  // Errors: NotFound when it has another place by now, or is gone: read its
  //         record again; kUnrecoverable, kUnavailable.
  base::Task<absl::StatusOr<index::BlobHandle>> ReadSmallBlob(
      storage::BlobRef blob);

  // See LargeBlobs.
  std::unique_ptr<BlobFileWriter> CreateLargeBlob(const NewBlob& blob) const {
    return large_blobs_->Create(blob);
  }
  base::Task<absl::Status> ReadLargeBlob(format::BlobId id,
                                         std::uint64_t offset,
                                         base::MutableBytes into) {
    return large_blobs_->Read(id, offset, into);
  }
  std::unique_ptr<LargeBlobStream> StreamLargeBlob(format::BlobId id,
                                                   BlobRange range) {
    return large_blobs_->Stream(id, range);
  }

  // From now on files are removed when nobody needs them any more, what is
  // found to be damaged is healed, and what drives lack, once.
  void StartCare();

  // To go through what drives lack. Destroyed before the set.
  std::unique_ptr<HealPass> NewHealPass();

  // Takes a checkpoint now. See Checkpointer.
  base::Task<absl::Status> Checkpoint();

  // Ends what StartCare() began, decides the last frame and waits until every
  // drive has it.
  base::Task<absl::Status> Close();

  // Goes on when nothing of the set runs any more, and no request of it is on
  // its way: from then on it may be destroyed, before the strand does anything
  // else. Nobody calls it meanwhile. Takes as long as a drive takes to answer.
  base::Task<> Settle();

  storage::BlobId NewBlobId();

  bool is_read_only() const { return committer_->is_read_only(); }
  std::uint32_t epoch() const { return committer_->epoch(); }
  std::uint64_t last_sequence() const { return committer_->last_sequence(); }
  const Geometry& geometry() const { return geometry_; }
  const base::Uuid& deployment() const { return run_context_.deployment; }
  const Replicas& replicas() const { return replicas_; }
  const format::Catalogue& catalogue() const {
    return checkpointer_->catalogue();
  }
  std::size_t run_count() const { return index_->runs().size(); }
  SetCounters counters() const;

 private:
  LocalSet(SetEnvironment environment, std::vector<Member> drives,
           const Opened& opened, SetOptions options);

  static std::vector<SetDrive> DrivesByPosition(
      const std::vector<Member>& drives, const Opened& opened);
  void AddReplicas(const Opened& opened);
  CommitterOptions CommitterOptionsFor(const Opened& opened) const;
  CheckpointContext CheckpointContextFor(const Opened& opened);
  base::Task<absl::Status> Start(const Opened* opened);
  absl::Status Replay(const Opened& opened);
  base::Task<> RemoveOrphans();
  base::TaskScope* FindBusy();
  std::vector<PositionedLog> CurrentLogs() const;
  std::vector<PositionedLog> ReadableLogs() const;

  void KeepPayload(const storage::Record& record, base::Bytes payload) const;
  LargeBlobsContext LargeBlobsContextFor();
  void OnJoin();
  void StartHealPass();
  base::Task<> RunHealPasses();
  base::Task<absl::Status> ReadScan(index::Snapshot snapshot,
                                    storage::Scan scan,
                                    storage::ReadResult* result);

  SetEnvironment environment_;
  Geometry geometry_;
  SetOptions options_;
  std::vector<Member> members_;
  erasure::Codec codec_;
  Replicas replicas_;
  SetDrives drives_;
  ReadContext read_context_;
  WriteContext write_context_;
  RunContext run_context_;
  GatherContext gather_context_;
  LogFrames log_frames_;
  LogReader log_reader_;
  PackReader pack_reader_;
  std::atomic<std::uint64_t> blob_counter_ = 0;
  std::uint32_t blob_random_;

  std::optional<SetIndex> index_;
  std::optional<Committer> committer_;
  std::optional<Checkpointer> checkpointer_;
  std::optional<CatchUp> catch_up_;
  std::optional<Entries> entries_;
  std::optional<SpaceWatch> space_;
  std::optional<LargeBlobs> large_blobs_;
  std::optional<BlobCare> care_;
  bool is_closing_ = false;
  bool wants_heal_pass_ = false;
  bool runs_heal_pass_ = false;
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LOCAL_SET_H_
