// Explains the files that Cairn writes, offline and read-only: what one holds,
// whether it is damaged, and what any single byte of it means.

#ifndef CAIRN_INSPECT_H_
#define CAIRN_INSPECT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "cairn/export.h"

namespace cairn {

struct InspectOptions {
  // Explain the byte at this offset of the file, from the structure that it
  // lies in down to the field, instead of the whole file.
  std::optional<std::uint64_t> offset;
  // List what the file holds, not only how much: the frames and mutations of a
  // log, the records of a run, the objects of a pack, the frames of a blob with
  // their checksums, the slices of an open pack.
  bool is_listing = false;
  // The most entries that are listed. Everything is verified all the same.
  std::size_t limit = 100;
};

// One thing that a file holds, or one fact about it.
struct InspectItem {
  // Where it lies in the file. A fact that has no place has size 0. What is
  // spread over sectors or blocks begins at `offset`; `size` does not count the
  // stamps and checksums in between.
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string name;
  std::string value;
  std::string note;  // what is remarkable about it, or wrong with it
  bool is_damaged = false;
  std::vector<InspectItem> parts;
};

struct InspectReport {
  std::string path;
  std::string kind;  // such as "log" or "run"; "drive" for a directory
  std::vector<InspectItem> items;
  // The first of what is damaged, in the order of the file; none of them has
  // parts. `damage_count` counts all.
  std::vector<InspectItem> damages;
  std::uint64_t damage_count = 0;
};

// Explains the file at `path`, or the drive whose directory it is. The files
// of a drive are explained best where they are: logs and packs are bound to
// the "cairn.format" beside them, and blobs are held against it.
//
// A damaged file is no error: the report says how far it can be read, and what
// is wrong. Nothing is written, locked or repaired; a frame that a running
// engine is just writing looks torn.
//
// The file of a blob alone does not say whether anything names the blob: what a
// crash left of one that was never stored looks damaged. In an open pack such
// remains are told as bytes without a slice, unless their footer is there.
//
// Limits: holds the largest structure that is checked as a whole: a frame (1/64
//         of its log), a run's index, a catalogue, a blob's footer; and 2 MiB
//         for an open pack.
// Errors: of the class kNotFound, without a code of its own, when there is
//         nothing at `path`; kDriveFailed when a file cannot be read, is a
//         symlink or no regular file; kInvalidArgument for a file or directory
//         that is none of Cairn's, for an offset behind a file's end, and for
//         one in a directory.
CAIRN_EXPORT absl::StatusOr<InspectReport> Inspect(
    const std::string& path, const InspectOptions& options = {});

// The report as a table for people.
CAIRN_EXPORT std::string RenderText(const InspectReport& report);

// The report as one JSON object. Its keys are the members above; what is empty
// or false is left out of items. It is ASCII: a byte of the path that is none
// stands there as the character U+0080 to U+00FF.
CAIRN_EXPORT std::string RenderJson(const InspectReport& report);

}  // namespace cairn

#endif  // CAIRN_INSPECT_H_
