// Files of large blobs that are damaged, cut short or something else: what is
// wrong is named, and what is right is said to be.

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/figures.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

constexpr std::uint64_t kSize = 200000;  // two frames, of 65536 and 36864 bytes
constexpr std::uint64_t kFooter = 102400;
constexpr std::uint64_t kTail = kFooter + 4096 - 512;

Sample Blob() { return BlobSample(1, kSize); }

// "NAME: NOTE" of each damage.
std::vector<std::string> Damages(const Sample& sample) {
  const auto report = InspectSample(sample);
  EXPECT_TRUE(report.ok()) << report.status();
  std::vector<std::string> damages;
  for (const InspectItem& damage : report->damages) {
    damages.push_back(fmt::format("{}: {}", damage.name, damage.note));
  }
  return damages;
}

using Wrong = std::vector<std::string>;

Sample Flipped(std::vector<std::uint64_t> offsets) {
  Sample sample = Blob();
  for (const std::uint64_t at : offsets) sample.bytes[at] ^= std::byte{1};
  return sample;
}

TEST(BlobTest, TheDamagedFrameIsNamed) {
  EXPECT_EQ(Damages(Blob()), Wrong{});
  EXPECT_EQ(Damages(Flipped({0})), Wrong{"frame 0: wrong checksum"});
  EXPECT_EQ(Damages(Flipped({65535, 65536})),
            (Wrong{"frame 0: wrong checksum", "frame 1: wrong checksum"}));
  EXPECT_EQ(Damages(Flipped({kFooter - 1})), Wrong{"frame 1: wrong checksum"});
}

TEST(BlobTest, ADamagedTableLeavesTheFramesRight) {
  EXPECT_EQ(Damages(Flipped({kFooter})),
            Wrong{"footer: blob file: wrong table"});
  EXPECT_EQ(Damages(Flipped({kFooter, kFooter + 8})),
            Wrong{"footer: blob file: wrong table"});
  EXPECT_EQ(Damages(Flipped({kFooter + 16})),
            Wrong{"footer: blob file: wrong padding"});
}

TEST(BlobTest, AFrameAndTheTableCanBeDamagedAtOnce) {
  EXPECT_EQ(Damages(Flipped({65536, kFooter})),
            (Wrong{"frame 0: wrong checksum, or the footer's is wrong",
                   "frame 1: wrong checksum, or the footer's is wrong",
                   "footer: blob file: wrong table"}));
}

TEST(BlobTest, ADamagedTailIsTheOnlyThingThatCanBeTold) {
  EXPECT_EQ(Damages(Flipped({0, kTail})),
            Wrong{"footer: blob file: wrong magic"});
  EXPECT_EQ(Damages(Flipped({0, kTail + 100})),
            Wrong{"footer: blob file: wrong checksum"});
  const auto byte = InspectSample(Flipped({kTail + 100}), {.offset = 70000});
  ASSERT_TRUE(byte.ok());
  EXPECT_EQ(byte->damages.front().note,
            "cannot be told: blob file: wrong checksum");
}

TEST(BlobTest, EveryFlippedByteOfAFooterIsDamage) {
  for (std::uint64_t at = kFooter; at < kFooter + 4096; ++at) {
    const Sample sample = Flipped({at});
    ASSERT_EQ(Damages(sample).size(), 1u) << at;
    const auto byte = InspectSample(sample, {.offset = at});
    ASSERT_TRUE(byte.ok()) << at;
    ASSERT_GT(byte->damage_count, 0u) << at;
  }
}

TEST(BlobTest, AFileThatEndsAnywhereIsDamaged) {
  const Sample whole = Blob();
  for (std::uint64_t size = 0; size < whole.bytes.size(); size += 509) {
    Sample sample = whole;
    sample.bytes.resize(size);
    ASSERT_EQ(Damages(sample).size(), 1u) << size;
    if (size == 0) continue;
    const auto byte = InspectSample(sample, {.offset = size / 2});
    ASSERT_TRUE(byte.ok()) << byte.status();
    ASSERT_GT(byte->damage_count, 0u) << size;
  }
}

// It was made for more bytes than came.
TEST(BlobTest, ZerosBehindTheFooterAreNoDamage) {
  Sample sample = Blob();
  const std::uint64_t size = sample.bytes.size();
  sample.bytes.resize(size + 5 * 4096);
  EXPECT_EQ(Damages(sample), Wrong{});
  for (const std::uint64_t at : {size, sample.bytes.size() - 1}) {
    const auto byte = InspectSample(sample, {.offset = at});
    ASSERT_TRUE(byte.ok()) << byte.status();
    EXPECT_EQ(byte->damage_count, 0u);
    EXPECT_EQ(byte->items.back().name, "unused");
    EXPECT_EQ(byte->items.back().offset, size);
  }
  sample.bytes[size] = std::byte{1};
  EXPECT_EQ(Damages(sample).size(), 1u);
}

TEST(BlobTest, AFooterOfAnotherSizeIsDamage) {
  Sample sample = Blob();
  sample.bytes.insert(sample.bytes.begin(), 4096, std::byte{0});
  EXPECT_EQ(Damages(sample), Wrong{"footer: blob file: 106496 bytes by the "
                                   "footer, there are 110592"});
}

TEST(BlobTest, TheFileOfAnotherDriveOrBlobIsDamage) {
  Sample sample = Blob();
  sample.drive = DriveAt(2, set::kLogSizeMin);
  EXPECT_EQ(Damages(sample),
            Wrong{"footer: blob file: of position 1, its drive has 2"});
  sample.drive = DriveAt(1, set::kLogSizeMin);
  sample.drive->set = 9;
  EXPECT_EQ(Damages(sample).size(), 1u);
  sample.drive.reset();
  EXPECT_EQ(Damages(sample), Wrong{});
  sample.path = "a/" + format::BlobPath({.epoch = 1, .counter = 5});
  EXPECT_EQ(Damages(sample),
            Wrong{"footer: blob file: of blob 1-0000beef-4, its name is that "
                  "of 1-00000000-5"});
  sample.path = "/tmp/copy";
  EXPECT_EQ(Damages(sample), Wrong{});
}

// Puts the checksum of the tail right, as whoever writes to a drive can.
void Seal(Sample& sample, format::BlobFooter footer) {
  const base::AlignedBuffer encoded = format::Encode(footer);
  sample.bytes.resize(sample.bytes.size() -
                      std::min(sample.bytes.size(), encoded.size()));
  const base::Bytes end = encoded.bytes();
  sample.bytes.insert(sample.bytes.end(), end.begin(), end.end());
}

TEST(BlobTest, ForgedFootersGiveAReport) {
  support::SeededRandom random(support::TestSeed(9));
  const std::uint64_t rounds = support::TestIterations(300);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Sample sample = BlobSample(0, 1 + random.Choose(kSize));
    format::BlobFooter footer;
    footer.manifest.name = {.deployment = kDeployment, .set = 2};
    footer.manifest.shape = {
        .size = 1 + random.Choose(random.OneIn(2) ? sample.bytes.size()
                                                  : format::kBlobFileBytesMax),
        .unit = static_cast<std::uint32_t>(format::kBlobFrameSize *
                                           (1 + random.Choose(64))),
        .data_shards = static_cast<std::uint8_t>(1 + random.Choose(16)),
        .parity_shards = static_cast<std::uint8_t>(random.Choose(5))};
    footer.table.resize(footer.manifest.shape.frame_count());
    footer.manifest.table_digests[0] = format::DigestOf(footer.table);
    Seal(sample, footer);
    ASSERT_GT(Damages(sample).size(), 0u);
    for (int i = 0; i < 4; ++i) {
      const std::uint64_t at = random.Choose(sample.bytes.size());
      ASSERT_TRUE(InspectSample(sample, {.offset = at}).ok());
    }
  }
}

}  // namespace
}  // namespace cairn::inspect
