// A few keys of a set that are put, overwritten and deleted in rounds, and what
// they must hold.

#ifndef CAIRN_TESTS_SUPPORT_SET_HISTORY_H_
#define CAIRN_TESTS_SUPPORT_SET_HISTORY_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"

#include "support/sim_set.h"

namespace cairn::support {

class SetHistory {
 public:
  // Changes about half of the keys, each in a commit that must succeed.
  absl::Status AddRound(SimProcess& process);

  // Puts a text with a large blob (sim_blobs.h) in place of what the key holds.
  absl::Status PutLarge(SimProcess& process, const std::string& key,
                        const std::string& text);

  // Deletes what the key holds, and frees its large blob.
  absl::Status Delete(SimProcess& process, const std::string& key);

  // Whether every key holds what was put last.
  absl::Status Check(SimProcess& process) const;

 private:
  int round_ = 0;
  std::map<std::string, std::optional<std::string>> texts_;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SET_HISTORY_H_
