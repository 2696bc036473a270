// Looks after the files of large blobs: removes those of blobs that were freed,
// and heals shards that are missing or damaged.

#ifndef CAIRN_LIB_SET_BLOB_CARE_H_
#define CAIRN_LIB_SET_BLOB_CARE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"
#include "format/blob_id.h"
#include "index/view.h"
#include "set/blob_entry.h"
#include "set/entries.h"
#include "set/large_blobs.h"
#include "set/open_pack_care.h"
#include "set/set_drives.h"
#include "set/turn.h"
#include "set/write_context.h"

namespace cairn::set {

// Borrowed, and outlives it.
struct BlobCareContext {
  base::Executor& executor;
  const WriteContext& write;
  const SetDrives& drives;
  LargeBlobs& blobs;
  Entries& entries;
  // Called when files were removed.
  std::function<void()> on_room_made = [] {};
};

struct BlobCareCounters {
  std::uint64_t freed = 0;    // blobs whose files are gone
  std::uint64_t healed = 0;   // shards
  std::uint64_t orphans = 0;  // files that belonged to nobody
};

// Works on what entries of the index say, so that what one process leaves the
// next one does: an entry goes when what it asks for is done. What cannot be
// done now, because a drive is not serving, waits for the next time.
//
// Thread safety: one strand.
class BlobCare {
 public:
  explicit BlobCare(BlobCareContext context)
      : context_(context),
        open_packs_(
            {.write = context.write,
             .drives = context.drives,
             .blobs = context.blobs,
             .entries = context.entries,
             .note_missing =
                 [this](std::vector<format::BlobId> blobs, int position) {
                   return NoteMissing(std::move(blobs), position);
                 }}),
        turn_(context.executor) {}
  BlobCare(const BlobCare&) = delete;
  BlobCare& operator=(const BlobCare&) = delete;

  // Nothing is done before.
  void Start() {
    is_started_ = true;
    LookAtAll();
  }

  // Every entry may be of use now: a drive has come into service.
  void LookAtAll();

  // What a commit has left to do, as far as it can be done now.
  void OnCommitted(const Entries::BlobChanges& changes);

  bool is_started() const { return is_started_; }

  // Ends after the shard that it is at. Stop() goes on when it has.
  void BeginStop() { is_stopping_ = true; }
  bool is_stopping() const { return is_stopping_; }
  base::Task<> Stop();

  // A shard of a blob is damaged or missing.
  void NoteDamage(const format::BlobId& id, int position);

  // Makes the shard of one position and says so in the blob's entry. Whoever
  // calls has the turn.
  //
  // Errors: as OpenPackCare::GiveFile() and FillBlob(), but kUnrecoverable when
  //         no drive has anything of the blob.
  enum class Healed { kMade, kNobodyNamesIt };
  base::Task<absl::StatusOr<Healed>> HealShard(format::BlobId id, int position);

  // Removes the files of a blob that nobody names from every drive. Whoever
  // calls has the turn.
  //
  // Errors: kDriveFailed; kDriveFull where a hole needs room that a drive does
  //         not have; kUnavailable unless every drive is serving: one that is
  //         away may have a file too.
  base::Task<absl::Status> RemoveFiles(format::BlobId id);

  // Whoever calls has the turn.
  OpenPackCare& open_packs() { return open_packs_; }

  // Held by whoever makes or removes files of blobs that are sealed.
  Turn& turn() { return turn_; }

  // What runs by itself.
  base::TaskScope& scope() { return scope_; }

  void CountOrphan() { ++counters_.orphans; }
  const BlobCareCounters& counters() const { return counters_; }

 private:
  // As many as this are looked at under one turn, and change in one commit.
  static constexpr std::size_t kPageSize = 32;
  // Of blobs to heal that are kept in mind; those beyond wait for LookAtAll().
  static constexpr std::size_t kNotesMax = 10'000;

  static constexpr absl::Duration kRetryDelayMin = absl::Minutes(1);

  using Page = std::vector<index::ScannedRecord>;

  void Wake();
  void RememberToHeal(const format::BlobId& id);
  void TryAgainLater(const format::BlobId& id);
  void TryAgain();
  base::Task<> RemoveWhatIsKnown();
  base::Task<absl::Status> RemoveFromServing(format::BlobId id);
  base::Task<> Run();
  base::Task<> RunOnce();
  base::Task<absl::Status> HealWhatIsKnown();
  base::Task<absl::Status> WriteNotes();
  base::Task<absl::Status> WriteNote(format::BlobId id, PositionSet positions);
  base::Task<absl::Status> NoteMissing(std::vector<format::BlobId> blobs,
                                       int position);
  // Calls `handle` with every page of the entries of a kind.
  base::Task<absl::Status> ForEachPage(
      char kind, base::Task<absl::Status> (BlobCare::*handle)(const Page*));
  base::Task<absl::Status> Collect(const Page* page);
  base::Task<absl::Status> Heal(const Page* page);
  base::Task<absl::Status> NoteHealed(std::vector<EntryChange> done);
  base::Task<absl::Status> MakeShard(StoredBlob blob, int position);
  base::Task<absl::StatusOr<PositionSet>> HealPositions(format::BlobId id,
                                                        PositionSet positions);
  bool AllServe() const;

  BlobCareContext context_;
  OpenPackCare open_packs_;
  Turn turn_;
  bool is_started_ = false;
  bool is_stopping_ = false;
  bool is_awake_ = false;
  bool is_running_ = false;
  bool looks_at_all_ = false;
  bool has_freed_ = false;
  std::map<format::BlobId, PositionSet> notes_;  // of readers, not written yet
  std::set<format::BlobId> to_heal_;             // they have an entry
  std::set<format::BlobId> to_retry_;            // when retry_ rings
  base::Timer retry_;
  absl::Duration retry_delay_ = kRetryDelayMin;  // twice as long each time
  std::vector<format::BlobId> freed_;            // while not every drive serves
  BlobCareCounters counters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_CARE_H_
