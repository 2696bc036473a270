// What is known of a bucket: the value under its name. FORMAT.md, section 11.

#ifndef CAIRN_LIB_FORMAT_BUCKET_RECORD_H_
#define CAIRN_LIB_FORMAT_BUCKET_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cairn::format {

// Names a bucket for ever: one that is deleted and created again has another.
using BucketId = std::uint64_t;

// How the set of a key is found.
enum class Placement : std::uint8_t {
  kHomeSet = 0,  // all keys are in `home_set`
};

struct BucketRecord {
  BucketId id = 0;
  absl::Time created;  // as ToRecordTime() makes it
  Placement placement = Placement::kHomeSet;
  std::uint32_t home_set = 0;

  friend bool operator==(const BucketRecord&, const BucketRecord&) = default;
};

std::string Encode(const BucketRecord& record);

// Accepts what Encode() makes, and optional fields that are not known.
//
// Errors: kCorrupt, kNewerFormat.
absl::StatusOr<BucketRecord> DecodeBucketRecord(std::string_view bytes);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_BUCKET_RECORD_H_
