// What the index of a set holds of large blobs, under which keys, and the ids
// of blobs and packs that say where they lie. What is accepted is encoded to
// the same bytes.

#include <array>
#include <string>

#include "format/blob_file.h"
#include "format/entry.h"
#include "format/open_pack.h"
#include "fuzz/fuzzer.h"
#include "fuzz/hostile.h"
#include "set/blob_entry.h"
#include "set/index_key.h"

namespace cairn::fuzz {
namespace {

constexpr base::Uuid kWriteId{.high = 1, .low = 2};

format::BlobPlace SomePlace() {
  return {.sealed = 5,
          .unit = 2 * format::kBlobFrameSize,
          .data_shards = 2,
          .parity_shards = 1,
          .digest = {.high = 3, .low = 4}};
}

// An entry's own id stands before what is decoded of it here.
base::Uuid WriteIdOf(const Hostile& hostile) {
  return format::DecodeEntry(hostile.text())->write_id;
}

bool NamesABlob(const Hostile& hostile) {
  return format::DecodeEntry(hostile.text())->blob.has_value();
}

void FuzzBlobEntry(Input& input) {
  static const std::string sample =
      set::EncodeBlobEntry(kWriteId, {.size = 500, .place = SomePlace()});
  const Hostile hostile = TakeHostile(input, sample);
  const auto blob =
      Decoded(hostile, [&] { return set::DecodeBlobEntry(hostile.text()); });
  if (!blob.ok() || NamesABlob(hostile)) return;
  CAIRN_CHECK(set::EncodeBlobEntry(WriteIdOf(hostile), *blob) ==
              hostile.text());
}

void FuzzHealEntry(Input& input) {
  static const std::string sample = set::EncodeHealEntry(kWriteId, 0b101);
  const Hostile hostile = TakeHostile(input, sample);
  const auto positions =
      Decoded(hostile, [&] { return set::DecodeHealEntry(hostile.text()); });
  if (!positions.ok() || NamesABlob(hostile)) return;
  CAIRN_CHECK(set::EncodeHealEntry(WriteIdOf(hostile), *positions) ==
              hostile.text());
}

void FuzzSealed(Input& input) {
  static const std::string sample = set::EncodeSealed(SomePlace());
  const Hostile hostile = TakeHostile(input, sample);
  const auto place =
      Decoded(hostile, [&] { return set::DecodeSealed(hostile.text()); });
  if (!place.ok()) return;
  CAIRN_CHECK(set::EncodeSealed(*place) == hostile.text());
}

void FuzzKey(Input& input) {
  static const std::string sample =
      set::KeyOfBlob(set::kBlobKey, {.epoch = 1, .random = 2, .counter = 3});
  const Hostile hostile = TakeHostile(input, sample);
  const auto id = set::BlobOfKey(hostile.text());
  CAIRN_CHECK(id.has_value() || !hostile.is_sample);
  if (!id.has_value()) return;
  CAIRN_CHECK(set::KeyOfBlob(hostile.text().front(), *id) == hostile.text());
}

// Every id is that of one slice, or of none.
void FuzzSlice(Input& input) {
  const format::BlobId id{.epoch = input.Get<std::uint32_t>(),
                          .random = input.Get<std::uint32_t>(),
                          .counter = input.Get<std::uint64_t>()};
  const auto slice = format::SliceOf(id);
  CAIRN_CHECK(slice.has_value() == ((id.counter >> 63) != 0));
  if (!slice.has_value()) return;
  CAIRN_CHECK(format::IdOf(*slice) == id);
  CAIRN_CHECK(slice->offset < format::kOpenPackSizeMax);
  CAIRN_CHECK(slice->size > 0 && slice->size <= format::kOpenPackSizeMax);
  CAIRN_CHECK(set::KeyOfBlob(set::kBlobKey, id)
                  .starts_with(set::PrefixOfPack(set::kBlobKey, slice->pack)));
}

void FuzzPackName(Input& input) {
  const std::string sample = "00000001-00000007-deadbeef";
  const Hostile hostile = TakeHostile(input, sample);
  const auto id = format::OpenPackIdOf(hostile.text());
  CAIRN_CHECK(id.has_value() || !hostile.is_sample);
  if (!id.has_value()) return;
  CAIRN_CHECK(format::OpenPackPath(*id) ==
              "open_packs/" + std::string(hostile.text()));
}

constexpr std::array<Target, 6> kTargets = {
    FuzzBlobEntry, FuzzHealEntry, FuzzSealed, FuzzKey, FuzzSlice, FuzzPackName};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace cairn::fuzz
