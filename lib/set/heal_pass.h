// One look at all the files that the drives of a set should have.

#ifndef CAIRN_LIB_SET_HEAL_PASS_H_
#define CAIRN_LIB_SET_HEAL_PASS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/task.h"
#include "base/uuid.h"
#include "erasure/codec.h"
#include "format/blob_id.h"
#include "format/checkpoint.h"
#include "format/open_pack.h"
#include "set/blob_care.h"
#include "set/blob_entry.h"
#include "set/committer.h"
#include "set/entries.h"
#include "set/large_blobs.h"
#include "set/set_contents.h"
#include "set/set_drives.h"
#include "set/write_context.h"

namespace cairn::set {

// Borrowed, and outlives it.
struct HealContext {
  base::Executor& executor;
  const erasure::Codec& codec;
  const WriteContext& write;
  base::Uuid deployment;
  const SetDrives& drives;
  const Committer& committer;
  Entries& entries;
  LargeBlobs& blobs;
  BlobCare& care;
  // What there is now.
  std::function<format::Catalogue()> catalogue;
  // Gives a drive a run that it lacks, as Checkpointer::GiveRun().
  std::function<base::Task<absl::StatusOr<bool>>(int position,
                                                 format::RunFile run)>
      give_run;
};

// Of files of one drive. A directory that a drive does not list counts as one
// that is postponed, beside those that others say it should have there.
struct HealCounts {
  std::uint64_t checked = 0;
  std::uint64_t healed = 0;
  std::uint64_t unrecoverable = 0;  // more shards are gone than parity covers
  std::uint64_t postponed = 0;      // could not be healed now
};

// Gives every drive that serves the runs and the shards of packs and of large
// blobs that it lacks, and removes files of blobs that nobody names. It goes by
// the presence of files, and by their sizes where it is runs or packs: damage
// inside is found by whoever reads, and so is a blob of which no drive has a
// file any more.
//
// Holds no more than the names of one directory of blobs, of which there are
// 256, or one tile of a pack.
//
// Thread safety: one call at a time; tasks may begin on any thread.
class HealPass {
 public:
  explicit HealPass(HealContext context) : context_(std::move(context)) {}
  HealPass(const HealPass&) = delete;
  HealPass& operator=(const HealPass&) = delete;

  // Takes the next step: a run, a pack, an open pack, or a directory of blobs.
  //
  // Errors: kReadOnly; then it is at its end.
  base::Task<absl::Status> Step();

  bool done() const { return is_begun_ && done_ == total(); }
  std::uint64_t steps_done() const { return done_; }
  // 1 before the first step, which finds out.
  std::uint64_t steps() const { return is_begun_ ? total() : 1; }
  const HealCounts& counts() const { return counts_; }

 private:
  // Which drives have the file of something, of those that said what they have.
  struct Presence {
    PositionSet listed = 0;
    PositionSet present = 0;
  };

  // The blobs of one directory, and which drives have files of them.
  struct Census {
    PositionSet listed = 0;  // drives that said what they have
    std::map<format::BlobId, PositionSet> blobs;
    // What healing left unfinished.
    std::map<std::string, PositionSet> unfinished;
  };

  // Which drives have files of an open pack.
  struct OpenPackFiles {
    PositionSet present = 0;
    PositionSet unfinished = 0;
  };

  std::uint64_t total() const {
    return runs_.size() + packs_.size() + open_packs_.size() +
           directories_.size();
  }
  base::Task<absl::Status> Begin();
  base::Task<> ListDirectories();
  base::Task<> ListOpenPacks();
  base::Task<absl::Status> TakeStep();
  base::Task<absl::Status> HealStep(std::uint64_t step);
  base::Task<> HealOpenPack(format::OpenPackId pack, OpenPackFiles files);
  base::Task<> HealRun(format::RunFile run);
  base::Task<> HealPack(format::PackFile pack);
  base::Task<absl::Status> HealDirectory(std::string directory);
  base::Task<Census> Count(std::string directory);
  static void AddNames(Census& census, int position,
                       const std::string& directory,
                       const std::vector<std::string>& names);
  base::Task<> RemoveUnfinished(std::string path, PositionSet positions);
  base::Task<> HealBlob(format::BlobId id, Presence presence);
  base::Task<> RemoveIfOrphan(format::BlobId id);
  FillRequest RequestFor(int position) const;
  std::vector<int> ServingPositions() const;
  // Whether the drive of a position is to get a file now. Counts it.
  bool Lacks(const Presence& presence, int position);
  void NoteUnlisted();
  void Note(const absl::Status& healed);

  HealContext context_;
  bool is_begun_ = false;
  std::vector<format::RunFile> runs_;
  std::vector<format::PackFile> packs_;
  PositionSet packs_listed_ = 0;  // drives that said which open packs they have
  std::map<format::OpenPackId, OpenPackFiles> open_packs_;
  std::map<format::OpenPackId, OpenPackFiles>::iterator next_open_pack_;
  std::vector<std::string> directories_;
  std::uint64_t done_ = 0;
  HealCounts counts_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_HEAL_PASS_H_
