// Creating, deleting and listing buckets.

#include <utility>

#include "absl/time/time.h"

#include "base/status.h"
#include "format/bucket_record.h"
#include "object/index_key.h"
#include "object/store.h"
#include "object/validation.h"

namespace cairn::object {
namespace {

constexpr int kBucketPageSizeMax = 1000;

// The last id that was given out and, under `name`, the bucket's record.
storage::ReadRequest NameAndLastId(std::string_view name) {
  storage::ReadRequest request;
  request.keys.push_back(BucketKey(name));
  request.counters.emplace_back(kLastBucketId);
  return request;
}

// Takes the next id, which nobody else may have taken meanwhile.
void TakeId(storage::Batch& batch, std::int64_t last) {
  const std::string key(kLastBucketId);
  batch.adds.push_back({.key = key, .delta = 1});
  batch.guards.push_back(
      {.key = key, .condition = storage::Guard::AtMost{last + 1}});
}

BucketSummary ToSummary(std::string name, const format::BucketRecord& record) {
  return {.name = std::move(name),
          .created = absl::ToChronoTime(record.created)};
}

}  // namespace

base::Task<absl::Status> Store::CreateBucket(std::string_view name) {
  if (!IsBucketName(name)) {
    co_return base::Error(ErrorCode::kInvalidBucketName,
                          "\"{}\" is no name of a bucket", Quoted(name));
  }
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    base::Task<absl::StatusOr<storage::ReadResult>> read =
        environment_.meta.Read(kHome, NameAndLastId(name));
    CAIRN_CO_ASSIGN_OR_RETURN(const storage::ReadResult result, co_await read);
    if (result.records[0].has_value()) {
      co_return base::Error(ErrorCode::kBucketAlreadyExists,
                            "there is a bucket \"{}\"", Quoted(name));
    }
    const std::int64_t last_id = result.counters[0];
    storage::Batch batch{.write_id = base::NewUuid(environment_.random)};
    TakeId(batch, last_id);
    batch.guards.push_back(GuardOf(BucketKey(name), std::nullopt));
    const format::BucketRecord record{
        .id = static_cast<BucketId>(last_id) + 1,
        .created = format::ToRecordTime(environment_.clock.Wall())};
    batch.puts.push_back(
        {.key = BucketKey(name), .value = format::Encode(record)});
    base::Task<absl::StatusOr<Outcome>> commit =
        Commit(environment_, std::move(batch), {.key = BucketKey(name)});
    CAIRN_CO_ASSIGN_OR_RETURN(const Outcome outcome, co_await commit);
    if (outcome == Outcome::kDone) co_return absl::OkStatus();
  }
  co_return TooManyAttempts();
}

base::Task<absl::StatusOr<Store::BucketUsage>> Store::FindUsage(
    std::string_view name) {
  base::Task<absl::StatusOr<Bucket>> find = FindBucketId(name);
  CAIRN_CO_ASSIGN_OR_RETURN(Bucket bucket, co_await find);
  while (true) {
    storage::ReadRequest request;
    request.keys.push_back(BucketKey(name));
    request.counters.push_back(ObjectCountKey(bucket.id));
    request.counters.push_back(ObjectBytesKey(bucket.id));
    base::Task<absl::StatusOr<storage::ReadResult>> read =
        environment_.meta.Read(kHome, std::move(request));
    CAIRN_CO_ASSIGN_OR_RETURN(const storage::ReadResult result, co_await read);
    CAIRN_CO_ASSIGN_OR_RETURN(const FoundBucket found,
                              Remember(name, result.records[0]));
    if (found.bucket.id == bucket.id) {
      co_return BucketUsage{
          .found = found,
          .object_count = static_cast<std::uint64_t>(result.counters[0]),
          .object_bytes = static_cast<std::uint64_t>(result.counters[1])};
    }
    bucket = found.bucket;
  }
}

base::Task<absl::StatusOr<BucketInfo>> Store::HeadBucket(
    std::string_view name) {
  base::Task<absl::StatusOr<BucketUsage>> find = FindUsage(name);
  CAIRN_CO_ASSIGN_OR_RETURN(const BucketUsage usage, co_await find);
  co_return BucketInfo{
      .name = std::string(name),
      .created = absl::ToChronoTime(usage.found.record.created),
      .object_count = usage.object_count,
      .object_bytes = usage.object_bytes};
}

base::Task<absl::Status> Store::DeleteBucket(std::string_view name) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    base::Task<absl::StatusOr<BucketUsage>> find = FindUsage(name);
    CAIRN_CO_ASSIGN_OR_RETURN(const BucketUsage usage, co_await find);
    if (usage.object_count > 0) {
      co_return base::Error(ErrorCode::kBucketNotEmpty,
                            "bucket \"{}\" holds {} objects", Quoted(name),
                            usage.object_count);
    }
    const Bucket bucket = usage.found.bucket;
    storage::Batch batch{.write_id = base::NewUuid(environment_.random)};
    batch.guards.push_back(GuardOf(BucketKey(name), bucket.write_id));
    batch.guards.push_back({.key = ObjectCountKey(bucket.id),
                            .condition = storage::Guard::AtMost{0}});
    batch.deletes.push_back({.key = BucketKey(name)});
    base::Task<absl::StatusOr<Outcome>> commit =
        Commit(environment_, std::move(batch),
               {.key = BucketKey(name), .before = bucket.write_id});
    CAIRN_CO_ASSIGN_OR_RETURN(const Outcome outcome, co_await commit);
    if (outcome == Outcome::kAgain) continue;
    bucket_cache_.Forget(name);
    co_return absl::OkStatus();
  }
  co_return TooManyAttempts();
}

base::Task<absl::StatusOr<BucketPage>> Store::ListBuckets(
    const ListBucketsOptions& options) {
  if (options.page_size < 1 || options.page_size > kBucketPageSizeMax) {
    co_return base::Error(ErrorCode::kInvalidArgument, "a page of {} buckets",
                          options.page_size);
  }
  storage::ReadRequest request;
  request.scan =
      storage::Scan{.prefix = BucketKey(options.prefix),
                    .after = BucketKey(options.start_after),
                    .limit = static_cast<std::size_t>(options.page_size)};
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      environment_.meta.Read(kHome, std::move(request));
  CAIRN_CO_ASSIGN_OR_RETURN(const storage::ReadResult result, co_await read);
  BucketPage page{.is_truncated = result.more};
  for (const storage::Record& record : result.scanned) {
    CAIRN_CO_ASSIGN_OR_RETURN(const format::BucketRecord bucket,
                              format::DecodeBucketRecord(record.value));
    page.buckets.push_back(ToSummary(record.key.substr(1), bucket));
  }
  co_return page;
}

}  // namespace cairn::object
