#include "set/blob_entry.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "format/byte_io.h"
#include "format/entry.h"

namespace cairn::set {
namespace {

// No place of format/entry.h begins so.
constexpr char kSealed = 's';

absl::Status Wrong(std::string_view what) {
  return base::Error(ErrorCode::kCorrupt, "{} of a blob: wrong size", what);
}

std::string EncodeWith(const base::Uuid& write_id, std::string value) {
  return format::Encode(
      format::Entry{.write_id = write_id, .value = std::move(value)});
}

}  // namespace

std::string EncodeBlobEntry(const base::Uuid& write_id, const BlobEntry& blob) {
  std::vector<std::byte> bytes;
  format::FieldAppender fields(bytes);
  fields.Put(blob.size);
  fields.PutBytes(base::AsBytes(Encode(blob.place)));
  return EncodeWith(write_id, std::string(base::AsText(bytes)));
}

std::string EncodeFreedEntry(const base::Uuid& write_id) {
  return EncodeWith(write_id, "\x01");
}

std::string EncodeHealEntry(const base::Uuid& write_id, PositionSet positions) {
  std::vector<std::byte> bytes;
  format::FieldAppender(bytes).Put(positions);
  return EncodeWith(write_id, std::string(base::AsText(bytes)));
}

absl::StatusOr<BlobEntry> DecodeBlobEntry(std::string_view bytes) {
  CAIRN_ASSIGN_OR_RETURN(const format::Entry entry, format::DecodeEntry(bytes));
  format::FieldReader fields(base::AsBytes(entry.value));
  BlobEntry blob;
  blob.size = fields.Get<std::uint64_t>();
  if (!fields.ok()) return Wrong("the entry");
  CAIRN_ASSIGN_OR_RETURN(
      blob.place, format::DecodeBlobPlace(fields.GetText(fields.remaining())));
  return blob;
}

absl::StatusOr<PositionSet> DecodeHealEntry(std::string_view bytes) {
  CAIRN_ASSIGN_OR_RETURN(const format::Entry entry, format::DecodeEntry(bytes));
  format::FieldReader fields(base::AsBytes(entry.value));
  const auto positions = fields.Get<PositionSet>();
  if (!fields.ok() || fields.remaining() != 0) return Wrong("the heal entry");
  return positions;
}

std::string EncodeSealed(const format::BlobPlace& place) {
  return kSealed + Encode(place);
}

absl::StatusOr<format::BlobPlace> DecodeSealed(std::string_view place) {
  if (place.empty() || place.front() != kSealed) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "a blob that was not sealed by this set");
  }
  return format::DecodeBlobPlace(place.substr(1));
}

}  // namespace cairn::set
