// Shard files of large blobs: one for each drive of the set. FORMAT.md,
// section 8.

#ifndef CAIRN_LIB_FORMAT_BLOB_FILE_H_
#define CAIRN_LIB_FORMAT_BLOB_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/blob_id.h"

namespace cairn::format {

inline constexpr int kBlobPositionsMax = 20;
inline constexpr std::size_t kBlobFrameSize = 64 << 10;
inline constexpr std::uint32_t kBlobUnitMax = 4 << 20;
inline constexpr std::uint64_t kBlobFileBytesMax = std::uint64_t{8} << 30;

// How a blob is cut. Its bytes are stripes; a stripe is `data` shards of `unit`
// bytes, one after the other, and their parity. The last stripe's shards are as
// short as its bytes allow, a multiple of 4096, its end filled with zeros. A
// drive's shards, one after the other, are the content of its file; that is
// frames of kBlobFrameSize, the last one short.
struct BlobShape {
  std::uint64_t size = 0;  // bytes of the blob
  std::uint32_t unit = 0;  // bytes of a shard, a multiple of kBlobFrameSize
  std::uint8_t data_shards = 0;
  std::uint8_t parity_shards = 0;

  int total_shards() const { return data_shards + parity_shards; }

  // Bytes of the blob in a stripe that is full.
  std::uint64_t stripe_size() const {
    return std::uint64_t{unit} * data_shards;
  }
  std::uint64_t stripe_count() const {
    return (size + stripe_size() - 1) / stripe_size();
  }
  // Bytes of one shard of a stripe.
  std::uint64_t shard_size(std::uint64_t stripe) const;

  // Bytes of a file, without and with its footer.
  std::uint64_t content_size() const;
  std::uint64_t file_size() const { return content_size() + footer_size(); }
  std::uint64_t footer_size() const;

  std::uint64_t frame_count() const {
    return (content_size() + kBlobFrameSize - 1) / kBlobFrameSize;
  }
  std::size_t frame_size(std::uint64_t frame) const;

  friend bool operator==(const BlobShape&, const BlobShape&) = default;
};

// Errors: kCorrupt when a field is out of bounds.
absl::Status Validate(const BlobShape& shape);

// The unit for a geometry when nobody names one: two stripes with their parity
// take at most 3 MiB, and a write at most 1 MiB.
std::uint32_t BlobUnitFor(int data_shards, int parity_shards);

// Which blob a file belongs to.
struct BlobName {
  base::Uuid deployment;
  std::uint32_t set = 0;
  BlobId id;

  friend bool operator==(const BlobName&, const BlobName&) = default;
};

// Directories "blobs/xx", xx from 00 to ff.
inline constexpr int kBlobDirectories = 256;

// The file of a blob, "blobs/xx/<id>"; and the id that the last part of such a
// path spells, nullopt where it spells none.
std::string BlobPath(const BlobId& id);
std::optional<BlobId> BlobIdOf(std::string_view file_name);

// Where a frame belongs.
struct BlobFramePlace {
  BlobName name;
  int position = 0;         // of the drive in the set
  std::uint64_t frame = 0;  // in the file
};

std::uint64_t BlobFrameChecksum(const BlobFramePlace& place, base::Bytes frame);

// The checksums of a file's frames, in their order.
using BlobTable = std::vector<std::uint64_t>;

base::Uuid DigestOf(const BlobTable& table);

// What a blob is, the same in the footers of all its files. Its digest stands
// in the entry: it vouches for the digests of the tables, those for the
// tables, and those for the frames.
struct BlobManifest {
  BlobName name;
  BlobShape shape;
  // Of each position's table; nil behind the last position.
  std::array<base::Uuid, kBlobPositionsMax> table_digests{};

  friend bool operator==(const BlobManifest&, const BlobManifest&) = default;
};

base::Uuid DigestOf(const BlobManifest& manifest);

// The footer of the file of one position: its last footer_size() bytes.
struct BlobFooter {
  BlobManifest manifest;
  int position = 0;
  BlobTable table;

  friend bool operator==(const BlobFooter&, const BlobFooter&) = default;
};

// The fixed part stands at the very end, so that a file describes itself:
//
//   offset  size  field
//        0        table            a checksum of 8 bytes for each frame
//                 zeros, to 512 bytes before a multiple of 4096
//   then, from there:
//        0     4  magic            "CBLB"
//        4     2  version          1
//        6     1  data_shards
//        7     1  parity_shards
//        8     4  unit
//       12     4  set
//       16    16  deployment
//       32    16  blob             epoch, random, counter
//       48     8  size
//       56   320  table_digests    of each position
//      376        end of what is the same on every drive
//      376     1  position
//      377   127  zero
//      504     8  checksum         of the 504 bytes before
inline constexpr std::size_t kBlobFooterTailSize = 512;

base::AlignedBuffer Encode(const BlobFooter& footer);

// Reads a footer out of the end of a file: its last footer_size() bytes. What
// it accepts is consistent in itself, and its table is vouched for by its
// manifest.
//
// Errors: kCorrupt, naming the field; kNewerFormat.
absl::StatusOr<BlobFooter> DecodeBlobFooter(base::Bytes bytes);

// The fixed part alone, out of the last kBlobFooterTailSize bytes of a file;
// says how large the whole footer is.
struct BlobFooterTail {
  BlobManifest manifest;
  int position = 0;
};
absl::StatusOr<BlobFooterTail> DecodeBlobFooterTail(base::Bytes bytes);

// Where a blob's bytes are, as its entry says:
//
//   offset  size  field
//        0     4  sealed         positions: bit `i` stands for position i
//        4     4  unit
//        8     1  data_shards
//        9     1  parity_shards
//       10    16  digest         of the manifest
struct BlobPlace {
  std::uint32_t sealed = 0;
  std::uint32_t unit = 0;
  std::uint8_t data_shards = 0;
  std::uint8_t parity_shards = 0;
  base::Uuid digest;

  BlobShape ShapeOf(std::uint64_t size) const {
    return {.size = size,
            .unit = unit,
            .data_shards = data_shards,
            .parity_shards = parity_shards};
  }

  friend bool operator==(const BlobPlace&, const BlobPlace&) = default;
};

inline constexpr std::size_t kBlobPlaceSize = 26;

std::string Encode(const BlobPlace& place);

// Errors: kCorrupt.
absl::StatusOr<BlobPlace> DecodeBlobPlace(std::string_view bytes);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_BLOB_FILE_H_
