// A run: files with disjoint ranges of keys, read as one.

#ifndef CAIRN_LIB_INDEX_RUN_H_
#define CAIRN_LIB_INDEX_RUN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "index/cursor.h"
#include "index/lookup.h"
#include "index/run_reader.h"

namespace cairn::index {

struct RunCursorOptions {
  KeyRange range;  // nothing outside of it is given out
  // Blocks are read from the cache and kept there. A merge, which reads all of
  // a run once, neither looks there nor keeps anything.
  bool is_cached = true;
  // Bytes that are read at once when not cached; at least one block.
  std::size_t read_size = 1 << 20;
};

// A run is shown within `range`: all of it, except while it is merged with its
// neighbours step by step. Then the part that the merged run has already is
// that run's, and files wholly within that part may be gone.
//
// Thread safety: immutable; all methods may run concurrently.
// Lifetime:      tasks and cursors borrow the run.
class Run {
 public:
  // The files of one run in the order of their keys.
  //
  // Errors: kCorrupt when they are of several runs, or when their ranges do not
  //         lie side by side over all of `range`: no file is missing unseen.
  static absl::StatusOr<std::shared_ptr<const Run>> Create(
      std::vector<std::shared_ptr<const RunReader>> files, KeyRange range = {});

  const KeyRange& range() const { return range_; }
  std::uint64_t from_sequence() const { return first().from_sequence; }
  std::uint64_t to_sequence() const { return first().to_sequence; }
  const base::Uuid& deployment() const { return first().id.deployment; }
  std::uint64_t record_count() const;
  std::size_t memory_size() const;

  // False only when the run shows no record with this key.
  bool MayContain(const Probe& probe) const;

  // The run's record of a key, without I/O; nullopt when a block has to be read
  // first.
  std::optional<Found> LookupCached(const Probe& probe) const;

  // The same, with at most one block read.
  base::Task<absl::StatusOr<Found>> Lookup(Probe probe) const;

  std::unique_ptr<Cursor> NewCursor(RunCursorOptions options) const;

  // In the order of their keys.
  const std::vector<std::shared_ptr<const RunReader>>& files() const {
    return files_;
  }

  // The index of the file whose range has `key`, or of the next one;
  // files().size() behind all.
  std::size_t FindFile(std::string_view key) const;

 private:
  Run(std::vector<std::shared_ptr<const RunReader>> files, KeyRange range)
      : files_(std::move(files)), range_(std::move(range)) {}

  const format::RunFooter& first() const { return files_.front()->footer(); }
  // The file to look into for `key`; nullptr when it is not shown.
  const RunReader* FileOf(std::string_view key) const;

  std::vector<std::shared_ptr<const RunReader>> files_;
  KeyRange range_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_RUN_H_
