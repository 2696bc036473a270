// The last 4 KiB of a run file: what it is and where its parts lie. FORMAT.md,
// section 12.

#ifndef CAIRN_LIB_FORMAT_RUN_FOOTER_H_
#define CAIRN_LIB_FORMAT_RUN_FOOTER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/run_record.h"

namespace cairn::format {

inline constexpr std::size_t kRunFooterSize = 4096;

// What writers aim at, and what readers accept.
inline constexpr std::uint64_t kRunFileSizeTarget = 256 << 20;
inline constexpr std::uint64_t kRunFileSizeMax = 1 << 30;

// A file is blocks, then the index, then the filter, then this, little-endian,
// zero to its end:
//
//   offset  size  field
//        0     8  checksum         of all that follows
//        8     4  magic            "CRUN"
//       12     2  version          1
//       14     2  reserved         zero
//       16    16  deployment
//       32     4  set
//       36     4  file             within the run
//       40     8  run
//       48     8  from_sequence    the run holds what is newer than this
//       56     8  to_sequence      and not newer than this
//       64     8  file_size        of all parts, this one included
//       72     8  record_count
//       80     8  tombstone_count  of them
//       88     8  key_bytes        sum of the sizes of the keys
//       96     8  value_bytes      sum of the sizes of the values
//      104     4  block_count
//      108     4  index_size       multiple of 4096
//      112     4  filter_size      multiple of 4096
//      116     4  filter_lines     of 64 bytes
//      120     8  index_checksum   of the index with its padding
//      128     8  filter_checksum  of the filter with its padding
//
// The first 14 bytes are laid out so in every version. The checksums of the
// blocks stand in the index, so the footer's hash names the whole file.
struct RunFooter {
  RunFileId id;
  std::uint64_t from_sequence = 0;
  std::uint64_t to_sequence = 0;
  std::uint64_t file_size = 0;
  std::uint64_t record_count = 0;
  std::uint64_t tombstone_count = 0;
  std::uint64_t key_bytes = 0;
  std::uint64_t value_bytes = 0;
  std::uint32_t block_count = 0;
  std::uint32_t index_size = 0;
  std::uint32_t filter_size = 0;
  std::uint32_t filter_lines = 0;
  std::uint64_t index_checksum = 0;
  std::uint64_t filter_checksum = 0;

  // Where the parts lie. The blocks lie before the index.
  std::uint64_t footer_offset() const { return file_size - kRunFooterSize; }
  std::uint64_t filter_offset() const { return footer_offset() - filter_size; }
  std::uint64_t index_offset() const { return filter_offset() - index_size; }

  friend bool operator==(const RunFooter&, const RunFooter&) = default;
};

using RunFooterBytes = std::array<std::byte, kRunFooterSize>;

RunFooterBytes Encode(const RunFooter& footer);

// Trusts nothing in `bytes`. What it accepts is consistent in itself: the parts
// lie within the file, and the filter is of the size for its records.
//
// Errors: kCorrupt, naming the field that is wrong; kNewerFormat.
absl::StatusOr<RunFooter> DecodeRunFooter(base::Bytes bytes);

// Names the content of the whole file by its footer's bytes.
base::Uuid RunFileDigest(base::Bytes footer);

// Checksums of the two parts, which lie at index_offset() and filter_offset().
std::uint64_t RunIndexChecksum(const RunFooter& footer, base::Bytes index);
std::uint64_t RunFilterChecksum(const RunFooter& footer, base::Bytes filter);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_RUN_FOOTER_H_
