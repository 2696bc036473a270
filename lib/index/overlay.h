// What the log holds and the runs do not yet, in memory.

#ifndef CAIRN_LIB_INDEX_OVERLAY_H_
#define CAIRN_LIB_INDEX_OVERLAY_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/arena.h"
#include "index/cursor.h"
#include "index/lookup.h"

namespace cairn::index {

// An ordered map with versions: of a key it keeps every record, so that a
// reader at sequence S sees just what was newest at S, whatever is added
// meanwhile. Nothing is ever changed or removed; a checkpoint replaces the
// whole overlay by an empty one.
//
// Thread safety: one thread adds; any number look up and go over it at the same
//                time, without a lock. A reader at S sees a record of S if
//                Add() returned before S was published to it.
// Lifetime:      what is returned is borrowed from the overlay.
class Overlay {
 public:
  Overlay();
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;
  ~Overlay();

  // Adds a record; the texts are copied. Of two with one key and sequence the
  // one that was added last counts.
  void Add(const Record& record);

  // The newest record of `key` at `sequence`. Takes as long with many keys as
  // with few, up to about kBucketCount of them.
  std::optional<Record> Find(std::string_view key,
                             std::uint64_t sequence) const;

  // Goes over what is newest at `sequence`, within `range`. Never has to load.
  std::unique_ptr<Cursor> NewCursor(std::uint64_t sequence,
                                    KeyRange range = {}) const;

  // Records, with all versions, and the memory that they take.
  std::size_t record_count() const {
    return record_count_.load(std::memory_order_relaxed);
  }
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  class Node;
  class OverlayCursor;

  // Of nodes by their keys. A search in order costs a cache miss for each of
  // its steps, and every put looks up more keys than it adds.
  static constexpr std::size_t kBucketCount = std::size_t{1} << 15;

  // One in four nodes of a level is in the next one too: 4^12 nodes keep a
  // search logarithmic, far more than a log can hold.
  static constexpr int kHeightMax = 12;

  int RandomHeight();
  Node* NewNode(const Record& record, int height);

  void AddToBucket(Node* added);
  const Node* FindInBucket(std::string_view key) const;

  // Records lie by key, then the newest first. The first node that is not
  // before {`key`, `sequence`}; nullptr at the end.
  const Node* FindNode(std::string_view key, std::uint64_t sequence) const;
  // The first node behind all of `key`.
  const Node* FindBehind(std::string_view key) const;

  Arena arena_;
  std::vector<std::atomic<Node*>> buckets_{kBucketCount};
  Node* const head_;
  std::atomic<int> height_ = 1;
  std::uint64_t random_ = 0;
  std::atomic<std::size_t> record_count_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_OVERLAY_H_
