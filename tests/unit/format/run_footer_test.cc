// The footer of a run file round-trips, refuses every damage, and accepts only
// what is consistent. The filter lets no key be missed and few pass in vain.

#include "format/run_footer.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "cairn/status.h"
#include "digest/checksum.h"
#include "format/run_filter.h"

namespace cairn::format {
namespace {

RunFooter SomeFooter() {
  return {.id = {.deployment = {.high = 1, .low = 2},
                 .set = 3,
                 .file = 4,
                 .run = 5},
          .from_sequence = 6,
          .to_sequence = 7,
          .file_size = 10 * kRunAlignment,
          .record_count = 60,
          .tombstone_count = 8,
          .key_bytes = 9,
          .value_bytes = 10,
          .block_count = 7,
          .index_size = kRunAlignment,
          .filter_size = kRunAlignment,
          .filter_lines = 2,
          .index_checksum = 11,
          .filter_checksum = 12};
}

TEST(RunFooterTest, ReadsBackWhatItWrote) {
  const absl::StatusOr<RunFooter> footer =
      DecodeRunFooter(Encode(SomeFooter()));
  ASSERT_TRUE(footer.ok()) << footer.status();
  EXPECT_EQ(*footer, SomeFooter());
}

TEST(RunFooterTest, EveryFlippedBitIsRefused) {
  RunFooterBytes bytes = Encode(SomeFooter());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    EXPECT_EQ(CodeOf(DecodeRunFooter(bytes).status()), ErrorCode::kCorrupt)
        << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
}

TEST(RunFooterTest, RefusesEverySizeButItsOwn) {
  const RunFooterBytes bytes = Encode(SomeFooter());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeRunFooter(base::Bytes(bytes).first(size)).ok());
  }
}

TEST(RunFooterTest, RefusesWhatIsNotConsistent) {
  std::vector<RunFooter> wrong(13, SomeFooter());
  wrong[0].file_size += 1;
  wrong[1].file_size = 2 * kRunAlignment;
  wrong[2].file_size = kRunFileSizeMax + kRunAlignment;
  wrong[3].index_size += 1;
  wrong[4].index_size = 0xfffff000;
  wrong[5].filter_size = 0;
  wrong[6].filter_lines = 3;
  wrong[7].block_count = 8;
  wrong[8].record_count = 6;
  wrong[9].record_count = ~std::uint64_t{0};
  wrong[10].tombstone_count = 61;
  wrong[11].from_sequence = 8;
  wrong[12].block_count = 0;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_FALSE(DecodeRunFooter(Encode(wrong[i])).ok()) << i;
  }
}

TEST(RunFooterTest, NamesANewerVersion) {
  RunFooterBytes bytes = Encode(SomeFooter());
  bytes[12] = std::byte{2};
  // The seed of the footer's checksum, which newer versions keep.
  const std::uint64_t checksum =
      digest::Checksum64(base::Bytes(bytes).subspan(8), 0x7265746f6f66206e);
  std::memcpy(bytes.data(), &checksum, sizeof(checksum));
  EXPECT_EQ(CodeOf(DecodeRunFooter(bytes).status()), ErrorCode::kNewerFormat);
}

TEST(RunFooterTest, IsNamedByItsBytes) {
  const RunFooterBytes bytes = Encode(SomeFooter());
  RunFooter other = SomeFooter();
  ++other.index_checksum;
  EXPECT_EQ(RunFileDigest(bytes), RunFileDigest(Encode(SomeFooter())));
  EXPECT_NE(RunFileDigest(bytes), RunFileDigest(Encode(other)));
}

constexpr std::uint64_t kKeyCount = 100000;

std::vector<std::uint64_t> Hashes(std::uint64_t from, std::uint64_t salt) {
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t i = from; i < from + kKeyCount; ++i) {
    hashes.push_back(FilterHash("bucket/" + std::to_string(i), salt));
  }
  return hashes;
}

TEST(RunFilterTest, MissesNoKeyAndLetsOneInAHundredPass) {
  const std::uint64_t salt = FilterSalt({.high = 1, .low = 2});
  const std::vector<std::uint64_t> present = Hashes(0, salt);
  std::vector<std::byte> lines(FilterLineCount(kKeyCount) * kFilterLineSize);
  EXPECT_LE(lines.size() * 8, kKeyCount * kFilterBitsPerKey + 512);
  AddToFilter(present, lines);
  const RunFilter filter(lines);
  for (const std::uint64_t hash : present) {
    ASSERT_TRUE(filter.MayContain(hash));
  }
  std::uint64_t passed = 0;
  for (const std::uint64_t hash : Hashes(kKeyCount, salt)) {
    passed += filter.MayContain(hash) ? 1 : 0;
  }
  EXPECT_LT(passed, kKeyCount * 12 / 1000);
  RecordProperty("passed", static_cast<int>(passed));
}

TEST(RunFilterTest, WithoutKeysLetsNonePass) {
  EXPECT_EQ(FilterLineCount(0), 0u);
  AddToFilter({}, {});
  EXPECT_FALSE(RunFilter().MayContain(0));
}

TEST(RunFilterTest, HashesDifferBetweenDeployments) {
  EXPECT_NE(FilterHash("key", FilterSalt({.high = 1, .low = 2})),
            FilterHash("key", FilterSalt({.high = 2, .low = 1})));
}

}  // namespace
}  // namespace cairn::format
