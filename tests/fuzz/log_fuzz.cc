// The decoders of the log: headers and metadata of frames, the entries in them,
// and the judgement of what stands in a slot. What they accept they encode to
// the same bytes.

#include <array>
#include <string>
#include <vector>

#include "format/entry.h"
#include "format/frame_header.h"
#include "format/frame_metadata.h"
#include "fuzz/fuzzer.h"
#include "fuzz/hostile.h"
#include "fuzz/raw_fields.h"
#include "fuzz/repair.h"
#include "set/slot.h"
#include "unit/inspect/samples.h"

namespace cairn::fuzz {
namespace {

void FuzzHeader(Input& input) {
  static const auto sample =
      format::Encode(format::FrameHeader{.kind = format::FrameKind::kCommit,
                                         .position = 1,
                                         .drive = {.high = 1, .low = 2},
                                         .deployment = {.high = 3, .low = 4},
                                         .set = 5,
                                         .epoch = 6,
                                         .epoch_id = 7,
                                         .sequence = 8,
                                         .offset = 8192,
                                         .predecessor = {.high = 9, .low = 10},
                                         .frame_size = 4096,
                                         .metadata_size = 100,
                                         .shards_size = 600,
                                         .stripe_count = 2,
                                         .metadata_checksum = 11,
                                         .behind_since = {0, 12}});
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair) RepairFrameHeader(hostile.bytes);
  const auto header = Decoded(
      hostile, [&] { return format::DecodeFrameHeader(hostile.bytes); });
  if (!header.ok()) return;
  CAIRN_CHECK(IsSame(format::Encode(*header), hostile.bytes));
  CAIRN_CHECK(format::ShardsOffset(*header) + header->shards_size <=
              header->frame_size);
}

// Metadata of any kind.
template <typename Decode>
void FuzzMetadata(Input& input, base::Bytes sample, Decode decode) {
  const Hostile hostile = TakeHostile(input, sample);
  const auto metadata = Decoded(hostile, [&] { return decode(hostile.bytes); });
  if (!metadata.ok()) return;
  CAIRN_CHECK(IsSame(format::Encode(*metadata), hostile.bytes));
}

std::string SomeEntry(std::uint8_t kind) {
  format::Entry entry{.write_id = {.high = 1, .low = 2}, .value = "value"};
  if (kind % 3 == 0) return format::Encode(entry);
  entry.blob = format::EntryBlob{.id = {.epoch = 3, .random = 4, .counter = 5},
                                 .size = 6};
  if (kind % 3 == 1) {
    entry.blob->place = format::LogPlace{.sequence = 7, .stripe = 8};
  } else {
    entry.blob->place = format::PackPlace{.pack = 9, .column = 1, .offset = 64};
  }
  return format::Encode(entry);
}

void FuzzCommit(Input& input) {
  static const std::vector<std::byte> sample = format::Encode(
      format::CommitMetadata{.stripes = {{.blob = {.epoch = 1}, .size = 500}},
                             .mutations = {{.key = "a", .entry = SomeEntry(1)},
                                           {.key = "gone", .entry = ""}}});
  FuzzMetadata(input, sample, format::DecodeCommitMetadata);
}

void FuzzOpening(Input& input) {
  const base::Uuid drive{.high = 1, .low = 2};
  static const std::vector<std::byte> sample = format::Encode(
      format::OpeningMetadata{.members = {drive, {}, drive},
                              .previous_members = {drive, drive, drive}});
  FuzzMetadata(input, sample, format::DecodeOpeningMetadata);
}

void FuzzCheckpoint(Input& input) {
  static const std::vector<std::byte> sample = [] {
    const format::Catalogue catalogue = inspect::SomeCatalogue();
    return format::Encode(format::CheckpointMetadata{
        .change = {.checkpoint = catalogue.checkpoint,
                   .epoch = catalogue.epoch,
                   .members = catalogue.members,
                   .removed = {1, 2},
                   .added_runs = catalogue.runs,
                   .added_packs = catalogue.packs},
        .catalogue_digest = {.high = 3, .low = 4}});
  }();
  FuzzMetadata(input, sample, format::DecodeCheckpointMetadata);
}

void FuzzEntry(Input& input) {
  const std::string sample = SomeEntry(input.Get<std::uint8_t>());
  const Hostile hostile = TakeHostile(input, sample);
  const auto entry =
      Decoded(hostile, [&] { return format::DecodeEntry(hostile.text()); });
  if (!entry.ok()) return;
  CAIRN_CHECK(format::Encode(*entry) == hostile.text());
}

void FuzzPlace(Input& input) {
  const std::array<std::string, 2> samples = {
      format::EncodePlace(format::LogPlace{.sequence = 1, .stripe = 2}),
      format::EncodePlace(
          format::PackPlace{.pack = 3, .column = 4, .offset = 5})};
  const Hostile hostile =
      TakeHostile(input, samples[input.Get<std::uint8_t>() % samples.size()]);
  const auto place =
      Decoded(hostile, [&] { return format::DecodePlace(hostile.text()); });
  if (!place.ok()) return;
  CAIRN_CHECK(format::EncodePlace(*place) == hostile.text());
}

// A slot of a log, and a frame in it.
struct Standing {
  format::DriveIdentity drive;
  set::Ring ring{set::kLogSizeMin};
  set::Slot slot;
  format::SectorPlace place;
  std::vector<std::byte> sectors;
};

Standing SomeCommit() {
  inspect::LogBuilder log(set::kLogSizeMin);
  log.AppendOpening();
  log.AppendCommit(2, 500);
  const std::uint64_t offset = log.ring().FileOffset(log.last().offset);
  const inspect::FileBytes file = log.Finish().bytes;
  const base::Bytes sectors =
      base::Bytes(file).subspan(offset, log.ring().frame_size_max());
  return {.drive = log.drive(),
          .slot = log.last(),
          .place = {.log = format::LogTag(log.drive().drive), .offset = offset},
          .sectors = {sectors.begin(), sectors.end()}};
}

void CheckCopy(const set::Copy& copy) {
  if (copy.state != set::CopyState::kWhole) return;
  CAIRN_CHECK(copy.records.size() == copy.header.stripe_count);
  CAIRN_CHECK(copy.metadata.size() == copy.header.metadata_size);
  if (copy.records.empty()) return;
  const auto metadata = format::DecodeCommitMetadata(copy.metadata);
  CAIRN_CHECK(metadata.ok());
  CAIRN_CHECK(metadata->stripes.size() == copy.records.size());
}

void FuzzSlot(Input& input) {
  static const Standing standing = SomeCommit();
  Hostile hostile = TakeHostile(input, standing.sectors);
  hostile.bytes.resize(standing.sectors.size());
  if (hostile.wants_repair) RepairFrame(hostile.bytes, standing.place);
  const Allocations allocations;
  CAIRN_CHECK(set::SizeToJudge(hostile.bytes, standing.ring) <=
              hostile.bytes.size());
  const set::Copy copy =
      set::Judge(hostile.bytes, standing.slot, standing.drive);
  CAIRN_CHECK(allocations.bytes() <= AllocationMax(hostile.bytes.size()));
  CAIRN_CHECK(copy.state == set::CopyState::kWhole || !hostile.is_sample);
  CheckCopy(copy);
}

void FuzzStamp(Input& input) {
  constexpr format::SectorPlace kPlace{.log = 7, .offset = 8192};
  std::vector<std::byte> sample(format::kSectorSize, std::byte{1});
  format::PutStamp(sample, {.epoch = 2, .sequence = 3}, kPlace);
  Hostile hostile = TakeHostile(input, sample);
  hostile.bytes.resize(format::kSectorSize);
  const auto stamp = format::GetStamp(hostile.bytes, kPlace);
  CAIRN_CHECK(stamp.has_value() || !hostile.is_sample);
  if (!stamp.has_value()) return;
  std::vector<std::byte> again = hostile.bytes;
  format::PutStamp(again, *stamp, kPlace);
  CAIRN_CHECK(IsSame(again, hostile.bytes));
}

constexpr std::array<Target, 8> kTargets = {
    FuzzHeader, FuzzCommit, FuzzOpening, FuzzCheckpoint,
    FuzzEntry,  FuzzPlace,  FuzzSlot,    FuzzStamp};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace cairn::fuzz
