// A batch on its way into a frame.

#ifndef CAIRN_LIB_SET_PENDING_BATCH_H_
#define CAIRN_LIB_SET_PENDING_BATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/task.h"
#include "set/frame.h"
#include "storage/meta_store.h"

namespace cairn::set {

// What the index held under a key when its caller looked; nullopt: nothing.
struct Observed {
  std::string index_key;
  std::optional<std::string> entry;
};

// A change of an entry that only the set knows of, or of an envelope: made when
// the entry is still what its caller saw.
struct EntryChange {
  std::string index_key;
  std::optional<std::string> seen;  // nullopt: there was none
  std::string entry;                // empty: it is to go
};

// The caller has looked up everything that the batch's guards and adds need, so
// that the committer reads no drive. What it saw is still true unless an
// overlay has something newer, or an overlay of that time is in a run by now.
struct PendingBatch {
  storage::Batch batch;
  std::vector<EntryChange> changes;  // beside those of the batch
  std::vector<StripePtr> stripes;    // of its small blobs, in the order of puts
  std::vector<Observed> observed;
  std::uint64_t observed_at = 0;  // sequence

  // The answer, and who waits for it.
  absl::Status result;
  bool is_outdated = false;  // what was observed: look again, then come back
  base::Resumption waiter;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_PENDING_BATCH_H_
