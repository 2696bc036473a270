// The whole index at one moment: the overlays and the runs.

#ifndef CAIRN_LIB_INDEX_VIEW_H_
#define CAIRN_LIB_INDEX_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "index/cursor.h"
#include "index/lookup.h"
#include "index/overlay.h"
#include "index/run.h"

namespace cairn::index {

// No key is in the ranges of more runs than this.
inline constexpr int kRunsPerKeyMax = 8;

struct ViewParts {
  std::shared_ptr<const Overlay> active;
  std::shared_ptr<const Overlay> frozen;         // may be null
  std::vector<std::shared_ptr<const Run>> runs;  // the newest first
  base::Uuid deployment;
};

// Records with `prefix` in the order of their keys, after `after` (exclusive;
// "" is the beginning), at most `limit`, and no more after `bytes_max` bytes of
// keys and values.
struct ScanRequest {
  std::string prefix;
  std::string after;
  std::size_t limit = 1000;
  std::size_t bytes_max = 16 << 20;
};

struct ScannedRecord {
  std::string key;
  std::uint64_t sequence = 0;
  std::string value;
  std::string trailer;
};

struct ScanResult {
  std::vector<ScannedRecord> records;
  bool more = false;  // there is another record with the prefix
};

// An immutable list of what the index consists of. Every answer is that of one
// sequence: entries of the overlays above it are not seen, and it is never
// below what the runs hold.
//
// Thread safety: all methods may run concurrently, while one thread adds to the
//                active overlay.
// Lifetime:      tasks and cursors borrow the view, and texts in answers are
//                valid while the view and `Found::block` are held.
class View {
 public:
  // Errors: kCorrupt when runs are of another deployment, not ordered by their
  //         sequences, or too many for a key.
  static absl::StatusOr<std::shared_ptr<const View>> Create(ViewParts parts);

  // The lowest sequence that can be read at: that of the newest run.
  std::uint64_t floor() const { return floor_; }

  // The newest record of `key` at `sequence` >= floor(), without I/O; nullopt
  // when a block has to be read first.
  std::optional<Found> LookupCached(std::string_view key,
                                    std::uint64_t sequence) const;

  // The same, reading at most one block of each run. Borrows the key.
  base::Task<absl::StatusOr<Found>> Lookup(std::string_view key,
                                           std::uint64_t sequence) const;

  // The newest records of the keys in `range` at `sequence` >= floor(),
  // tombstones too.
  std::unique_ptr<Cursor> NewCursor(KeyRange range,
                                    std::uint64_t sequence) const;

  // Without tombstones.
  base::Task<absl::StatusOr<ScanResult>> Scan(ScanRequest request,
                                              std::uint64_t sequence) const;

  // Whether a run from the `first` one on, of the newest first, may show a
  // record with `key`: what tombstones of a merge are kept for.
  bool RunsMayContain(std::string_view key, std::size_t first) const;

  const ViewParts& parts() const { return parts_; }

 private:
  explicit View(ViewParts parts);

  Probe ProbeOf(std::string_view key) const;
  std::optional<Found> LookupOverlays(std::string_view key,
                                      std::uint64_t sequence) const;

  ViewParts parts_;
  std::uint64_t salt_;
  std::uint64_t floor_ = 0;
};

// The keys that begin with `prefix`.
KeyRange RangeOfPrefix(std::string_view prefix);

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_VIEW_H_
