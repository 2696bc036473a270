// Large blobs of simulated sets.

#ifndef CAIRN_TESTS_SUPPORT_SIM_BLOBS_H_
#define CAIRN_TESTS_SUPPORT_SIM_BLOBS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/task.h"
#include "set/local_set.h"
#include "support/sim_set.h"

namespace cairn::support {

// What a record with a large blob holds, as sim_set.h says of texts.
std::vector<std::byte> LargeBlobOf(std::string_view text);

// Whether a text's blob is a large one: it begins with "large".
bool IsLarge(std::string_view text);

// Writes a large blob and puts `text` with it in place of what is there.
base::Task<absl::Status> PutLargeText(set::LocalSet& set, std::string key,
                                      std::string text);

// Makes `batch` free what the record `key` names now, if that is still so when
// it is committed.
base::Task<absl::Status> AddFree(set::LocalSet& set, std::string key,
                                 storage::Batch* batch);

// Looks once at all that the drives lack.
absl::StatusOr<set::HealCounts> HealAll(SimProcess& process);

// The files of large blobs on a drive.
std::vector<std::string> BlobFilesOf(const SimMedia& media);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SIM_BLOBS_H_
