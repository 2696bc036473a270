// Putting and deleting objects.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/time/time.h"

#include "base/status.h"
#include "digest/md5.h"
#include "format/byte_io.h"
#include "object/index_key.h"
#include "object/store.h"
#include "object/validation.h"

namespace cairn::object {
namespace {

// What the record of a part holds: its blob is all that it has to say.
constexpr std::string_view kPartValue = "\x01";

Conditions ConditionsOf(const PutOptions& options) {
  return {.if_match = options.if_match, .if_none_match = options.if_none_match};
}

// The body's MD5 or, where that is not wanted, what is new with every commit
// and as unpredictable as its id.
format::ETag ToETag(const Body& body, const storage::WriteId& write_id) {
  if (body.md5.has_value()) return *body.md5;
  format::ETag etag;
  format::FieldWriter(etag).Put(write_id);
  return etag;
}

std::optional<format::ETag> ETagOf(
    const std::optional<format::ObjectRecord>& object) {
  if (!object.has_value()) return std::nullopt;
  return object->head.etag;
}

std::optional<storage::WriteId> WriteIdOf(
    const std::optional<storage::Record>& record) {
  if (!record.has_value()) return std::nullopt;
  return record->write_id;
}

absl::StatusOr<Body> InMemory(base::Bytes bytes, ETagKind etag) {
  Body body{.size = bytes.size(), .in_memory = bytes};
  if (etag == ETagKind::kMd5) {
    digest::Md5 md5;
    md5.Update(bytes);
    CAIRN_ASSIGN_OR_RETURN(body.md5, md5.Finish());
  }
  return body;
}

absl::Status CheckRequest(ObjectRef ref, const PutOptions& options) {
  CAIRN_RETURN_IF_ERROR(CheckKey(ref.key));
  CAIRN_RETURN_IF_ERROR(CheckHeaders(options.headers));
  return CheckMetadata(options.metadata);
}

void AddTo(storage::Batch& batch, std::string counter, std::int64_t delta) {
  if (delta != 0) {
    batch.adds.push_back({.key = std::move(counter), .delta = delta});
  }
}

std::int64_t SizeOf(const std::optional<format::ObjectRecord>& object) {
  return object.has_value() ? static_cast<std::int64_t>(object->head.size) : 0;
}

}  // namespace

// Checked again when it is committed; here, so that a body is not read and
// written in vain.
base::Task<absl::Status> Store::CheckPut(ObjectRef ref,
                                         const PutOptions& options) {
  CAIRN_CO_RETURN_IF_ERROR(CheckRequest(ref, options));
  base::Task<absl::StatusOr<Current>> find = FindCurrent(ref);
  CAIRN_CO_ASSIGN_OR_RETURN(const Current current, co_await find);
  co_return CheckBeforeWrite(ConditionsOf(options), ETagOf(current.object));
}

base::Task<absl::StatusOr<PutResult>> Store::Put(ObjectRef ref,
                                                 base::Bytes body,
                                                 const PutOptions& options) {
  if (body.size() <= storage::kSmallBlobSizeMax) {
    CAIRN_CO_RETURN_IF_ERROR(CheckRequest(ref, options));
    CAIRN_CO_ASSIGN_OR_RETURN(Body small, InMemory(body, options.etag));
    base::Task<absl::StatusOr<PutResult>> commit =
        CommitPut(ref, options, std::move(small));
    co_return co_await commit;
  }
  base::Task<absl::Status> check = CheckPut(ref, options);
  CAIRN_CO_RETURN_IF_ERROR(co_await check);
  BodyWriter writer(environment_, body.size(), options.etag);
  base::Task<absl::Status> append = writer.Append(body);
  CAIRN_CO_RETURN_IF_ERROR(co_await append);
  base::Task<absl::StatusOr<Body>> finish = writer.Finish();
  CAIRN_CO_ASSIGN_OR_RETURN(Body written, co_await finish);
  base::Task<absl::StatusOr<PutResult>> commit =
      CommitPut(ref, options, std::move(written));
  co_return co_await commit;
}

base::Task<absl::StatusOr<std::unique_ptr<Writer>>> Store::BeginPut(
    ObjectRef ref, const PutOptions& options,
    std::optional<std::uint64_t> size) {
  base::Task<absl::Status> check = CheckPut(ref, options);
  CAIRN_CO_RETURN_IF_ERROR(co_await check);
  co_return std::make_unique<Writer>(*this, ref, options, size);
}

base::Task<absl::StatusOr<Store::Current>> Store::FindCurrent(ObjectRef ref) {
  base::Task<absl::StatusOr<Found>> find = FindWithBucket(ref);
  Current current;
  CAIRN_CO_ASSIGN_OR_RETURN(current.found, co_await find);
  const std::optional<storage::Record>& record = current.found.record;
  if (!record.has_value()) co_return current;
  CAIRN_CO_ASSIGN_OR_RETURN(current.object,
                            format::DecodeObjectRecord(record->value));
  if (current.object->parts.has_value()) {
    base::Task<absl::StatusOr<std::vector<storage::Record>>> read =
        ReadParts(current.found.bucket.id, *current.object->parts);
    CAIRN_CO_ASSIGN_OR_RETURN(current.parts, co_await read);
  }
  co_return current;
}

// Guards what was found, and removes what hangs on it.
storage::Batch Store::BeginBatch(const Current& current) {
  const Found& found = current.found;
  storage::Batch batch{.write_id = base::NewUuid(environment_.random)};
  batch.guards.push_back(GuardOf(found.index_key, WriteIdOf(found.record)));
  if (found.record.has_value() && found.record->blob.has_value()) {
    batch.frees.push_back(*found.record->blob);
  }
  for (const storage::Record& part : current.parts) {
    batch.deletes.push_back({.key = part.key});
    if (part.blob.has_value()) batch.frees.push_back(*part.blob);
  }
  return batch;
}

// Adds the record of `object`, with its bytes or the names of its blobs.
void Store::AddObject(storage::Batch& batch, const Current& current,
                      format::ObjectRecord object, const Body& body) {
  const BucketId bucket = current.found.bucket.id;
  storage::Put put{.key = current.found.index_key};
  if (body.blobs.size() == 1) {
    put.blob = body.blobs.front();
  } else if (body.blobs.size() > 1) {
    object.parts =
        format::ObjectParts{.id = batch.write_id, .count = body.blobs.size()};
  } else if (body.size <= kInlineSizeMax) {
    object.inline_body = base::AsText(body.in_memory);
  } else {
    put.blob = storage::SmallBlob{.id = environment_.blobs.NewBlobId(),
                                  .bytes = body.in_memory};
  }
  put.value = format::Encode(object);
  batch.puts.push_back(std::move(put));
  if (!object.parts.has_value()) return;
  for (std::uint32_t i = 0; i < body.blobs.size(); ++i) {
    batch.puts.push_back({.key = PartKey(bucket, object.parts->id, i),
                          .value = std::string(kPartValue),
                          .blob = body.blobs[i]});
  }
}

base::Task<absl::StatusOr<PutResult>> Store::CommitPut(
    ObjectRef ref, const PutOptions& options, Body body) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    base::Task<absl::StatusOr<Current>> find = FindCurrent(ref);
    CAIRN_CO_ASSIGN_OR_RETURN(const Current current, co_await find);
    CAIRN_CO_RETURN_IF_ERROR(
        CheckBeforeWrite(ConditionsOf(options), ETagOf(current.object)));
    const Found& found = current.found;
    storage::Batch batch = BeginBatch(current);
    batch.guards.push_back(
        GuardOf(BucketKey(ref.bucket), found.bucket.write_id));
    format::ObjectRecord object{.head = {.etag = ToETag(body, batch.write_id),
                                         .last_modified = format::ToRecordTime(
                                             environment_.clock.Wall()),
                                         .size = body.size},
                                .headers = options.headers,
                                .metadata = options.metadata};
    const format::ObjectHead head = object.head;
    AddObject(batch, current, std::move(object), body);
    AddTo(batch, ObjectCountKey(found.bucket.id),
          found.record.has_value() ? 0 : 1);
    AddTo(batch, ObjectBytesKey(found.bucket.id),
          static_cast<std::int64_t>(body.size) - SizeOf(current.object));
    base::Task<absl::StatusOr<Outcome>> commit = object::Commit(
        environment_, std::move(batch),
        {.key = found.index_key, .before = WriteIdOf(found.record)});
    CAIRN_CO_ASSIGN_OR_RETURN(const Outcome outcome, co_await commit);
    if (outcome == Outcome::kAgain) continue;
    co_return PutResult{.etag = ToText(head.etag),
                        .last_modified = absl::ToChronoTime(head.last_modified),
                        .replaced = found.record.has_value()};
  }
  co_return TooManyAttempts();
}

base::Task<absl::Status> Store::Delete(ObjectRef ref,
                                       const DeleteOptions& options) {
  CAIRN_CO_RETURN_IF_ERROR(CheckKey(ref.key));
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    base::Task<absl::StatusOr<Current>> find = FindCurrent(ref);
    CAIRN_CO_ASSIGN_OR_RETURN(const Current current, co_await find);
    CAIRN_CO_RETURN_IF_ERROR(CheckBeforeWrite({.if_match = options.if_match},
                                              ETagOf(current.object)));
    const Found& found = current.found;
    if (!found.record.has_value()) co_return absl::OkStatus();
    storage::Batch batch = BeginBatch(current);
    batch.deletes.push_back({.key = found.index_key});
    AddTo(batch, ObjectCountKey(found.bucket.id), -1);
    AddTo(batch, ObjectBytesKey(found.bucket.id), -SizeOf(current.object));
    base::Task<absl::StatusOr<Outcome>> commit =
        object::Commit(environment_, std::move(batch),
                       {.key = found.index_key,
                        .before = WriteIdOf(found.record),
                        .absence_is_enough = options.if_match.empty()});
    CAIRN_CO_ASSIGN_OR_RETURN(const Outcome outcome, co_await commit);
    if (outcome == Outcome::kDone) co_return absl::OkStatus();
  }
  co_return TooManyAttempts();
}

Writer::Writer(Store& store, ObjectRef ref, const PutOptions& options,
               std::optional<std::uint64_t> size)
    : store_(store),
      bucket_(ref.bucket),
      key_(ref.key),
      options_(options),
      body_(store.environment_, size, options.etag) {}

base::Task<absl::Status> Writer::Append(base::Bytes bytes) {
  return body_.Append(bytes);
}

base::Task<absl::StatusOr<PutResult>> Writer::Commit() {
  base::Task<absl::StatusOr<Body>> finish = body_.Finish();
  CAIRN_CO_ASSIGN_OR_RETURN(Body body, co_await finish);
  base::Task<absl::StatusOr<PutResult>> commit = store_.CommitPut(
      {.bucket = bucket_, .key = key_}, options_, std::move(body));
  co_return co_await commit;
}

}  // namespace cairn::object
