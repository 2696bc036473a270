// One group of batches on its way into a frame.

#ifndef CAIRN_LIB_SET_GROUP_H_
#define CAIRN_LIB_SET_GROUP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "format/entry.h"
#include "format/frame_metadata.h"
#include "set/frame.h"
#include "storage/meta_store.h"

namespace cairn::set {

// Records and counters share the index; the first byte of a key tells.
inline std::string RecordKey(std::string_view key) {
  return "r" + std::string(key);
}
inline std::string CounterKey(std::string_view key) {
  return "c" + std::string(key);
}

// A counter's value as an entry holds it.
std::string EncodeCounter(std::int64_t value);
std::int64_t DecodeCounter(std::string_view value);

// A batch that waits for a frame, with the stripes of its small blobs in the
// order of its puts.
struct PendingBatch {
  storage::Batch batch;
  std::vector<StripePtr> stripes;
};

// What the index holds under a key before this group; nullopt: nothing.
using IndexLookup =
    std::function<std::optional<std::string>(std::string_view key)>;

// Evaluates batches in their order, each on what those before it change, and
// gathers what a frame's metadata and stripes are to be.
class Group {
 public:
  Group(std::uint64_t sequence, int data_shards, IndexLookup lookup)
      : sequence_(sequence),
        data_shards_(data_shards),
        lookup_(std::move(lookup)) {}

  // Adds what `pending` changes, if its guards hold.
  //
  // Errors: kConflict; nothing was added.
  absl::Status Add(const PendingBatch& pending);

  // Bytes that a frame of this group would take in the log.
  std::size_t frame_size() const;

  // Bytes that adding `pending` could add to a frame, at most.
  static std::size_t SizeOf(const PendingBatch& pending, int data_shards);

  bool empty() const { return metadata_.mutations.empty(); }
  const format::CommitMetadata& metadata() const { return metadata_; }
  const std::vector<StripePtr>& stripes() const { return stripes_; }

 private:
  std::optional<std::string> Get(const std::string& key) const;
  std::int64_t GetCounter(std::string_view key) const;
  bool Holds(const storage::Guard& guard, const storage::Batch& batch) const;
  void Change(std::string key, std::string entry);
  format::Entry MakeEntry(const storage::Put& put,
                          const storage::WriteId& write_id,
                          const StripePtr* stripe);

  std::uint64_t sequence_;
  int data_shards_;
  IndexLookup lookup_;
  format::CommitMetadata metadata_;
  std::vector<StripePtr> stripes_;
  std::map<std::string, std::string, std::less<>> changed_;
  std::size_t metadata_size_ = 8;
  std::size_t shards_size_ = 0;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_GROUP_H_
