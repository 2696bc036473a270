// An entry of the index: what the set adds to a record. FORMAT.md, section 5.

#ifndef CAIRN_LIB_FORMAT_ENTRY_H_
#define CAIRN_LIB_FORMAT_ENTRY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"

#include "base/uuid.h"
#include "format/blob_id.h"

namespace cairn::format {

// In the shard section of a frame.
struct LogPlace {
  std::uint64_t sequence = 0;
  std::uint32_t stripe = 0;

  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

// A blob of which more shards were lost than parity when the log was given up:
// its record stays, and says so.
inline constexpr std::uint64_t kLostPack = 0;

// In a pack: `size` bytes from `offset` of one column.
struct PackPlace {
  std::uint64_t pack = 0;
  std::uint32_t column = 0;
  std::uint64_t offset = 0;

  friend bool operator==(const PackPlace&, const PackPlace&) = default;
};

// In files of its own, a shard on each drive. Which drives have theirs is kept
// once for each blob: set/blob_entry.h.
struct FilePlace {
  friend bool operator==(const FilePlace&, const FilePlace&) = default;
};

using Place = std::variant<LogPlace, PackPlace, FilePlace>;

struct EntryBlob {
  BlobId id;
  std::uint64_t size = 0;  // bytes
  Place place;

  friend bool operator==(const EntryBlob&, const EntryBlob&) = default;
};

// The envelope, which is the set's, and the value, which is its caller's:
//
//   offset  size  field
//        0     1  kind       0: no blob; 1: in the log; 2: in a pack;
//                            3: in files of its own, or in an open pack
//        1    16  write_id
//   of kind 1, 2 and 3:
//       17     4  blob epoch
//       21     4  blob random
//       25     8  blob counter
//       33     8  blob size
//   of kind 1:                       of kind 2:
//       41     8  sequence               41     8  pack
//       49     4  stripe                 49     4  column
//                                        53     8  offset
//   then the value, at least one byte
struct Entry {
  base::Uuid write_id;
  std::optional<EntryBlob> blob;
  std::string value;

  friend bool operator==(const Entry&, const Entry&) = default;
};

std::string Encode(const Entry& entry);

// Errors: kCorrupt.
absl::StatusOr<Entry> DecodeEntry(std::string_view bytes);

// The place alone, as a BlobRef carries it.
std::string EncodePlace(const Place& place);
absl::StatusOr<Place> DecodePlace(std::string_view bytes);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_ENTRY_H_
