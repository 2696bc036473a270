// Checkpoints: from the log into runs and packs; and merging runs.

#ifndef CAIRN_LIB_SET_CHECKPOINTER_H_
#define CAIRN_LIB_SET_CHECKPOINTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/task.h"
#include "erasure/codec.h"
#include "format/checkpoint.h"
#include "format/frame_metadata.h"
#include "set/committer.h"
#include "set/log_reader.h"
#include "set/member.h"
#include "set/merge_plan.h"
#include "set/pack_reader.h"
#include "set/pack_writer.h"
#include "set/replicas.h"
#include "set/run_files.h"
#include "set/run_source.h"
#include "set/set_contents.h"
#include "set/set_drives.h"
#include "set/set_index.h"

namespace cairn::set {

// What a checkpointer works with; borrowed, and outlives it.
struct CheckpointContext {
  base::Executor& executor;
  const erasure::Codec& codec;
  const WriteContext& write;
  const RunContext& runs;
  Committer& committer;
  Replicas& replicas;
  SetIndex& index;
  SetDrives& drives;
  LogFrames& log_frames;
  LogReader& log_reader;
  PackReader& pack_reader;
  std::vector<Member*> members;  // by position; null: nobody there
};

struct CheckpointCounters {
  std::uint64_t checkpoints = 0;
  std::uint64_t merges = 0;
  std::uint64_t failures = 0;
};

// A checkpoint freezes the overlay, writes its records and small blobs into
// files, and says so in a commit, once they are durable on a write quorum. Then
// each drive's catalogue follows, readers get the new runs, and the log is
// given up. A crash anywhere in between leaves files that nobody names, and a
// log that still holds everything.
//
// Thread safety: one strand.
class Checkpointer {
 public:
  Checkpointer(CheckpointContext context, format::Catalogue catalogue,
               format::MemberTable members);
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Begins a checkpoint soon, unless one is under way.
  void Request();

  // Takes a checkpoint now, or waits for the one that is under way and takes
  // one after it.
  //
  // Errors: kQuorumLost, kReadOnly, kUnavailable, kDriveFull, kUnrecoverable.
  //         Nothing is lost; the log holds on to it.
  base::Task<absl::Status> Checkpoint();

  // Gives the drive of a position, which is behind, all runs and the catalogue.
  base::Task<absl::Status> BringUpToDate(int position);
  bool IsUpToDate(int position) const;

  // Gives the drive of a position, which serves, a run that it has lost; false
  // when it has it. Checkpoints wait meanwhile.
  //
  // Errors: NotFound when the run was merged by now; kUnavailable when the
  //         drive serves no more; those of FillRun().
  base::Task<absl::StatusOr<bool>> GiveRun(int position, format::RunFile run);

  const format::Catalogue& catalogue() const { return catalogue_; }
  const CheckpointCounters& counters() const { return counters_; }

  // Goes on when no checkpoint is under way.
  base::Task<> Idle();

  // What runs by itself.
  base::TaskScope& scope() { return scope_; }

 private:
  // Files that are being written, and on which drives.
  struct Output {
    std::set<int> targets;
    std::vector<format::RunFile> runs;
    std::vector<format::PackFile> packs;
  };

  base::Task<> RunRequested();
  base::Task<absl::Status> CheckpointOnce();
  base::Task<absl::Status> MergeWhatIsDue();
  base::Task<> Freeze();
  base::Task<absl::Status> WriteFrozen(Output* output);
  base::Task<absl::Status> WriteRecords(const LogReader::Payloads* payloads,
                                        PackWriter* pack,
                                        index::RunWriter* run);
  base::Task<absl::StatusOr<std::string>> Pack(
      index::Record record, const LogReader::Payloads* payloads,
      PackWriter* pack);
  base::Task<absl::Status> MergeOnce(MergePlan plan);
  base::Task<absl::Status> WriteMerged(MergePlan plan, std::uint64_t run_id,
                                       Output* output);
  absl::Status CheckSealed(const Output& output) const;
  base::Task<absl::Status> Commit(format::CatalogueChange change);
  FillRequest RequestFor(int position) const;
  base::Task<absl::StatusOr<bool>> GiveRunNow(int position,
                                              format::RunFile run);
  base::Task<absl::Status> WriteCatalogueAt(int position,
                                            format::Catalogue catalogue);
  base::Task<absl::Status> InstallAt(int position, bool has_files);
  base::Task<absl::Status> InstallOn(std::set<int> sealed);
  base::Task<absl::Status> Install();
  void Retire(std::vector<std::shared_ptr<const index::Run>> runs);
  base::Task<> RemoveRetired();

  std::vector<SetFileTarget> Targets(const std::set<int>& positions) const;
  std::set<int> CurrentPositions() const;
  std::uint64_t NewFileId() {
    return format::FileId(context_.committer.epoch(), ++file_count_);
  }
  format::CatalogueChange NewChange() const;

  CheckpointContext context_;
  format::Catalogue catalogue_;
  format::MemberTable members_;
  std::uint32_t file_count_ = 0;

  // What the frozen overlay stands for.
  format::LogPosition frozen_position_;
  std::uint32_t frozen_epoch_ = 0;

  // A change of the catalogue that stands in the log, and not everywhere else.
  struct Uninstalled {
    std::set<int> sealed;  // drives that have its files
    bool replaces_frozen = false;
    Runs retired;
  };
  std::optional<Uninstalled> uninstalled_;

  // Runs that are no longer in the catalogue; their files go when nobody reads
  // them any more.
  struct Retired {
    std::weak_ptr<const index::Run> run;
    std::vector<std::string> paths;
  };
  std::vector<Retired> retired_;

  bool is_requested_ = false;
  Turn turn_;
  CheckpointCounters counters_;
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_CHECKPOINTER_H_
