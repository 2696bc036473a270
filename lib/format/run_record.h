// What runs are made of: records in files. FORMAT.md, section 12.

#ifndef CAIRN_LIB_FORMAT_RUN_RECORD_H_
#define CAIRN_LIB_FORMAT_RUN_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace cairn::format {

enum class RecordKind : std::uint8_t { kPut = 0, kTombstone = 1 };

inline constexpr std::size_t kRunKeySizeMax = 64 << 10;
inline constexpr std::size_t kRunValueSizeMax = 1 << 20;

// A record of a run, which holds at most one for a key. The texts are borrowed.
struct RunRecord {
  std::string_view key;
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string_view value;  // empty in a tombstone

  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

// A part of the space of keys: `lower` <= key < `upper`. Without `upper` it has
// no end; KeyRange() is all of it.
struct KeyRange {
  std::string lower;
  std::optional<std::string> upper;

  bool Contains(std::string_view key) const {
    return lower <= key && (!upper.has_value() || key < *upper);
  }
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

// Names a file of a run among the files of all deployments, for ever.
struct RunFileId {
  base::Uuid deployment;
  std::uint32_t set = 0;
  std::uint32_t file = 0;  // within the run, in the order of the keys
  std::uint64_t run = 0;

  friend bool operator==(const RunFileId&, const RunFileId&) = default;
};

// The parts of a file that carry a checksum of their own.
enum class RunPart : std::uint64_t {
  kBlock = 0x6b636f6c62206e72,
  kIndex = 0x7865646e69206e72,
  kFilter = 0x7265746c6966206e,
};

// Where a part of a file belongs; its checksum is bound to it.
struct RunPlace {
  RunFileId file;
  RunPart part = RunPart::kBlock;
  std::uint32_t number = 0;  // of the block
  std::uint64_t offset = 0;  // in the file
};

std::uint64_t ChecksumIdentity(const RunPlace& place);

// Everything in a file begins and ends at multiples of this, for direct I/O.
inline constexpr std::size_t kRunAlignment = 4096;

// The shortest key k with `before` < k <= `after`; `before` < `after`.
std::string_view Separator(std::string_view before, std::string_view after);

// The length of the longest common prefix.
std::size_t CommonPrefix(std::string_view a, std::string_view b);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_RUN_RECORD_H_
