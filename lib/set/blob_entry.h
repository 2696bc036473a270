// What the index holds of a large blob, beside the record that names it.

#ifndef CAIRN_LIB_SET_BLOB_ENTRY_H_
#define CAIRN_LIB_SET_BLOB_ENTRY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/uuid.h"
#include "format/blob_file.h"

namespace cairn::set {

// Of the key kBlobKey. Kept apart from the record, so that healing changes it
// whoever names the blob, and no guard of a record notices.
struct BlobEntry {
  std::uint64_t size = 0;
  format::BlobPlace place;

  friend bool operator==(const BlobEntry&, const BlobEntry&) = default;
};

// Positions: bit `i` stands for position i.
using PositionSet = std::uint32_t;

inline bool Contains(PositionSet positions, int position) {
  return (positions >> position & 1u) != 0;
}
inline PositionSet SetOf(int position) { return PositionSet{1} << position; }

// All positions below `count`.
inline PositionSet AllOf(int count) {
  return static_cast<PositionSet>((std::uint64_t{1} << count) - 1);
}

// Entries of the index, envelope and value.
std::string EncodeBlobEntry(const base::Uuid& write_id, const BlobEntry& blob);
std::string EncodeFreedEntry(const base::Uuid& write_id);
std::string EncodeHealEntry(const base::Uuid& write_id, PositionSet positions);

// Errors: kCorrupt.
absl::StatusOr<BlobEntry> DecodeBlobEntry(std::string_view bytes);
absl::StatusOr<PositionSet> DecodeHealEntry(std::string_view bytes);

// What a BlobRef's place says of a blob that was sealed and that no record
// names yet.
std::string EncodeSealed(const format::BlobPlace& place);

// Errors: kInvalidArgument for what EncodeSealed() did not make.
absl::StatusOr<format::BlobPlace> DecodeSealed(std::string_view place);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_ENTRY_H_
