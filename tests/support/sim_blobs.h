// Large blobs of simulated sets.

#ifndef CAIRN_TESTS_SUPPORT_SIM_BLOBS_H_
#define CAIRN_TESTS_SUPPORT_SIM_BLOBS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <ostream>
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

// Whether a text's blob is a large one: it begins with "large". One that begins
// with "large file" has files of its own, where the set has blob_unit of
// kSimBlobUnit and four data shards at most; others are slices where it has two
// data shards at least.
bool IsLarge(std::string_view text);

// Writes a large blob that no record names yet.
base::Task<absl::StatusOr<storage::BlobRef>> SealLargeText(set::LocalSet& set,
                                                           std::string text);

// Writes a large blob and puts `text` with it in place of what is there.
base::Task<absl::Status> PutLargeText(set::LocalSet& set, std::string key,
                                      std::string text);

// Makes `batch` free what the record `key` names now, if that is still so when
// it is committed.
base::Task<absl::Status> AddFree(set::LocalSet& set, std::string key,
                                 storage::Batch* batch);

// Looks once at all that the drives lack.
absl::StatusOr<set::HealCounts> HealAll(SimProcess& process);

// What a drive has of a large blob: a file, or a slice of an open pack whose
// footer is valid.
struct BlobShard {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend auto operator<=>(const BlobShard&, const BlobShard&) = default;
};

std::ostream& operator<<(std::ostream& out, const BlobShard& shard);

// In the order of their paths and offsets.
std::vector<BlobShard> BlobShardsOf(const SimMedia& media);

std::vector<std::byte> BytesOf(const SimMedia& media, const BlobShard& shard);

// Takes it away: its file, or the bytes of the slice.
void Erase(SimMedia& media, const BlobShard& shard);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SIM_BLOBS_H_
