// Packs: the bytes of many small objects, coded by the mebibyte. FORMAT.md,
// section 7.

#ifndef CAIRN_LIB_FORMAT_PACK_H_
#define CAIRN_LIB_FORMAT_PACK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/blob_id.h"

namespace cairn::format {

// A pack is tiles of `data` columns of equal size; parity columns are coded
// from the payload of the tile's data columns. Each drive has one column of
// every tile, one after the other, in its own file. Every tile but the last has
// columns of kColumnSizeMax.
//
// A column is blocks of kPackBlockSize, each payload and a checksum that binds
// it to its place; so any range is verified by what was read for it.
inline constexpr std::size_t kPackBlockSize = 4096;
inline constexpr std::size_t kPackBlockPayloadSize = kPackBlockSize - 8;
inline constexpr std::size_t kColumnSizeMax = 1 << 20;
inline constexpr std::size_t kColumnBlocksMax = kColumnSizeMax / kPackBlockSize;
inline constexpr std::size_t kColumnPayloadMax =
    kColumnBlocksMax * kPackBlockPayloadSize;

// Where a block belongs.
struct PackBlockPlace {
  base::Uuid deployment;
  std::uint64_t pack = 0;
  std::uint32_t position = 0;  // of the drive in the set
  std::uint64_t block = 0;     // in the file
};

// Bytes in the file of a column with so much payload.
constexpr std::size_t ColumnSize(std::size_t payload_size) {
  return (payload_size + kPackBlockPayloadSize - 1) / kPackBlockPayloadSize *
         kPackBlockSize;
}

// Spreads `payload` over blocks: `column` has ColumnSize(payload.size()) bytes,
// and its first block stands at `first`.
void SealColumn(base::Bytes payload, PackBlockPlace first,
                base::MutableBytes column);

// Checks every block of `blocks`, the first of which stands at `first`, and
// moves their payload together to the front.
//
// Errors: kCorrupt, naming the block.
absl::StatusOr<base::MutableBytes> OpenBlocks(base::MutableBytes blocks,
                                              PackBlockPlace first);

// Before each object in a column, for salvage and for proof:
//
//   offset  size  field
//        0     4  magic       "CPOB"
//        4     4  key_size
//        8     8  size        bytes of the object
//       16    16  blob        epoch, random, counter
//       32    16  write_id    of the record
//       48     8  checksum    of the key and the fields before
//       56        key, then the object's bytes, then zeros to a multiple of 8
struct PackObject {
  BlobId blob;
  base::Uuid write_id;
  std::string_view key;  // of the index
  std::uint64_t size = 0;

  friend bool operator==(const PackObject&, const PackObject&) = default;
};

inline constexpr std::size_t kPackObjectHeaderSize = 56;

// Payload that an object takes in a column.
constexpr std::size_t PackedSize(std::size_t key_size, std::size_t size) {
  return base::AlignUp(kPackObjectHeaderSize + key_size + size, 8);
}

// Writes header and key to `into`; the object's bytes go behind. Returns how
// much that was.
std::size_t PutPackObject(const PackObject& object, base::MutableBytes into);

// `key` of the result borrows from `payload`.
//
// Errors: kCorrupt.
absl::StatusOr<PackObject> GetPackObject(base::Bytes payload);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_PACK_H_
