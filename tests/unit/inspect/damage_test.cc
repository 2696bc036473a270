// Seeded damage of every kind of file: never a crash, always a report, and
// what a checksum covers is reported as damaged.

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "format/run_footer.h"
#include "format/run_index.h"
#include "inspect/frame.h"
#include "support/figures.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

void ExpectSound(const InspectReport& report) {
  EXPECT_EQ(report.damage_count == 0, report.damages.empty());
  EXPECT_FALSE(RenderText(report).empty());
  EXPECT_EQ(RenderJson(report).front(), '{');
}

// Inspects in every way; returns how much damage the whole report tells.
std::uint64_t InspectAll(const Sample& sample, support::SeededRandom& random) {
  const auto report = InspectSample(sample, {.is_listing = true});
  if (!report.ok()) return 0;
  ExpectSound(*report);
  for (int i = 0; i < 4 && !sample.bytes.empty(); ++i) {
    const std::uint64_t at = random.Choose(sample.bytes.size());
    const auto byte = InspectSample(sample, {.offset = at});
    EXPECT_TRUE(byte.ok()) << sample.path << " at " << at << ": "
                           << byte.status();
    if (byte.ok()) ExpectSound(*byte);
  }
  return report->damage_count;
}

std::uint64_t SizeToDamage(const Sample& sample) {
  // Behind its frames a log is only what was never written.
  return std::min<std::uint64_t>(sample.bytes.size(), 40960);
}

// Damage that goes on with the content: anything may come of it but a crash.
void DamageSomehow(Sample& sample, support::SeededRandom& random) {
  const std::uint64_t size = sample.bytes.size();
  const std::uint64_t at = random.Choose(SizeToDamage(sample));
  const std::uint64_t count =
      std::min<std::uint64_t>(1 + random.Choose(5000), size - at);
  const auto begin = sample.bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.Choose(4)) {
    case 0:
      std::fill_n(begin, count, static_cast<std::byte>(random.Next()));
      return;
    case 1:
      std::generate_n(begin, count,
                      [&] { return static_cast<std::byte>(random.Next()); });
      return;
    case 2:
      sample.bytes.resize(at);
      return;
    default:
      std::copy_n(sample.bytes.begin(), std::min(count, at), begin);
  }
}

TEST(DamageTest, AnyDamageGivesAReport) {
  support::SeededRandom random(support::TestSeed(4));
  const std::vector<Sample> samples = AllSamples();
  const std::uint64_t rounds = support::TestIterations(1500);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Sample sample = samples[random.Choose(samples.size())];
    for (std::size_t i = 0; i <= random.Choose(3) && !sample.bytes.empty();
         ++i) {
      DamageSomehow(sample, random);
    }
    if (random.OneIn(4)) sample.drive.reset();
    InspectAll(sample, random);
  }
  support::AddFigure("inspect_damages", rounds);
}

TEST(DamageTest, EveryFlippedBitOfAFileThatIsOneStructureIsDamage) {
  for (const Sample& whole : {IdentitySample(), CatalogueSample()}) {
    for (std::size_t bit = 0; bit < whole.bytes.size() * 8; bit += 3) {
      Sample sample = whole;
      sample.bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
      const auto report = InspectSample(sample);
      ASSERT_TRUE(report.ok()) << bit << ": " << report.status();
      ASSERT_GT(report->damage_count, 0u) << whole.path << " bit " << bit;
    }
  }
}

TEST(DamageTest, EveryFlippedByteOfARunAPackAndABlobIsDamage) {
  support::SeededRandom random(support::TestSeed(5));
  for (const Sample& whole : {RunSample(40), PackSample(0, 9), PackSample(2, 9),
                              BlobSample(0, 5000), BlobSample(2, 5000)}) {
    for (std::size_t at = 0; at < whole.bytes.size();
         at += 1 + random.Choose(20)) {
      Sample sample = whole;
      sample.bytes[at] ^= static_cast<std::byte>(1u << random.Choose(8));
      const auto report = InspectSample(sample);
      ASSERT_TRUE(report.ok()) << at << ": " << report.status();
      ASSERT_GT(report->damage_count, 0u) << whole.path << " byte " << at;
      const auto byte = InspectSample(sample, {.offset = at});
      ASSERT_TRUE(byte.ok());
      ASSERT_GT(byte->damage_count, 0u) << whole.path << " byte " << at;
    }
  }
}

// Whether a checksum of the log covers the byte.
bool IsCovered(const Sample& sample, std::uint64_t at) {
  if (at < format::kRingOffset) return true;
  const bool is_stamp = at % format::kSectorSize >= format::kSectorPayloadSize;
  if (is_stamp) return true;
  const auto report = InspectSample(sample, {.offset = at});
  const std::vector<InspectItem>& parts = report->items.front().parts;
  return report->items.front().name == "frame" &&
         parts.front().name != "padding";
}

TEST(DamageTest, EveryFlippedByteOfALogThatIsCoveredIsDamage) {
  support::SeededRandom random(support::TestSeed(6));
  const LogBuilder log = SmallLog();
  const Sample whole = log.Finish();
  const std::uint64_t end = log.ring().FileOffset(log.next().offset) + 2000;
  std::uint64_t covered = 0;
  for (std::uint64_t at = 0; at < end; at += 1 + random.Choose(20)) {
    Sample sample = whole;
    sample.bytes[at] ^= static_cast<std::byte>(1u << random.Choose(8));
    const auto report = InspectSample(sample);
    ASSERT_TRUE(report.ok()) << at;
    ASSERT_EQ(report->damage_count > 0, IsCovered(whole, at))
        << "byte " << at << "\n"
        << RenderText(*report);
    covered += report->damage_count > 0 ? 1 : 0;
  }
  EXPECT_GT(covered, 500u);
}

// A flipped byte, and what is said about it.
struct Damage {
  Sample sample;
  std::uint64_t at = 0;
  std::string name;
  std::string note;
};

TEST(DamageTest, TheDamagedStructureIsNamed) {
  constexpr std::uint64_t kFrame = 16384;  // a commit of two stripes
  const Sample run = RunSample(40);        // a block, index, filter and footer
  const std::vector<Damage> damages = {
      {IdentitySample(), 30, "cairn.format", "cairn.format: wrong checksum"},
      {CatalogueSample(), 60, "catalogue", "catalogue: wrong checksum"},
      {LogSample(), 4100, "promise", "promise: wrong checksum"},
      {LogSample(), kFrame + 100, "frame without a header",
       "frame header: wrong checksum"},
      {LogSample(), kFrame + 600, "frame 3", "frame metadata: wrong checksum"},
      {LogSample(), kFrame + 512 + 240, "frame 3",
       "shard 0: wrong checksum (or it was lost when the frame was written)"},
      {LogSample(), kFrame + 1020, "frame 3", "1 of 8 stamps are damaged"},
      {LogSample(), 30200, "stamp", "wrong checksum: 1 sector"},
      {run, 100, "block 0", "run block: wrong checksum"},
      {run, 4100, "index", "run index: wrong checksum"},
      {run, 8200, "filter", "run filter: wrong checksum"},
      {run, 12300, "footer", "run footer: wrong checksum"},
      {PackSample(1, 9), 2000, "block 0", "wrong checksum"},
  };
  for (const Damage& damage : damages) {
    Sample sample = damage.sample;
    sample.bytes[damage.at] ^= std::byte{1};
    const auto report = InspectSample(sample);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->damage_count, 1u) << RenderText(*report);
    const InspectItem& told = report->damages[0];
    EXPECT_EQ(told.name, damage.name);
    EXPECT_EQ(told.note, damage.note);
    EXPECT_LE(told.offset, damage.at);
    // And the way to the byte itself says that it is damaged.
    EXPECT_GT(InspectSample(sample, {.offset = damage.at})->damage_count, 0u)
        << damage.name;
  }
}

// Whoever can write to a drive can make every checksum hold.
TEST(DamageTest, ForgedMetadataOfFramesGivesAReport) {
  support::SeededRandom random(support::TestSeed(7));
  const std::uint64_t rounds = support::TestIterations(300);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    LogBuilder log(set::kLogSizeMin);
    log.ForgeNext(random);
    log.AppendOpening();
    log.AppendCommit(2, 500);
    log.AppendCheckpoint();
    const Sample sample = log.Finish();
    InspectAll(sample, random);
    const std::uint64_t end = log.ring().FileOffset(log.next().offset);
    for (std::uint64_t at = format::kRingOffset; at < end;
         at += 1 + random.Choose(200)) {
      ASSERT_TRUE(InspectSample(sample, {.offset = at}).ok()) << at;
    }
  }
}

template <typename T>
void ForgeField(T& field, support::SeededRandom& random) {
  if (!random.OneIn(6)) return;
  field = static_cast<T>(random.OneIn(2) ? field + random.Choose(3) - 1
                                         : random.Next());
}

void ForgeCounts(format::RunFooter& footer, support::SeededRandom& random) {
  ForgeField(footer.from_sequence, random);
  ForgeField(footer.record_count, random);
  ForgeField(footer.tombstone_count, random);
  ForgeField(footer.key_bytes, random);
  ForgeField(footer.block_count, random);
  ForgeField(footer.index_size, random);
  ForgeField(footer.filter_size, random);
  ForgeField(footer.filter_lines, random);
}

// Another index and filter, or other counts, under checksums that hold.
void ForgeRun(Sample& sample, support::SeededRandom& random) {
  const base::MutableBytes bytes(sample.bytes);
  const base::MutableBytes end = bytes.last(format::kRunFooterSize);
  format::RunFooter footer = *format::DecodeRunFooter(end);
  const base::MutableBytes index =
      bytes.subspan(footer.index_offset(), footer.index_size);
  const base::MutableBytes filter =
      bytes.subspan(footer.filter_offset(), footer.filter_size);
  for (std::uint64_t i = random.Choose(4); i > 0; --i) {
    index[random.Choose(60)] = static_cast<std::byte>(random.Next());
    filter[random.Choose(64)] = static_cast<std::byte>(random.Next());
  }
  if (random.OneIn(2)) ForgeCounts(footer, random);
  footer.index_checksum = format::RunIndexChecksum(footer, index);
  footer.filter_checksum = format::RunFilterChecksum(footer, filter);
  const format::RunFooterBytes encoded = format::Encode(footer);
  std::copy(encoded.begin(), encoded.end(), end.begin());
}

TEST(DamageTest, ForgedPartsOfRunsGiveAReport) {
  support::SeededRandom random(support::TestSeed(8));
  const Sample whole = RunSample(40);
  const std::uint64_t rounds = support::TestIterations(2000);
  std::uint64_t damaged = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Sample sample = whole;
    ForgeRun(sample, random);
    damaged += InspectAll(sample, random) > 0 ? 1 : 0;
  }
  EXPECT_GT(damaged, rounds / 2);
}

TEST(DamageTest, AnObjectInADamagedBlockIsStillFound) {
  Sample sample = PackSample(0, 9);
  sample.bytes[20] ^= std::byte{1};  // in the header of the first object
  const auto report = InspectSample(sample, {.is_listing = true});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->damage_count, 1u);
  EXPECT_NE(RenderText(*report).find("photos/2.jpg"), std::string::npos);
}

}  // namespace
}  // namespace cairn::inspect
