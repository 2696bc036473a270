// One group of batches on its way into a frame.

#ifndef CAIRN_LIB_SET_GROUP_H_
#define CAIRN_LIB_SET_GROUP_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "format/entry.h"
#include "format/frame_metadata.h"
#include "set/frame.h"
#include "set/pending_batch.h"
#include "set/set_index.h"
#include "storage/meta_store.h"

namespace cairn::set {

// A counter's value as an entry holds it.
std::string EncodeCounter(std::int64_t value);
std::int64_t DecodeCounter(std::string_view value);

// Evaluates batches in their order, each on what those before it change, and
// gathers what a frame's metadata and stripes are to be. Of a key that several
// batches change only the last entry is kept.
class Group {
 public:
  // Borrows the index, which is not to change meanwhile.
  Group(std::uint64_t sequence, const SetIndex& index)
      : sequence_(sequence), index_(index) {}

  // Adds what `pending` changes, if its guards hold.
  //
  // Errors: kConflict; nothing was added.
  absl::Status Add(const PendingBatch& pending);

  // Bytes that adding `pending` could add to a frame, at most.
  static std::size_t SizeOf(const PendingBatch& pending, int data_shards);

  bool empty() const { return changed_.empty(); }
  const std::vector<StripePtr>& stripes() const { return stripes_; }

  // What the frame is to say. Borrows the group.
  format::CommitMetadata Metadata() const;

  // What the index is to say. Borrows the group.
  std::vector<IndexChange> Changes() const;

 private:
  struct Changed {
    std::string entry;
    base::Bytes payload;
  };

  // Borrows the group, the index, or the batch.
  std::optional<std::string_view> Get(std::string_view key,
                                      const PendingBatch& pending) const;
  std::int64_t GetCounter(std::string_view key,
                          const PendingBatch& pending) const;
  bool Holds(const storage::Guard& guard, const PendingBatch& pending) const;
  absl::Status Check(const PendingBatch& pending) const;
  void AddPuts(const PendingBatch& pending);
  format::EntryBlob AddSmall(const StripePtr& stripe);
  format::EntryBlob AddSealed(const storage::BlobRef& blob,
                              const storage::WriteId& write_id);
  void AddFrees(const storage::Batch& batch);
  void AddAdds(const PendingBatch& pending);

  std::uint64_t sequence_;
  const SetIndex& index_;
  std::vector<StripePtr> stripes_;
  std::map<std::string, Changed, std::less<>> changed_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_GROUP_H_
