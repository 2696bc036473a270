// The entries of a set's index: reading them, and changing them by commits.

#ifndef CAIRN_LIB_SET_ENTRIES_H_
#define CAIRN_LIB_SET_ENTRIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/task.h"
#include "erasure/codec.h"
#include "format/blob_id.h"
#include "index/view.h"
#include "index/view_holder.h"
#include "set/committer.h"
#include "set/pending_batch.h"
#include "set/set_index.h"
#include "storage/meta_store.h"

namespace cairn::set {

// Thread safety: all methods from any thread.
// Lifetime:      borrows all three.
class Entries {
 public:
  Entries(const erasure::Codec& codec, const SetIndex& index,
          Committer& committer)
      : codec_(codec), index_(index), committer_(committer) {}
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;

  // See storage::MetaStore::Commit().
  base::Task<absl::Status> Commit(storage::Batch batch);

  // What a batch leaves to do for BlobCare.
  struct BlobChanges {
    std::vector<format::BlobId> freed;
    std::vector<format::BlobId> unsealed;  // not on every drive

    bool any() const { return !freed.empty() || !unsealed.empty(); }
  };
  static BlobChanges BlobChangesOf(const storage::Batch& batch);

  // Makes all of `changes`, or none. Ends on the strand.
  //
  // Errors: kConflict when an entry is another than was seen; those of a
  //         commit.
  base::Task<absl::Status> Change(std::vector<EntryChange> changes);

  index::Snapshot Acquire() const { return index_.Acquire(); }

  // An entry, and the bytes of its small blob where those are in memory with
  // it.
  struct Found {
    std::string entry;
    base::Bytes payload;  // borrows the snapshot
  };

  // The entry of a key, nullopt when there is none.
  //
  // Errors: those of reading runs.
  static base::Task<absl::StatusOr<std::optional<Found>>> FindIn(
      index::Snapshot snapshot, std::string index_key);
  base::Task<absl::StatusOr<std::optional<std::string>>> Find(
      std::string index_key);

  // At most `limit` entries of keys with `prefix`, behind `after`; `more` says
  // whether there are others.
  base::Task<absl::StatusOr<index::ScanResult>> Scan(
      index::Snapshot snapshot, index::ScanRequest request) const;

 private:
  absl::Status Check(const storage::Batch& batch) const;
  absl::Status Encode(PendingBatch* pending) const;
  base::Task<absl::Status> Observe(PendingBatch* pending);
  base::Task<absl::Status> CommitPending(PendingBatch* pending);

  const erasure::Codec& codec_;
  const SetIndex& index_;
  Committer& committer_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_ENTRIES_H_
