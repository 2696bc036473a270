// How a name and a key lead to records.

#include <utility>

#include "base/status.h"
#include "object/index_key.h"
#include "object/store.h"
#include "object/validation.h"

namespace cairn::object {
namespace {

absl::Status NoSuchBucket(std::string_view name) {
  return base::Error(ErrorCode::kNoSuchBucket, "no bucket \"{}\"",
                     Quoted(name));
}

}  // namespace

absl::StatusOr<Store::FoundBucket> Store::Remember(
    std::string_view name, const std::optional<storage::Record>& record) {
  if (!record.has_value()) {
    bucket_cache_.Forget(name);
    return NoSuchBucket(name);
  }
  FoundBucket found;
  CAIRN_ASSIGN_OR_RETURN(found.record,
                         format::DecodeBucketRecord(record->value));
  found.bucket = {.id = found.record.id, .write_id = record->write_id};
  bucket_cache_.Remember(name, found.bucket);
  return found;
}

base::Task<absl::StatusOr<std::optional<storage::Record>>> Store::ReadRecord(
    std::string key, bool expects_blob) {
  storage::ReadRequest request{.expects_blobs = expects_blob};
  request.keys.push_back(std::move(key));
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      environment_.meta.Read(kHome, std::move(request));
  CAIRN_CO_ASSIGN_OR_RETURN(storage::ReadResult result, co_await read);
  co_return std::move(result.records[0]);
}

base::Task<absl::StatusOr<Store::FoundBucket>> Store::FindBucket(
    std::string_view name) {
  if (!IsBucketName(name)) co_return NoSuchBucket(name);
  base::Task<absl::StatusOr<std::optional<storage::Record>>> read =
      ReadRecord(BucketKey(name));
  CAIRN_CO_ASSIGN_OR_RETURN(const std::optional<storage::Record> record,
                            co_await read);
  co_return Remember(name, record);
}

base::Task<absl::StatusOr<Bucket>> Store::FindBucketId(std::string_view name) {
  base::Task<absl::StatusOr<FoundBucket>> find = FindBucket(name);
  CAIRN_CO_ASSIGN_OR_RETURN(const FoundBucket found, co_await find);
  co_return found.bucket;
}

// A bucket's record and one that it holds need not be read at the same moment.
// Where the id is old, nothing is found under it any more. Where nothing is
// found and the bucket, read afterwards, has still that id, it stood then and
// the key was absent.
base::Task<absl::StatusOr<Store::Found>> Store::FindObject(ObjectRef ref,
                                                           bool expects_blob) {
  std::optional<Bucket> bucket = bucket_cache_.Find(ref.bucket);
  bool is_fresh = !bucket.has_value();
  if (is_fresh) {
    base::Task<absl::StatusOr<Bucket>> find = FindBucketId(ref.bucket);
    CAIRN_CO_ASSIGN_OR_RETURN(bucket, co_await find);
  }
  while (true) {
    Found found{.bucket = *bucket, .index_key = ObjectKey(bucket->id, ref.key)};
    base::Task<absl::StatusOr<std::optional<storage::Record>>> read =
        ReadRecord(found.index_key, expects_blob);
    CAIRN_CO_ASSIGN_OR_RETURN(found.record, co_await read);
    if (found.record.has_value() || is_fresh) co_return found;
    base::Task<absl::StatusOr<Bucket>> find = FindBucketId(ref.bucket);
    CAIRN_CO_ASSIGN_OR_RETURN(const Bucket again, co_await find);
    if (again.id == bucket->id) co_return found;
    bucket = again;
    is_fresh = true;
  }
}

base::Task<absl::StatusOr<Store::Found>> Store::FindWithBucket(ObjectRef ref) {
  std::optional<Bucket> bucket = bucket_cache_.Find(ref.bucket);
  if (!bucket.has_value()) {
    base::Task<absl::StatusOr<Bucket>> find = FindBucketId(ref.bucket);
    CAIRN_CO_ASSIGN_OR_RETURN(bucket, co_await find);
  }
  while (true) {
    Found found{.index_key = ObjectKey(bucket->id, ref.key)};
    storage::ReadRequest request;
    request.keys.push_back(BucketKey(ref.bucket));
    request.keys.push_back(found.index_key);
    base::Task<absl::StatusOr<storage::ReadResult>> read =
        environment_.meta.Read(kHome, std::move(request));
    CAIRN_CO_ASSIGN_OR_RETURN(storage::ReadResult result, co_await read);
    CAIRN_CO_ASSIGN_OR_RETURN(const FoundBucket now,
                              Remember(ref.bucket, result.records[0]));
    found.bucket = now.bucket;
    found.record = std::move(result.records[1]);
    if (now.bucket.id == bucket->id) co_return found;
    bucket = now.bucket;
  }
}

}  // namespace cairn::object
