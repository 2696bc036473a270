// A few keys with large blobs that are put, replaced and deleted, one after the
// other, and what they may hold after any step.

#ifndef CAIRN_TESTS_SUPPORT_BLOB_HISTORY_H_
#define CAIRN_TESTS_SUPPORT_BLOB_HISTORY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/task.h"
#include "set/local_set.h"
#include "support/sim_set.h"

namespace cairn::support {

class BlobHistory {
 public:
  // Goes on as long as all goes well; the first status that is not OK.
  base::Task<absl::Status> Live(set::LocalSet& set);

  // Whether each key holds what was acknowledged last, or what was tried after
  // that and may have been done.
  absl::Status Check(SimProcess& process) const;

  // Whether every step was acknowledged.
  bool is_over() const { return is_over_; }

 private:
  using Value = std::optional<std::string>;

  base::Task<absl::Status> Make(set::LocalSet& set, std::string key,
                                Value value);

  std::map<std::string, std::vector<Value>> possible_;
  bool is_over_ = false;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_BLOB_HISTORY_H_
