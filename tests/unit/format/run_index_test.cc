// The index of a run file finds the block of every key, and refuses every
// damage. Random separators are compared with a search over all of them.

#include "format/run_index.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "support/figures.h"
#include "support/sim_loop.h"

namespace cairn::format {
namespace {

// An index with these separators, the first of which is the lower bound.
struct Built {
  RunBounds bounds;
  RunFooter footer;
  std::vector<std::string> separators;
  std::vector<RunBlockRef> blocks;
  std::vector<std::byte> bytes;

  void Seal() { footer.index_checksum = RunIndexChecksum(footer, bytes); }
};

Built Build(const std::vector<std::string>& separators,
            std::optional<std::string> upper) {
  Built built{.separators = separators};
  built.bounds.range = {.lower = separators.front(), .upper = std::move(upper)};
  built.bounds.smallest = separators.front();
  built.bounds.largest = separators.back();
  RunIndexBuilder builder;
  std::uint64_t offset = 0;
  for (const std::string& separator : separators) {
    const auto number = static_cast<std::uint32_t>(built.blocks.size());
    built.blocks.push_back({.number = number,
                            .size = (1 + number % 9) * 4096,
                            .offset = offset,
                            .checksum = number * 0x123456789u});
    builder.Add(separator, built.blocks.back());
    offset += built.blocks.back().size;
  }
  built.bytes.resize(builder.EncodedSize(built.bounds));
  builder.Encode(built.bounds, built.bytes);
  built.footer.block_count = static_cast<std::uint32_t>(built.blocks.size());
  built.footer.index_size = static_cast<std::uint32_t>(built.bytes.size());
  built.footer.file_size = offset + built.bytes.size() + kRunFooterSize;
  built.Seal();
  return built;
}

std::string RandomKey(support::SeededRandom& random) {
  static constexpr char kBytes[] = {'\0', 'a', 'b', '\x7f', '\x80', '\xff'};
  std::string key(random.Choose(12), ' ');
  for (char& byte : key) byte = kBytes[random.Choose(sizeof(kBytes))];
  return key;
}

std::vector<std::string> RandomSeparators(support::SeededRandom& random) {
  std::set<std::string> separators;
  const std::string prefix(random.Choose(2) * random.Choose(900), 'p');
  const std::size_t count = random.Choose(200);
  while (separators.size() < count) {
    std::string separator = prefix + RandomKey(random);
    if (!separator.empty()) separators.insert(std::move(separator));
  }
  std::vector<std::string> all = {""};
  all.insert(all.end(), separators.begin(), separators.end());
  return all;
}

TEST(RunIndexTest, FindsTheBlockOfEveryKey) {
  support::SeededRandom random(support::TestSeed(4));
  const std::uint64_t rounds = support::TestIterations(300);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const Built built = Build(RandomSeparators(random), std::nullopt);
    const absl::StatusOr<RunIndex> index =
        RunIndex::Decode(built.bytes, built.footer);
    ASSERT_TRUE(index.ok()) << index.status();
    EXPECT_EQ(index->bounds(), built.bounds);
    ASSERT_EQ(index->block_count(), built.blocks.size());

    std::vector<std::string> keys = built.separators;
    for (int i = 0; i < 100; ++i) keys.push_back(RandomKey(random));
    for (const std::string& separator : built.separators) {
      keys.push_back(separator + '\0');
      keys.push_back(separator.substr(0, separator.size() / 2));
    }
    for (const std::string& key : keys) {
      const auto behind = std::upper_bound(built.separators.begin(),
                                           built.separators.end(), key);
      const auto expected =
          static_cast<std::uint32_t>(behind - built.separators.begin() - 1);
      const std::uint32_t found = index->Find(key);
      ASSERT_EQ(found, expected);
      EXPECT_EQ(index->block(found), built.blocks[found]);
      EXPECT_TRUE(index->BlockRange(found).Contains(key));
      for (std::uint32_t i = 0; i < index->block_count(); ++i) {
        ASSERT_EQ(index->BeginsAtOrAfter(i, key), built.separators[i] >= key);
      }
    }
  }
}

TEST(RunIndexTest, EveryFlippedBitIsRefused) {
  Built built = Build({"a", "bucket/1", "bucket/22", "c"}, "d");
  for (std::size_t bit = 0; bit < built.bytes.size() * 8; ++bit) {
    built.bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    EXPECT_FALSE(RunIndex::Decode(built.bytes, built.footer).ok());
    built.bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
  EXPECT_TRUE(RunIndex::Decode(built.bytes, built.footer).ok());
}

TEST(RunIndexTest, IsBoundToItsFileAndOffset) {
  const Built built = Build({"", "b"}, std::nullopt);
  std::vector<RunFooter> others(4, built.footer);
  ++others[0].id.deployment.low;
  ++others[1].id.run;
  ++others[2].id.file;
  others[3].file_size += kRunAlignment;
  for (const RunFooter& other : others) {
    EXPECT_FALSE(RunIndex::Decode(built.bytes, other).ok());
  }
}

TEST(RunIndexTest, HasNoMoreZerosBehindItThanItsBuilderPuts) {
  Built built = Build({"a", "b"}, "c");
  built.bytes.resize(built.bytes.size() + kRunAlignment);
  built.footer.index_size += kRunAlignment;
  built.footer.file_size += kRunAlignment;
  built.Seal();
  EXPECT_FALSE(RunIndex::Decode(built.bytes, built.footer).ok());
}

TEST(RunIndexTest, ForgedIndexesAreRefusedOrConsistent) {
  support::SeededRandom random(support::TestSeed(5));
  const std::uint64_t rounds = support::TestIterations(100000);
  const Built original =
      Build({"", "bucket/1", "bucket/22", "bucket/3", "c"}, "d");
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Built built = original;
    for (std::size_t i = 0; i <= random.Choose(3); ++i) {
      built.bytes[random.Choose(128)] =
          static_cast<std::byte>(random.Choose(random.OneIn(2) ? 256 : 4));
    }
    built.Seal();
    const absl::StatusOr<RunIndex> index =
        RunIndex::Decode(built.bytes, built.footer);
    if (!index.ok()) continue;
    for (std::uint32_t i = 0; i < index->block_count(); ++i) {
      const KeyRange range = index->BlockRange(i);
      ASSERT_TRUE(!range.upper.has_value() || range.lower < *range.upper);
      ASSERT_EQ(index->Find(range.lower), i);
    }
  }
}

TEST(RunIndexTest, SharedPrefixesTakeNoMemory) {
  std::vector<std::string> separators = {""};
  for (int i = 10000; i < 18000; ++i) {
    separators.push_back(std::string(900, 'p') + std::to_string(i));
  }
  const Built built = Build(separators, std::nullopt);
  EXPECT_LT(built.bytes.size(), separators.size() * 16 + 8192);
  const absl::StatusOr<RunIndex> index =
      RunIndex::Decode(built.bytes, built.footer);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_LT(index->memory_size(), separators.size() * 64);
}

TEST(RunIndexTest, HoldsAFileWithoutBlocks) {
  RunIndexBuilder builder;
  const RunBounds bounds{.range = {.lower = "a", .upper = "b"}};
  std::vector<std::byte> bytes(builder.EncodedSize(bounds));
  builder.Encode(bounds, bytes);
  RunFooter footer{.file_size = bytes.size() + kRunFooterSize,
                   .index_size = static_cast<std::uint32_t>(bytes.size())};
  footer.index_checksum = RunIndexChecksum(footer, bytes);
  const absl::StatusOr<RunIndex> index = RunIndex::Decode(bytes, footer);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->bounds(), bounds);
  EXPECT_EQ(index->block_count(), 0u);
}

}  // namespace
}  // namespace cairn::format
