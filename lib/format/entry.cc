#include "format/entry.h"

#include <vector>

#include "base/status.h"
#include "format/byte_io.h"

namespace cairn::format {
namespace {

enum Kind : std::uint8_t {
  kNoBlob = 0,
  kInLog = 1,
  kInPack = 2,
  kInFiles = 3,
};

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "index entry: wrong {}", field);
}

Kind KindOf(const Place& place) {
  if (std::holds_alternative<LogPlace>(place)) return kInLog;
  return std::holds_alternative<PackPlace>(place) ? kInPack : kInFiles;
}

void PutPlace(FieldAppender& fields, const Place& place) {
  if (const auto* log = std::get_if<LogPlace>(&place)) {
    fields.Put(log->sequence);
    fields.Put(log->stripe);
  } else if (const auto* pack = std::get_if<PackPlace>(&place)) {
    fields.Put(pack->pack);
    fields.Put(pack->column);
    fields.Put(pack->offset);
  }
}

Place GetPlace(FieldReader& fields, Kind kind) {
  if (kind == kInLog) {
    LogPlace log;
    log.sequence = fields.Get<std::uint64_t>();
    log.stripe = fields.Get<std::uint32_t>();
    return log;
  }
  if (kind == kInFiles) return FilePlace();
  PackPlace pack;
  pack.pack = fields.Get<std::uint64_t>();
  pack.column = fields.Get<std::uint32_t>();
  pack.offset = fields.Get<std::uint64_t>();
  return pack;
}

EntryBlob GetBlob(FieldReader& fields, Kind kind) {
  EntryBlob blob;
  blob.id.epoch = fields.Get<std::uint32_t>();
  blob.id.random = fields.Get<std::uint32_t>();
  blob.id.counter = fields.Get<std::uint64_t>();
  blob.size = fields.Get<std::uint64_t>();
  blob.place = GetPlace(fields, kind);
  return blob;
}

std::string ToText(const std::vector<std::byte>& bytes) {
  return std::string(base::AsText(bytes));
}

}  // namespace

std::string Encode(const Entry& entry) {
  std::vector<std::byte> bytes;
  FieldAppender fields(bytes);
  fields.Put(static_cast<std::uint8_t>(
      entry.blob.has_value() ? KindOf(entry.blob->place) : kNoBlob));
  fields.Put(entry.write_id);
  if (entry.blob.has_value()) {
    fields.Put(entry.blob->id.epoch);
    fields.Put(entry.blob->id.random);
    fields.Put(entry.blob->id.counter);
    fields.Put(entry.blob->size);
    PutPlace(fields, entry.blob->place);
  }
  fields.PutBytes(base::AsBytes(entry.value));
  return ToText(bytes);
}

absl::StatusOr<Entry> DecodeEntry(std::string_view bytes) {
  FieldReader fields(base::AsBytes(bytes));
  const auto kind = fields.Get<std::uint8_t>();
  if (kind > kInFiles) return Wrong("kind");
  Entry entry;
  entry.write_id = fields.GetUuid();
  if (kind != kNoBlob) entry.blob = GetBlob(fields, static_cast<Kind>(kind));
  entry.value = fields.GetText(fields.remaining());
  if (!fields.ok() || entry.value.empty()) return Wrong("size");
  return entry;
}

std::string EncodePlace(const Place& place) {
  std::vector<std::byte> bytes;
  FieldAppender fields(bytes);
  fields.Put(static_cast<std::uint8_t>(KindOf(place)));
  PutPlace(fields, place);
  return ToText(bytes);
}

absl::StatusOr<Place> DecodePlace(std::string_view bytes) {
  FieldReader fields(base::AsBytes(bytes));
  const auto kind = fields.Get<std::uint8_t>();
  if (kind == kNoBlob || kind > kInFiles) return Wrong("place");
  const Place place = GetPlace(fields, static_cast<Kind>(kind));
  if (!fields.ok() || fields.remaining() != 0) return Wrong("place");
  return place;
}

}  // namespace cairn::format
