#include "format/object_record.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"
#include "format/byte_io.h"
#include "format/tagged_fields.h"

namespace cairn::format {
namespace {

constexpr std::uint8_t kVersion = 1;

// Even: mandatory.
enum Tag : std::uint64_t {
  kContentType = 1,
  kInlineBody = 2,
  kContentEncoding = 3,
  kParts = 4,
  kContentLanguage = 5,
  kContentDisposition = 7,
  kCacheControl = 9,
  kExpires = 11,
  kUserMetadata = 13,
};

constexpr std::size_t kFixedSize = 1 + 16 + 8;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "object record: wrong {}", field);
}

std::string EncodeMetadata(const UserMetadata& metadata) {
  std::string bytes;
  for (const auto& [name, value] : metadata) {
    AppendVarint(bytes, name.size());
    bytes += name;
    AppendVarint(bytes, value.size());
    bytes += value;
  }
  return bytes;
}

std::optional<std::string_view> TakeText(std::string_view& from) {
  const auto size = TakeVarint(from);
  if (!size.has_value() || *size > from.size()) return std::nullopt;
  const std::string_view text = from.substr(0, *size);
  from.remove_prefix(*size);
  return text;
}

absl::Status DecodeMetadata(std::string_view bytes, UserMetadata& metadata) {
  while (!bytes.empty()) {
    const auto name = TakeText(bytes);
    const auto value = TakeText(bytes);
    const bool ascends = metadata.empty() ||
                         (name.has_value() && *name > metadata.rbegin()->first);
    if (!name.has_value() || !value.has_value() || !ascends) {
      return Wrong("user metadata");
    }
    metadata.emplace_hint(metadata.end(), *name, *value);
  }
  return metadata.empty() ? Wrong("user metadata") : absl::OkStatus();
}

absl::Status DecodeText(std::string_view bytes, std::string& text) {
  text = bytes;
  return text.empty() ? Wrong("header") : absl::OkStatus();
}

std::string EncodeParts(const ObjectParts& parts) {
  std::string bytes(16, '\0');
  FieldWriter(std::as_writable_bytes(std::span(bytes))).Put(parts.id);
  AppendVarint(bytes, parts.count);
  return bytes;
}

absl::Status DecodeParts(std::string_view bytes,
                         std::optional<ObjectParts>& parts) {
  FieldReader fields(base::AsBytes(bytes));
  const base::Uuid id = fields.GetUuid();
  bytes.remove_prefix(bytes.size() - fields.remaining());
  const std::uint64_t count = TakeVarint(bytes).value_or(0);
  if (!fields.ok() || count < 2 || !bytes.empty()) return Wrong("parts");
  parts = ObjectParts{.id = id, .count = count};
  return absl::OkStatus();
}

absl::Status DecodeField(const TaggedField& field, ObjectRecord& record) {
  switch (field.tag) {
    case kContentType:
      return DecodeText(field.bytes, record.headers.content_type);
    case kInlineBody:
      record.inline_body = field.bytes;
      return record.inline_body.empty() ? Wrong("body") : absl::OkStatus();
    case kContentEncoding:
      return DecodeText(field.bytes, record.headers.content_encoding);
    case kParts:
      return DecodeParts(field.bytes, record.parts);
    case kContentLanguage:
      return DecodeText(field.bytes, record.headers.content_language);
    case kContentDisposition:
      return DecodeText(field.bytes, record.headers.content_disposition);
    case kCacheControl:
      return DecodeText(field.bytes, record.headers.cache_control);
    case kExpires:
      return DecodeText(field.bytes, record.headers.expires);
    case kUserMetadata:
      return DecodeMetadata(field.bytes, record.metadata);
    default:
      return PassOver(field);
  }
}

// Takes the head off the front of `bytes`.
absl::StatusOr<ObjectHead> TakeHead(std::string_view& bytes) {
  FieldReader fields(base::AsBytes(bytes));
  const auto version = fields.Get<std::uint8_t>();
  if (fields.ok() && version > kVersion) {
    return base::Error(ErrorCode::kNewerFormat,
                       "an object record has version {}", version);
  }
  ObjectHead head;
  std::ranges::copy(fields.GetBytes(head.etag.size()), head.etag.begin());
  const auto millis = fields.Get<std::uint64_t>();
  if (!fields.ok() || version != kVersion) return Wrong("head");
  if (millis > kRecordMillisMax) return Wrong("time");
  head.last_modified = absl::FromUnixMillis(static_cast<std::int64_t>(millis));
  bytes.remove_prefix(kFixedSize);
  const auto size = TakeVarint(bytes);
  if (!size.has_value()) return Wrong("size");
  head.size = *size;
  return head;
}

// A body is in one place.
bool IsConsistent(const ObjectRecord& record) {
  if (record.inline_body.empty()) return true;
  return !record.parts.has_value() &&
         record.inline_body.size() == record.head.size;
}

void AppendText(std::string& to, Tag tag, std::string_view text) {
  if (!text.empty()) AppendField(to, {.tag = tag, .bytes = text});
}

void AppendFields(std::string& to, const ObjectRecord& record) {
  AppendText(to, kContentType, record.headers.content_type);
  AppendText(to, kInlineBody, record.inline_body);
  AppendText(to, kContentEncoding, record.headers.content_encoding);
  if (record.parts.has_value()) {
    AppendText(to, kParts, EncodeParts(*record.parts));
  }
  AppendText(to, kContentLanguage, record.headers.content_language);
  AppendText(to, kContentDisposition, record.headers.content_disposition);
  AppendText(to, kCacheControl, record.headers.cache_control);
  AppendText(to, kExpires, record.headers.expires);
  AppendText(to, kUserMetadata, EncodeMetadata(record.metadata));
}

}  // namespace

absl::Time ToRecordTime(absl::Time time) {
  const std::int64_t millis =
      std::clamp(absl::ToUnixMillis(time), std::int64_t{0},
                 static_cast<std::int64_t>(kRecordMillisMax));
  return absl::FromUnixMillis(millis);
}

std::string Encode(const ObjectRecord& record) {
  std::string bytes(kFixedSize, '\0');
  FieldWriter fields(std::as_writable_bytes(std::span(bytes)));
  fields.Put(kVersion);
  fields.PutBytes(record.head.etag);
  fields.Put(static_cast<std::uint64_t>(
      absl::ToUnixMillis(ToRecordTime(record.head.last_modified))));
  AppendVarint(bytes, record.head.size);
  AppendFields(bytes, record);
  return bytes;
}

absl::StatusOr<ObjectRecord> DecodeObjectRecord(std::string_view bytes) {
  ObjectRecord record;
  CAIRN_ASSIGN_OR_RETURN(record.head, TakeHead(bytes));
  TaggedFieldReader fields(bytes);
  while (const auto field = fields.Next()) {
    CAIRN_RETURN_IF_ERROR(DecodeField(*field, record));
  }
  CAIRN_RETURN_IF_ERROR(fields.status());
  if (!IsConsistent(record)) return Wrong("body");
  return record;
}

absl::StatusOr<ObjectHead> DecodeObjectHead(std::string_view bytes) {
  return TakeHead(bytes);
}

}  // namespace cairn::format
