// The decoders of what stands beside the log: a drive's identity and promises,
// catalogues, packs and the files of blobs. What they accept they encode to the
// same bytes.

#include <array>
#include <string>
#include <vector>

#include "format/blob_file.h"
#include "format/checkpoint.h"
#include "format/drive_identity.h"
#include "format/pack.h"
#include "fuzz/fuzzer.h"
#include "fuzz/hostile.h"
#include "fuzz/raw_fields.h"
#include "fuzz/repair.h"

namespace cairn::fuzz {
namespace {

constexpr base::Uuid kDrive{.high = 3, .low = 4};

format::DriveIdentity SomeIdentity() {
  return {.position = 1,
          .deployment = {.high = 1, .low = 2},
          .drive = kDrive,
          .log = {.high = 5, .low = 6},
          .pool = 7,
          .set = 8,
          .data_shards = 2,
          .parity_shards = 1,
          .log_size = 256 << 10,
          .members = {{.high = 9, .low = 1}, kDrive, {.high = 9, .low = 2}}};
}

void FuzzIdentity(Input& input) {
  static const format::IdentityBlock sample = format::Encode(SomeIdentity());
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair) RepairIdentity(hostile.bytes);
  const auto identity = Decoded(
      hostile, [&] { return format::DecodeDriveIdentity(hostile.bytes); });
  if (!identity.ok()) return;
  CAIRN_CHECK(IsSame(format::Encode(*identity), hostile.bytes));
  CAIRN_CHECK(identity->data_shards > 0);
  CAIRN_CHECK(identity->data_shards <= identity->members.size());
  CAIRN_CHECK(identity->position < identity->members.size());
}

void FuzzPromise(Input& input) {
  static const format::PromiseSlot sample =
      format::Encode(format::Promise{.epoch = 2, .log = {.high = 5, .low = 6}});
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair) RepairPromise(hostile.bytes);
  const base::Uuid log = UuidAt(hostile.bytes, 8);
  const auto promise = Decoded(
      hostile, [&] { return format::DecodePromise(hostile.bytes, log); });
  if (!promise.ok()) return;
  CAIRN_CHECK(IsSame(format::Encode(*promise), hostile.bytes));
  CAIRN_CHECK(!format::DecodePromise(hostile.bytes, {.high = ~log.high}).ok());
}

const format::RunFile kRunFile{.id = format::FileId(3, 4),
                               .file = 1,
                               .from_sequence = 2,
                               .to_sequence = 900,
                               .size = 20480,
                               .digest = {.high = 8, .low = 9}};
const format::PackFile kPackFile{
    .id = format::FileId(3, 5), .size = 8192, .tile_count = 1};
constexpr format::LogPosition kPosition{
    .sequence = 900, .next_offset = 81920, .hash = {.high = 5, .low = 6}};

void FuzzCatalogue(Input& input) {
  static const std::vector<std::byte> sample =
      format::Encode(format::Catalogue{.changed_by = 905,
                                       .checkpoint = kPosition,
                                       .epoch = 3,
                                       .members = {kDrive, {}, kDrive},
                                       .runs = {kRunFile, kRunFile},
                                       .packs = {kPackFile}},
                     kDrive);
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair) RepairCatalogue(hostile.bytes);
  const base::Uuid drive = UuidAt(hostile.bytes, 16);
  const auto catalogue = Decoded(
      hostile, [&] { return format::DecodeCatalogue(hostile.bytes, drive); });
  if (!catalogue.ok()) return;
  CAIRN_CHECK(IsSame(format::Encode(*catalogue, drive), hostile.bytes));
}

void FuzzChange(Input& input) {
  static const std::vector<std::byte> sample = [] {
    std::vector<std::byte> bytes;
    format::EncodeChange({.checkpoint = kPosition,
                          .epoch = 3,
                          .members = {kDrive},
                          .removed = {1, 2},
                          .added_runs = {kRunFile},
                          .added_packs = {kPackFile}},
                         bytes);
    return bytes;
  }();
  const Hostile hostile = TakeHostile(input, sample);
  const auto change =
      Decoded(hostile, [&] { return format::DecodeChange(hostile.bytes); });
  if (!change.ok()) return;
  std::vector<std::byte> again;
  format::EncodeChange(*change, again);
  CAIRN_CHECK(IsSame(again, hostile.bytes));
}

void FuzzPackObject(Input& input) {
  static const std::vector<std::byte> sample = [] {
    std::vector<std::byte> bytes(format::PackedSize(6, 30));
    const format::PackObject object{
        .blob = {.epoch = 1, .random = 2, .counter = 3},
        .write_id = {.high = 4, .low = 5},
        .key = "photos",
        .size = 30};
    format::PutPackObject(object, bytes);
    return bytes;
  }();
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair) RepairPackObject(hostile.bytes);
  const auto object =
      Decoded(hostile, [&] { return format::GetPackObject(hostile.bytes); });
  if (!object.ok()) return;
  std::vector<std::byte> again(format::kPackObjectHeaderSize +
                               object->key.size());
  CAIRN_CHECK(format::PutPackObject(*object, again) == again.size());
  CAIRN_CHECK(IsSame(again, base::Bytes(hostile.bytes).first(again.size())));
}

void FuzzPackBlocks(Input& input) {
  constexpr format::PackBlockPlace kPlace{
      .deployment = {.high = 1, .low = 2}, .pack = 3, .position = 1};
  static const std::vector<std::byte> sample = [&] {
    const std::vector<std::byte> payload(5000, std::byte{7});
    std::vector<std::byte> column(format::ColumnSize(payload.size()));
    format::SealColumn(payload, kPlace, column);
    return column;
  }();
  Hostile hostile = TakeHostile(input, sample);
  hostile.bytes.resize(
      base::AlignUp(hostile.bytes.size(), format::kPackBlockSize));
  if (hostile.wants_repair) RepairPack(hostile.bytes, kPlace);
  std::vector<std::byte> opened = hostile.bytes;
  const auto payload =
      Decoded(hostile, [&] { return format::OpenBlocks(opened, kPlace); });
  if (!payload.ok()) return;
  std::vector<std::byte> again(hostile.bytes.size());
  format::SealColumn(*payload, kPlace, again);
  CAIRN_CHECK(IsSame(again, hostile.bytes));
}

base::AlignedBuffer SomeBlobFooter() {
  format::BlobFooter footer{
      .manifest = {.name = {.deployment = {.high = 1, .low = 2},
                            .set = 3,
                            .id = {.epoch = 4, .random = 5, .counter = 6}},
                   .shape = {.size = 300000,
                             .unit = format::kBlobFrameSize,
                             .data_shards = 2,
                             .parity_shards = 1}},
      .position = 1};
  footer.table.resize(footer.manifest.shape.frame_count(), 0x0102030405060708);
  footer.manifest.table_digests[1] = format::DigestOf(footer.table);
  return format::Encode(footer);
}

// The frames of a file hold its content, and that the blob.
void CheckShape(const format::BlobShape& shape) {
  const std::uint64_t last = shape.frame_count() - 1;
  CAIRN_CHECK(last * format::kBlobFrameSize + shape.frame_size(last) ==
              shape.content_size());
  CAIRN_CHECK(shape.content_size() * shape.data_shards >= shape.size);
  CAIRN_CHECK(shape.content_size() <
              shape.size + shape.unit + base::kDirectAlignment);
  CAIRN_CHECK(shape.shard_size(shape.stripe_count() - 1) <= shape.unit);
}

void FuzzBlobFooter(Input& input) {
  static const base::AlignedBuffer sample = SomeBlobFooter();
  Hostile hostile = TakeHostile(input, sample.bytes());
  if (hostile.wants_repair) RepairBlobFooter(hostile.bytes);
  const auto footer =
      Decoded(hostile, [&] { return format::DecodeBlobFooter(hostile.bytes); });
  if (!footer.ok()) return;
  const base::AlignedBuffer again = format::Encode(*footer);
  CAIRN_CHECK(IsSame(again.bytes(), hostile.bytes));
  CheckShape(footer->manifest.shape);
}

void FuzzBlobTail(Input& input) {
  static const base::AlignedBuffer sample = SomeBlobFooter();
  Hostile hostile = TakeHostile(
      input, base::Bytes(sample.bytes()).last(format::kBlobFooterTailSize));
  if (hostile.wants_repair) RepairBlobTail(hostile.bytes);
  const auto tail = Decoded(
      hostile, [&] { return format::DecodeBlobFooterTail(hostile.bytes); });
  if (!tail.ok()) return;
  CheckShape(tail->manifest.shape);
  const base::AlignedBuffer again = format::Encode(format::BlobFooter{
      .manifest = tail->manifest, .position = tail->position});
  CAIRN_CHECK(
      IsSame(base::Bytes(again.bytes()).last(format::kBlobFooterTailSize),
             hostile.bytes));
}

void FuzzBlobPlace(Input& input) {
  static const std::string sample =
      format::Encode(format::BlobPlace{.sealed = 5,
                                       .unit = 2 * format::kBlobFrameSize,
                                       .data_shards = 2,
                                       .parity_shards = 1,
                                       .digest = {.high = 1, .low = 2}});
  const auto size = input.Get<std::uint32_t>();
  const Hostile hostile = TakeHostile(input, sample);
  const auto place =
      Decoded(hostile, [&] { return format::DecodeBlobPlace(hostile.text()); });
  if (!place.ok()) return;
  CAIRN_CHECK(format::Encode(*place) == hostile.text());
  const format::BlobShape shape = place->ShapeOf(size);
  if (format::Validate(shape).ok()) CheckShape(shape);
}

void FuzzBlobName(Input& input) {
  const std::string sample = "00000001-00000000000000ff-deadbeef";
  const Hostile hostile = TakeHostile(input, sample);
  const auto id = format::BlobIdOf(hostile.text());
  CAIRN_CHECK(id.has_value() || !hostile.is_sample);
  if (!id.has_value()) return;
  CAIRN_CHECK(format::BlobPath(*id).ends_with(hostile.text()));
}

constexpr std::array<Target, 10> kTargets = {
    FuzzIdentity,   FuzzPromise,    FuzzCatalogue,  FuzzChange,
    FuzzPackObject, FuzzPackBlocks, FuzzBlobFooter, FuzzBlobTail,
    FuzzBlobPlace,  FuzzBlobName};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace cairn::fuzz
