// Open packs: blobs that are too large for the log and too small for files of
// their own. FORMAT.md, section 8.

#ifndef CAIRN_LIB_FORMAT_OPEN_PACK_H_
#define CAIRN_LIB_FORMAT_OPEN_PACK_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/blob_id.h"

namespace cairn::format {

inline constexpr std::uint64_t kOpenPackSizeMax = std::uint64_t{256} << 20;

// Identifies the files of an open pack, one on each drive, for ever. Epoch and
// random part are those of the blobs in it.
struct OpenPackId {
  std::uint32_t epoch = 0;
  std::uint32_t number = 0;  // below 2^31
  std::uint32_t random = 0;

  friend auto operator<=>(const OpenPackId&, const OpenPackId&) = default;
};

// Where a blob's shards lie: at the same place of each drive's file, content
// and footer as in a file of their own.
struct Slice {
  OpenPackId pack;
  // Bytes; multiples of base::kDirectAlignment.
  std::uint64_t offset = 0;  // below kOpenPackSizeMax
  std::uint64_t size = 0;    // from 4096 to kOpenPackSizeMax

  std::uint64_t end() const { return offset + size; }
  friend bool operator==(const Slice&, const Slice&) = default;
};

// The id of a blob in an open pack is its place: the counter is, from the
// highest bit on,
//
//   bits  field
//      1  1, where the blob has files of its own 0
//     31  number of the pack
//     16  offset, in 4096 bytes
//     16  size, in 4096 bytes, less one
BlobId IdOf(const Slice& slice);

// nullopt: the blob has files of its own.
std::optional<Slice> SliceOf(const BlobId& id);

// The file of an open pack, "open_packs/<id>"; and the id that the last part of
// such a path spells, nullopt where it spells none.
std::string OpenPackPath(const OpenPackId& id);
std::optional<OpenPackId> OpenPackIdOf(std::string_view file_name);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_OPEN_PACK_H_
