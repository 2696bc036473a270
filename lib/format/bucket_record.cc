#include "format/bucket_record.h"

#include <span>

#include "base/bytes.h"
#include "base/status.h"
#include "format/byte_io.h"
#include "format/object_record.h"
#include "format/tagged_fields.h"

namespace cairn::format {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedSize = 1 + 1 + 4 + 8 + 8;

absl::Status Newer(std::string_view what, std::uint8_t value) {
  return base::Error(ErrorCode::kNewerFormat, "a bucket record has {} {}", what,
                     value);
}

}  // namespace

std::string Encode(const BucketRecord& record) {
  std::string bytes(kFixedSize, '\0');
  FieldWriter fields(std::as_writable_bytes(std::span(bytes)));
  fields.Put(kVersion);
  fields.Put(static_cast<std::uint8_t>(record.placement));
  fields.Put(record.home_set);
  fields.Put(record.id);
  fields.Put(static_cast<std::uint64_t>(
      absl::ToUnixMillis(ToRecordTime(record.created))));
  return bytes;
}

absl::StatusOr<BucketRecord> DecodeBucketRecord(std::string_view bytes) {
  FieldReader fields(base::AsBytes(bytes));
  const auto version = fields.Get<std::uint8_t>();
  if (version > kVersion) return Newer("version", version);
  const auto placement = fields.Get<std::uint8_t>();
  if (placement != static_cast<std::uint8_t>(Placement::kHomeSet)) {
    return Newer("placement", placement);
  }
  BucketRecord record;
  record.home_set = fields.Get<std::uint32_t>();
  record.id = fields.Get<std::uint64_t>();
  const auto millis = fields.Get<std::uint64_t>();
  if (!fields.ok() || version != kVersion || record.id == 0 ||
      millis > kRecordMillisMax) {
    return base::Error(ErrorCode::kCorrupt, "a bucket record is wrong");
  }
  record.created = absl::FromUnixMillis(static_cast<std::int64_t>(millis));
  TaggedFieldReader added(bytes.substr(kFixedSize));
  while (const auto field = added.Next()) {
    CAIRN_RETURN_IF_ERROR(PassOver(*field));
  }
  CAIRN_RETURN_IF_ERROR(added.status());
  return record;
}

}  // namespace cairn::format
