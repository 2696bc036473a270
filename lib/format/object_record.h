// What is known of an object: the value under its key. FORMAT.md, section 10.

#ifndef CAIRN_LIB_FORMAT_OBJECT_RECORD_H_
#define CAIRN_LIB_FORMAT_OBJECT_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/uuid.h"

#include "cairn/object.h"

namespace cairn::format {

using ETag = std::array<std::byte, 16>;

// Moments of records are whole milliseconds since 1970, at most so many.
inline constexpr std::uint64_t kRecordMillisMax = 9'223'372'036'854;

// `time` as records hold it: rounded down, and moved into their bounds.
absl::Time ToRecordTime(absl::Time time);

// The part that every record begins with, enough to list an object.
struct ObjectHead {
  ETag etag{};
  absl::Time last_modified;
  std::uint64_t size = 0;  // bytes of the object

  friend bool operator==(const ObjectHead&, const ObjectHead&) = default;
};

// The parts of an object: records of their own, numbered from 0.
struct ObjectParts {
  base::Uuid id;            // never reused
  std::uint64_t count = 0;  // at least 2

  friend bool operator==(const ObjectParts&, const ObjectParts&) = default;
};

// Where the bytes are: `inline_body` holds all of them, or nothing; else they
// are in the one blob that the record names, or in those of its parts. Records
// live in blocks and frames that carry a checksum, so they have none.
struct ObjectRecord {
  ObjectHead head;
  ContentHeaders headers;
  UserMetadata metadata;
  std::string inline_body;
  std::optional<ObjectParts> parts;

  friend bool operator==(const ObjectRecord&, const ObjectRecord&) = default;
};

std::string Encode(const ObjectRecord& record);

// Accepts what Encode() makes, and optional fields that are not known.
//
// Errors: kCorrupt, kNewerFormat.
absl::StatusOr<ObjectRecord> DecodeObjectRecord(std::string_view bytes);

// Decodes the head alone; what follows is not looked at.
//
// Errors: kCorrupt, kNewerFormat.
absl::StatusOr<ObjectHead> DecodeObjectHead(std::string_view bytes);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_OBJECT_RECORD_H_
