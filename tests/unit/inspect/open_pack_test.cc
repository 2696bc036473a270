// Open packs: slices are found by their footers alone, whatever lies in them
// and between them, and what is damaged is told slice by slice.

#include "format/open_pack.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "support/figures.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

using Lines = std::vector<std::string>;

// What is listed: "NAME at OFFSET, SIZE: NOTE".
Lines List(const Sample& sample) {
  const auto report = InspectSample(sample, {.is_listing = true});
  EXPECT_TRUE(report.ok()) << report.status();
  Lines lines;
  for (const InspectItem& item : report->items) {
    if (item.size == 0) continue;
    lines.push_back(fmt::format("{} at {}, {}{}{}", item.name, item.offset,
                                item.size, item.note.empty() ? "" : ": ",
                                item.note));
  }
  return lines;
}

Lines Damages(const Sample& sample) {
  const auto report = InspectSample(sample);
  EXPECT_TRUE(report.ok()) << report.status();
  Lines lines;
  for (const InspectItem& damage : report->damages) {
    lines.push_back(fmt::format("{}: {}", damage.name, damage.note));
  }
  return lines;
}

Sample Flipped(std::uint64_t at) {
  Sample sample = OpenPackSample(1);
  sample.bytes[at] ^= std::byte{1};
  return sample;
}

TEST(OpenPackTest, SlicesAndHolesAreListed) {
  EXPECT_EQ(List(OpenPackSample(1)),
            (Lines{"slice at 0, 8192: whole", "hole at 8192, 4096",
                   "slice at 12288, 12288: whole"}));
}

TEST(OpenPackTest, NothingHasNoSlices) {
  EXPECT_EQ(List(OpenPackBuilder(0).Finish()), Lines{});
}

TEST(OpenPackTest, EveryFlippedByteOfASliceIsDamage) {
  support::SeededRandom random(support::TestSeed(10));
  const Sample whole = OpenPackSample(1);
  for (std::uint64_t at = 0; at < whole.bytes.size();
       at += 1 + random.Choose(12)) {
    const bool is_hole = at >= 8192 && at < 12288;
    const Sample sample = Flipped(at);
    ASSERT_EQ(Damages(sample).size(), is_hole ? 0u : 1u) << at;
    const auto byte = InspectSample(sample, {.offset = at});
    ASSERT_TRUE(byte.ok()) << at;
    ASSERT_EQ(byte->damage_count > 0, !is_hole) << at;
  }
}

TEST(OpenPackTest, ADamagedFrameIsNamedWithItsSlice) {
  EXPECT_EQ(Damages(Flipped(12288)),
            Lines{"slice at 12288, frame 0: wrong checksum"});
  EXPECT_EQ(List(Flipped(12288)).back(),
            "slice at 12288, 12288: frame 0: wrong checksum");
}

// Where the id of the blob is damaged, the footer does not say where the slice
// begins; but that there was one is told.
TEST(OpenPackTest, ADamagedFooterIsStillTheFooterOfASlice) {
  constexpr std::uint64_t kTail = 12288 + 12288 - 512;
  EXPECT_EQ(Damages(Flipped(kTail)),
            Lines{"slice at 12288, footer: blob file: wrong magic"});
  EXPECT_EQ(Damages(Flipped(kTail + 100)),
            Lines{"slice at 12288, footer: blob file: wrong checksum"});
  EXPECT_EQ(Damages(Flipped(kTail + 40)),
            Lines{"slice at 20480, footer: blob file: wrong checksum"});
}

TEST(OpenPackTest, BytesWithoutAFooterAreNoSlice) {
  OpenPackBuilder pack(0);
  pack.AppendSlice(5000);
  pack.Append(FileBytes(8192, std::byte{7}));
  pack.Append(FileBytes(4096));
  pack.AppendSlice(5000);
  const Sample sample = pack.Finish();
  EXPECT_EQ(List(sample)[1],
            "no slice at 8192, 12288: never sealed, or freed, or without a "
            "trace of its footer");
  EXPECT_EQ(List(sample).size(), 3u);
  EXPECT_EQ(Damages(sample), Lines{});
  EXPECT_EQ(InspectSample(sample, {.offset = 9000})->items.front().name,
            "no slice");
}

// A caller may store a copy of the file of an open pack.
TEST(OpenPackTest, AFooterWithinASliceIsNone) {
  const FileBytes copy = OpenPackSample(0).bytes;
  // With one data shard the bytes lie in the file as they are.
  const format::BlobShape shape{.size = copy.size(),
                                .unit = format::kBlobFrameSize,
                                .data_shards = 1,
                                .parity_shards = 0};
  const format::Slice slice{.pack = OpenPackBuilder::kPack,
                            .size = shape.file_size()};
  format::BlobFooter footer{.manifest = {.name = {.deployment = kDeployment,
                                                  .set = 2,
                                                  .id = format::IdOf(slice)},
                                         .shape = shape}};
  footer.table.push_back(
      format::BlobFrameChecksum({.name = footer.manifest.name}, copy));
  footer.manifest.table_digests[0] = format::DigestOf(footer.table);
  const base::AlignedBuffer encoded = format::Encode(footer);
  OpenPackBuilder pack(0);
  pack.Append(copy);
  pack.Append({encoded.bytes().begin(), encoded.bytes().end()});
  EXPECT_EQ(List(pack.Finish()), Lines{"slice at 0, 28672: whole"});
}

TEST(OpenPackTest, ASliceInAWrongPlaceIsDamage) {
  Sample sample = OpenPackSample(0);
  sample.bytes.insert(sample.bytes.begin() + 8192, 4096, std::byte{0});
  EXPECT_EQ(Damages(sample),
            Lines{"slice at 16384, footer: slice: the footer of another"});
}

TEST(OpenPackTest, TheFileOfAnotherPackOrDriveIsDamage) {
  Sample sample = OpenPackSample(0);
  sample.path = "a/open_packs/00000001-00000003-0000beef";
  EXPECT_EQ(Damages(sample), (Lines{"slice at 0, footer: slice: of "
                                    "open_packs/00000001-00000002-0000beef",
                                    "slice at 12288, footer: slice: of "
                                    "open_packs/00000001-00000002-0000beef"}));
  sample.path = "/tmp/copy";
  EXPECT_EQ(Damages(sample), Lines{});
  sample.drive = DriveAt(1, set::kLogSizeMin);
  EXPECT_EQ(Damages(sample).size(), 2u);
}

TEST(OpenPackTest, AFileThatEndsAnywhereGivesAReport) {
  const Sample whole = OpenPackSample(1);
  for (std::uint64_t size = 0; size < whole.bytes.size(); size += 512) {
    Sample sample = whole;
    sample.bytes.resize(size);
    ASSERT_EQ(Damages(sample).size(), size % 4096 == 0 ? 0u : 1u) << size;
    if (size == 0) continue;
    const auto byte = InspectSample(sample, {.offset = size - 1});
    ASSERT_TRUE(byte.ok()) << byte.status();
    ASSERT_EQ(byte->damage_count, size % 4096 == 0 ? 0u : 1u) << size;
  }
}

// Zeros without end.
class ZeroSource : public Source {
 public:
  std::uint64_t size() const override { return std::uint64_t{1} << 40; }
  absl::Status Read(std::uint64_t, base::MutableBytes into) const override {
    std::ranges::fill(into, std::byte{0});
    return absl::OkStatus();
  }
};

TEST(OpenPackTest, NoMoreIsSearchedThanAPackMayHave) {
  const ZeroSource source;
  const Subject subject{.path = OpenPackSample(0).path, .source = source};
  const auto report = InspectFile(subject, {});
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->damage_count, 1u);
  EXPECT_EQ(report->damages[0].note, "larger than a pack may be");
  EXPECT_EQ(report->damages[0].offset, format::kOpenPackSizeMax);
  const auto byte = InspectFile(subject, {.offset = std::uint64_t{1} << 39});
  ASSERT_TRUE(byte.ok());
  EXPECT_EQ(byte->damage_count, 1u);
}

// Tails whose checksums hold, of slices that cannot be.
TEST(OpenPackTest, ForgedFootersGiveAReport) {
  support::SeededRandom random(support::TestSeed(11));
  const std::uint64_t rounds = support::TestIterations(300);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    OpenPackBuilder pack(0);
    for (int i = 0; i < 4; ++i) {
      format::BlobId id = format::IdOf({.pack = OpenPackBuilder::kPack,
                                        .offset = random.Choose(8) * 4096,
                                        .size = (1 + random.Choose(8)) * 4096});
      if (random.OneIn(4)) id.counter = random.Next();
      pack.Append(BlobBytes(id, 1 + random.Choose(9000), 0));
    }
    const Sample sample = pack.Finish();
    Damages(sample);
    for (std::uint64_t at = 0; at < sample.bytes.size();
         at += 1 + random.Choose(4096)) {
      ASSERT_TRUE(InspectSample(sample, {.offset = at}).ok()) << at;
    }
  }
}

}  // namespace
}  // namespace cairn::inspect
