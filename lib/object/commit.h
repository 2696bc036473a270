// Commits one change of one record, and finds out what came of it.

#ifndef CAIRN_LIB_OBJECT_COMMIT_H_
#define CAIRN_LIB_OBJECT_COMMIT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "object/environment.h"
#include "storage/meta_store.h"

namespace cairn::object {

// What a batch puts or deletes, and what stood there when it was built.
struct Target {
  std::string key;
  std::optional<storage::WriteId> before;
  // Of a delete: finding nothing afterwards is as good as having deleted it.
  bool absence_is_enough = false;
};

enum class Outcome {
  kDone,
  kAgain,  // nothing happened; what the batch was built on has changed
};

// Commits `batch`, which guards what `target` says stood there. An outcome that
// the store does not know is read back: it is known when the record is the
// batch's, or still the one before.
//
// Errors: those of storage::MetaStore::Commit() but kConflict.
base::Task<absl::StatusOr<Outcome>> Commit(const Environment& environment,
                                           storage::Batch batch, Target target);

// The guard that `record`, or nothing, stands under `key`.
storage::Guard GuardOf(std::string key,
                       const std::optional<storage::WriteId>& written);

// What a change ends with that others have always been ahead of.
absl::Status TooManyAttempts();

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_COMMIT_H_
