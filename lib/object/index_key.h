// Where object/ keeps what: keys of records and counters. FORMAT.md, sections
// 10 and 11.

#ifndef CAIRN_LIB_OBJECT_INDEX_KEY_H_
#define CAIRN_LIB_OBJECT_INDEX_KEY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "format/bucket_record.h"
#include "storage/meta_store.h"

namespace cairn::object {

using format::BucketId;

// Every bucket lives in one partition, the home set, which is the only one.
inline constexpr storage::Partition kHome = 0;

// The record of a bucket, and of its objects. Those of all buckets begin with
// BucketKey(""), those of a bucket's objects with ObjectKey(bucket, "").
std::string BucketKey(std::string_view name);
std::string ObjectKey(BucketId bucket, std::string_view key);

// The records of the parts of one object begin with PartPrefix().
std::string PartPrefix(BucketId bucket, const base::Uuid& parts);
std::string PartKey(BucketId bucket, const base::Uuid& parts,
                    std::uint32_t number);

// Counters.
inline constexpr std::string_view kLastBucketId = "b";
std::string ObjectCountKey(BucketId bucket);
std::string ObjectBytesKey(BucketId bucket);

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_INDEX_KEY_H_
