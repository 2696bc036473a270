// Tables of fields: how the structures of FORMAT.md look byte for byte. The
// decoders of format/ give whole structures; these tables say which byte is
// what. tests/unit/inspect/field_test.cc holds them against the encoders.

#ifndef CAIRN_LIB_INSPECT_FIELD_H_
#define CAIRN_LIB_INSPECT_FIELD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "format/blob_file.h"
#include "format/drive_identity.h"
#include "format/frame_header.h"
#include "format/pack.h"
#include "format/run_block.h"
#include "format/run_footer.h"
#include "format/sector.h"

namespace cairn::inspect {

enum class FieldType {
  kNumber,
  kHex,  // a number that only identifies: a checksum, an id
  kText,
  kUuid,
  kBytes,
  kZeros,
  kRole,
  kFrameKind,
  kEntryKind,
};

// `count` fields of `size` bytes, one after the other.
struct Field {
  std::string_view name;
  std::size_t size = 0;
  FieldType type = FieldType::kNumber;
  std::size_t count = 1;
};

using FieldTable = std::span<const Field>;

constexpr std::size_t SizeOf(FieldTable table) {
  std::size_t size = 0;
  for (const Field& field : table) size += field.size * field.count;
  return size;
}

// The value of a field as text. `bytes` may be fewer than the field has.
std::string Show(FieldType type, base::Bytes bytes);

std::string_view NameOf(format::FrameKind kind);

// The number in up to 8 bytes.
std::uint64_t NumberOf(base::Bytes bytes);

// The number in the field `name` of `table`, whose bytes are `bytes`; 0 when
// they are cut short before it.
std::uint64_t NumberIn(FieldTable table, std::string_view name,
                       base::Bytes bytes);

inline constexpr std::array kIdentityFields = std::to_array<Field>({
    {"magic", 4, FieldType::kText},
    {"version", 2},
    {"role", 1, FieldType::kRole},
    {"position", 1},
    {"deployment", 16, FieldType::kUuid},
    {"drive", 16, FieldType::kUuid},
    {"log", 16, FieldType::kUuid},
    {"pool", 4},
    {"set", 4},
    {"data_shards", 4},
    {"parity_shards", 4},
    {"log_size", 8},
    {"placement", 4},
    {"member_count", 4},
    {"member", 16, FieldType::kUuid, format::kDrivesMax},
    {"checksum", 8, FieldType::kHex},
    {"zeros", 3680, FieldType::kZeros},
});
static_assert(SizeOf(kIdentityFields) == format::kIdentityBlockSize);

inline constexpr std::array kPromiseFields = std::to_array<Field>({
    {"magic", 4, FieldType::kText},
    {"epoch", 4},
    {"log", 16, FieldType::kUuid},
    {"checksum", 8, FieldType::kHex},
    {"zeros", 4064, FieldType::kZeros},
});
static_assert(SizeOf(kPromiseFields) == format::kPromiseSlotSize);

inline constexpr std::array kStampFields = std::to_array<Field>({
    {"epoch", 4},
    {"sequence", 8},
    {"crc", 4, FieldType::kHex},
});
static_assert(SizeOf(kStampFields) == format::kStampSize);

inline constexpr std::array kFrameHeaderFields = std::to_array<Field>({
    {"magic", 4, FieldType::kText},
    {"version", 2},
    {"kind", 1, FieldType::kFrameKind},
    {"position", 1},
    {"drive", 16, FieldType::kUuid},
    {"deployment", 16, FieldType::kUuid},
    {"set", 4},
    {"epoch", 4},
    {"epoch_id", 8, FieldType::kHex},
    {"sequence", 8},
    {"offset", 8},
    {"predecessor", 16, FieldType::kUuid},
    {"frame_size", 4},
    {"metadata_size", 4},
    {"shards_size", 4},
    {"stripe_count", 4},
    {"metadata_checksum", 8, FieldType::kHex},
    {"behind_since", 8, FieldType::kNumber, format::kDrivesMax},
    {"header_checksum", 8, FieldType::kHex},
    {"zeros", 216, FieldType::kZeros},
});
static_assert(SizeOf(kFrameHeaderFields) == format::kFrameHeaderSize);

inline constexpr std::array kStripeFields = std::to_array<Field>({
    {"blob_epoch", 4},
    {"blob_random", 4, FieldType::kHex},
    {"blob_counter", 8},
    {"size", 4},
});

inline constexpr std::array kEntryFields = std::to_array<Field>({
    {"kind", 1, FieldType::kEntryKind},
    {"write_id", 16, FieldType::kUuid},
});
inline constexpr std::array kEntryBlobFields = std::to_array<Field>({
    {"blob_epoch", 4},
    {"blob_random", 4, FieldType::kHex},
    {"blob_counter", 8},
    {"blob_size", 8},
});
inline constexpr std::array kLogPlaceFields = std::to_array<Field>({
    {"sequence", 8},
    {"stripe", 4},
});
inline constexpr std::array kPackPlaceFields = std::to_array<Field>({
    {"pack", 8, FieldType::kHex},
    {"column", 4},
    {"offset", 8},
});

// What an entry of a kind holds between the envelope and the value.
struct EntryKind {
  std::uint8_t kind = 0;
  std::string_view name;
  FieldTable blob;
  FieldTable place;
};
inline constexpr std::array kEntryKinds = std::to_array<EntryKind>({
    {0, "no blob", {}, {}},
    {1, "in the log", kEntryBlobFields, kLogPlaceFields},
    {2, "in a pack", kEntryBlobFields, kPackPlaceFields},
    {3, "in files of its own", kEntryBlobFields, {}},
});

// What values of entries begin with; sections 5, 10 and 11.
inline constexpr std::array kObjectRecordFields = std::to_array<Field>({
    {"version", 1},
    {"etag", 16, FieldType::kBytes},
    {"last_modified", 8},
});
inline constexpr std::array kBucketRecordFields = std::to_array<Field>({
    {"version", 1},
    {"placement", 1},
    {"home_set", 4},
    {"id", 8},
    {"created", 8},
});
inline constexpr std::array kBlobEntryFields = std::to_array<Field>({
    {"size", 8},
    {"sealed", 4, FieldType::kHex},
    {"unit", 4},
    {"data_shards", 1},
    {"parity_shards", 1},
    {"digest", 16, FieldType::kUuid},
});
inline constexpr std::array kHealEntryFields = std::to_array<Field>({
    {"positions", 4, FieldType::kHex},
});
inline constexpr std::array kCounterFields = std::to_array<Field>({
    {"count", 8},
});
inline constexpr std::array kMarkFields = std::to_array<Field>({
    {"mark", 1},
});

inline constexpr std::array kCatalogueFields = std::to_array<Field>({
    {"magic", 4, FieldType::kText},
    {"version", 2},
    {"zeros", 2, FieldType::kZeros},
    {"size", 8},
    {"drive", 16, FieldType::kUuid},
});
inline constexpr std::array kLogPositionFields = std::to_array<Field>({
    {"sequence", 8},
    {"next_offset", 8},
    {"hash", 16, FieldType::kUuid},
});
inline constexpr std::array kRunFileFields = std::to_array<Field>({
    {"id", 8, FieldType::kHex},
    {"file", 4},
    {"from_sequence", 8},
    {"to_sequence", 8},
    {"size", 8},
    {"digest", 16, FieldType::kUuid},
});
inline constexpr std::array kPackFileFields = std::to_array<Field>({
    {"id", 8, FieldType::kHex},
    {"size", 8},
    {"tile_count", 4},
});

inline constexpr std::array kRunFooterFields = std::to_array<Field>({
    {"checksum", 8, FieldType::kHex},
    {"magic", 4, FieldType::kText},
    {"version", 2},
    {"reserved", 2, FieldType::kZeros},
    {"deployment", 16, FieldType::kUuid},
    {"set", 4},
    {"file", 4},
    {"run", 8, FieldType::kHex},
    {"from_sequence", 8},
    {"to_sequence", 8},
    {"file_size", 8},
    {"record_count", 8},
    {"tombstone_count", 8},
    {"key_bytes", 8},
    {"value_bytes", 8},
    {"block_count", 4},
    {"index_size", 4},
    {"filter_size", 4},
    {"filter_lines", 4},
    {"index_checksum", 8, FieldType::kHex},
    {"filter_checksum", 8, FieldType::kHex},
    {"zeros", 3960, FieldType::kZeros},
});
static_assert(SizeOf(kRunFooterFields) == format::kRunFooterSize);

inline constexpr std::array kRunBlockFields = std::to_array<Field>({
    {"checksum", 8, FieldType::kHex},
    {"magic", 4, FieldType::kText},
    {"size", 4},
    {"record_count", 4},
    {"records_size", 4},
    {"sequence_base", 8},
    {"prefix_size", 4},
    {"lower_shared", 4},
    {"lower_size", 4},
    {"upper_shared", 4},
    {"upper_size", 4},
});
static_assert(SizeOf(kRunBlockFields) == format::kRunBlockHeaderSize);

inline constexpr std::array kPackObjectFields = std::to_array<Field>({
    {"magic", 4, FieldType::kText},
    {"key_size", 4},
    {"size", 8},
    {"blob_epoch", 4},
    {"blob_random", 4, FieldType::kHex},
    {"blob_counter", 8},
    {"write_id", 16, FieldType::kUuid},
    {"checksum", 8, FieldType::kHex},
});
static_assert(SizeOf(kPackObjectFields) == format::kPackObjectHeaderSize);

inline constexpr std::array kBlobTailFields = std::to_array<Field>({
    {"magic", 4, FieldType::kText},
    {"version", 2},
    {"data_shards", 1},
    {"parity_shards", 1},
    {"unit", 4},
    {"set", 4},
    {"deployment", 16, FieldType::kUuid},
    {"blob_epoch", 4},
    {"blob_random", 4, FieldType::kHex},
    {"blob_counter", 8},
    {"size", 8},
    {"table_digest", 16, FieldType::kUuid, format::kBlobPositionsMax},
    {"position", 1},
    {"zeros", 127, FieldType::kZeros},
    {"checksum", 8, FieldType::kHex},
});
static_assert(SizeOf(kBlobTailFields) == format::kBlobFooterTailSize);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_FIELD_H_
