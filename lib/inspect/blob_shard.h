// What one drive has of a blob, a file or a slice of one: content, and the
// footer behind it. FORMAT.md, section 8.

#ifndef CAIRN_LIB_INSPECT_BLOB_SHARD_H_
#define CAIRN_LIB_INSPECT_BLOB_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "format/blob_file.h"
#include "inspect/file.h"
#include "inspect/reporter.h"
#include "inspect/source.h"

namespace cairn::inspect {

struct BlobShard {
  Extent extent;  // of content and footer in the file
  // The whole footer or, where the tail does not say how large that is, what
  // there is of the tail.
  std::vector<std::byte> footer_bytes;
  absl::StatusOr<format::BlobFooterTail> tail;
  absl::Status table;  // of the checksums, when the tail is right
  absl::Status place;  // whether it lies where it belongs

  std::uint64_t end() const { return extent.offset + extent.size; }
  Extent footer() const {
    return {end() - footer_bytes.size(), footer_bytes.size()};
  }
  // What is wrong with the footer.
  absl::Status footer_status() const;
};

// Reads the footer at the end of `extent`, which lies within the file, and
// holds it against the drive that the file is on. Errors: those of reading.
absl::StatusOr<BlobShard> ReadBlobShard(const Subject& subject, Extent extent);

// What was wrong with a shard.
struct ShardVerdict {
  std::uint64_t damage_count = 0;
  std::string first;  // of them

  std::string Show() const;  // in one line
};

struct ShardCheckOptions {
  std::string prefix;       // of the names of damages
  bool is_listing = false;  // whether each frame is an entry
};

// Verifies all of the shard, frame by frame, and tells `reporter` of damages.
//
// Limits: a frame, and 8 bytes for each.
// Errors: those of reading.
absl::StatusOr<ShardVerdict> CheckBlobShard(const Source& source,
                                            const BlobShard& shard,
                                            const ShardCheckOptions& options,
                                            Reporter& reporter);

// The way to byte `at` of the file, which lies within the shard.
absl::StatusOr<Way> ExplainBlobShard(const Source& source,
                                     const BlobShard& shard, std::uint64_t at);

// "1, data".
std::string ShowPosition(const format::BlobFooterTail& tail);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_BLOB_SHARD_H_
