// Opening objects for reading.

#include <utility>

#include "absl/time/time.h"

#include "base/status.h"
#include "object/index_key.h"
#include "object/store.h"
#include "object/validation.h"

namespace cairn::object {
namespace {

absl::Status NoSuchKey(ObjectRef ref) {
  return base::Error(ErrorCode::kNoSuchKey, "no object \"{}\" in \"{}\"",
                     Quoted(ref.key), Quoted(ref.bucket));
}

absl::Status WrongSize() {
  return base::Error(ErrorCode::kCorrupt,
                     "the record of an object and its blobs differ in size");
}

ObjectInfo ToInfo(std::string_view key, format::ObjectRecord& object) {
  return {.key = std::string(key),
          .size = object.head.size,
          .etag = ToText(object.head.etag),
          .last_modified = absl::ToChronoTime(object.head.last_modified),
          .headers = std::move(object.headers),
          .metadata = std::move(object.metadata)};
}

absl::StatusOr<ByteSpan> RangeOf(const GetOptions& options,
                                 std::uint64_t size) {
  if (!options.range.has_value()) return ByteSpan{.size = size};
  const std::optional<ByteSpan> range = options.range->Resolve(size);
  if (range.has_value()) return *range;
  return base::Error(ErrorCode::kInvalidRange,
                     "the range holds no byte of an object of {} bytes", size);
}

}  // namespace

base::Task<absl::StatusOr<ObjectInfo>> Store::Head(ObjectRef ref,
                                                   const HeadOptions& options) {
  CAIRN_CO_RETURN_IF_ERROR(CheckKey(ref.key));
  base::Task<absl::StatusOr<Found>> find =
      FindObject(ref, /*expects_blob=*/false);
  CAIRN_CO_ASSIGN_OR_RETURN(const Found found, co_await find);
  if (!found.record.has_value()) co_return NoSuchKey(ref);
  CAIRN_CO_ASSIGN_OR_RETURN(format::ObjectRecord object,
                            format::DecodeObjectRecord(found.record->value));
  CAIRN_CO_RETURN_IF_ERROR(CheckBeforeRead(
      {.if_match = options.if_match, .if_none_match = options.if_none_match},
      object.head.etag));
  co_return ToInfo(ref.key, object);
}

base::Task<absl::StatusOr<std::unique_ptr<Reader>>> Store::Get(
    ObjectRef ref, const GetOptions& options) {
  CAIRN_CO_RETURN_IF_ERROR(CheckKey(ref.key));
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    base::Task<absl::StatusOr<Found>> find =
        FindObject(ref, /*expects_blob=*/true);
    CAIRN_CO_ASSIGN_OR_RETURN(const Found found, co_await find);
    if (!found.record.has_value()) co_return NoSuchKey(ref);
    CAIRN_CO_ASSIGN_OR_RETURN(format::ObjectRecord object,
                              format::DecodeObjectRecord(found.record->value));
    CAIRN_CO_RETURN_IF_ERROR(CheckBeforeRead(
        {.if_match = options.if_match, .if_none_match = options.if_none_match},
        object.head.etag));
    CAIRN_CO_ASSIGN_OR_RETURN(const ByteSpan range,
                              RangeOf(options, object.head.size));
    base::Task<absl::StatusOr<Opened>> open = OpenContent(found, object, range);
    CAIRN_CO_ASSIGN_OR_RETURN(Opened opened, co_await open);
    if (opened.outcome == Outcome::kAgain) continue;
    co_return std::make_unique<Reader>(environment_, ToInfo(ref.key, object),
                                       range, std::move(opened.content));
  }
  co_return TooManyAttempts();
}

base::Task<absl::StatusOr<Store::Opened>> Store::OpenContent(
    const Found& found, const format::ObjectRecord& object, ByteSpan range) {
  if (object.parts.has_value()) {
    base::Task<absl::StatusOr<Opened>> open = OpenParts(found, object);
    co_return co_await open;
  }
  const std::optional<storage::BlobRef>& blob = found.record->blob;
  if (blob.has_value()) {
    if (blob->size != object.head.size) co_return WrongSize();
    base::Task<absl::StatusOr<Opened>> open = OpenBlob(found, range);
    co_return co_await open;
  }
  if (object.inline_body.size() != object.head.size) co_return WrongSize();
  const base::Bytes body = base::AsBytes(object.inline_body);
  const base::Bytes wanted = body.subspan(range.offset, range.size);
  Opened opened;
  opened.content.in_memory.assign(wanted.begin(), wanted.end());
  co_return opened;
}

// Small ones are read at once: then nothing that happens to the key matters to
// the reader.
base::Task<absl::StatusOr<Store::Opened>> Store::OpenBlob(const Found& found,
                                                          ByteSpan range) {
  const storage::BlobRef& blob = *found.record->blob;
  Opened opened;
  if (blob.size > storage::kSmallBlobSizeMax) {
    opened.content.pieces.push_back(
        {.record_key = found.index_key, .blob = blob});
    co_return opened;
  }
  opened.content.in_memory.resize(range.size);
  base::Task<absl::Status> read = environment_.blobs.Read(
      kHome, blob, range.offset, opened.content.in_memory);
  const absl::Status status = co_await read;
  if (absl::IsNotFound(status)) {
    base::Task<absl::StatusOr<Outcome>> judge = JudgeGone(found);
    CAIRN_CO_ASSIGN_OR_RETURN(opened.outcome, co_await judge);
    co_return opened;
  }
  CAIRN_CO_RETURN_IF_ERROR(status);
  co_return opened;
}

// A blob or a part is not where the record said: the record says something else
// by now, or it is lost.
base::Task<absl::StatusOr<Outcome>> Store::JudgeGone(const Found& found) {
  base::Task<absl::StatusOr<std::optional<storage::Record>>> read =
      ReadRecord(found.index_key);
  CAIRN_CO_ASSIGN_OR_RETURN(const std::optional<storage::Record> record,
                            co_await read);
  if (record.has_value() && record->write_id == found.record->write_id &&
      record->blob == found.record->blob) {
    co_return BlobIsGone();
  }
  co_return Outcome::kAgain;
}

base::Task<absl::StatusOr<Store::Opened>> Store::OpenParts(
    const Found& found, const format::ObjectRecord& object) {
  base::Task<absl::StatusOr<std::vector<storage::Record>>> read =
      ReadParts(found.bucket.id, *object.parts);
  CAIRN_CO_ASSIGN_OR_RETURN(const std::vector<storage::Record> parts,
                            co_await read);
  Opened opened;
  if (parts.size() != object.parts->count) {
    base::Task<absl::StatusOr<Outcome>> judge = JudgeGone(found);
    CAIRN_CO_ASSIGN_OR_RETURN(opened.outcome, co_await judge);
    co_return opened;
  }
  std::uint64_t offset = 0;
  for (const storage::Record& part : parts) {
    if (!part.blob.has_value()) co_return WrongSize();
    opened.content.pieces.push_back(
        {.record_key = part.key, .blob = *part.blob, .offset = offset});
    offset += part.blob->size;
  }
  if (offset != object.head.size) co_return WrongSize();
  co_return opened;
}

base::Task<absl::StatusOr<std::vector<storage::Record>>> Store::ReadParts(
    BucketId bucket, format::ObjectParts parts) {
  std::vector<storage::Record> records;
  bool more = true;
  while (more && records.size() <= parts.count) {
    storage::ReadRequest request;
    request.scan = storage::Scan{.prefix = PartPrefix(bucket, parts.id)};
    if (!records.empty()) request.scan->after = records.back().key;
    base::Task<absl::StatusOr<storage::ReadResult>> read =
        environment_.meta.Read(kHome, std::move(request));
    CAIRN_CO_ASSIGN_OR_RETURN(storage::ReadResult result, co_await read);
    more = result.more;
    for (storage::Record& record : result.scanned) {
      records.push_back(std::move(record));
    }
  }
  co_return records;
}

}  // namespace cairn::object
