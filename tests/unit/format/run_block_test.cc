// A block gives back what was put into it, proves what is absent, and refuses
// every damage. Random blocks are compared with a std::map; a small one is
// damaged in every bit; damages with a checksum to match show that nothing but
// the checks of the structure is relied on.

#include "format/run_block.h"

#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "format/run_block_builder.h"
#include "support/figures.h"
#include "support/sim_loop.h"

namespace cairn::format {
namespace {

struct Content {
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string value;
};
using Model = std::map<std::string, Content>;

RunPlace SomePlace() {
  return {.file = {.deployment = {.high = 1, .low = 2},
                   .set = 3,
                   .file = 4,
                   .run = 5},
          .number = 6,
          .offset = 7 * kRunAlignment};
}

RunRecord RecordOf(const Model::value_type& entry) {
  return {.key = entry.first,
          .sequence = entry.second.sequence,
          .kind = entry.second.kind,
          .value = entry.second.value};
}

// The bytes of one block; records that do not fit leave `model`.
std::vector<std::byte> Build(Model& model, const KeyRange& range) {
  RunBlockBuilder builder;
  builder.Begin(range.lower);
  auto next = model.begin();
  while (next != model.end() && builder.Add(RecordOf(*next))) ++next;
  model.erase(next, model.end());
  std::vector<std::byte> bytes(builder.EncodedSize(range.upper));
  const std::uint64_t checksum =
      builder.Encode(range.upper, SomePlace(), bytes);
  EXPECT_EQ(checksum, RunBlock::Checksum(bytes, SomePlace()));
  return bytes;
}

// Keys of few different bytes, so that prefixes and neighbours are common.
std::string RandomKey(support::SeededRandom& random) {
  static constexpr char kBytes[] = {'\0', 'a', 'b', '\x7f', '\x80', '\xff'};
  std::string key(random.Choose(9), ' ');
  for (char& byte : key) byte = kBytes[random.Choose(sizeof(kBytes))];
  return key;
}

Model RandomModel(support::SeededRandom& random) {
  Model model;
  const std::size_t count = 1 + random.Choose(200);
  const std::string prefix(random.Choose(3) * random.Choose(300), 'p');
  for (std::size_t i = 0; i < count; ++i) {
    Content content{.sequence =
                        1 + random.Choose(std::size_t{1} << random.Choose(40))};
    if (random.OneIn(4)) {
      content.kind = RecordKind::kTombstone;
    } else {
      content.value.assign(random.Choose(100), static_cast<char>(i));
    }
    model[prefix + RandomKey(random)] = content;
  }
  return model;
}

void ExpectRecord(const RunRecord& record, const Model::value_type& entry) {
  EXPECT_EQ(record, RecordOf(entry));
}

void ExpectSameOrder(const RunBlock& block, const Model& model) {
  RunBlock::Iterator iterator(block);
  iterator.SeekToFirst();
  for (const auto& entry : model) {
    ASSERT_TRUE(iterator.is_valid());
    ExpectRecord(iterator.record(), entry);
    iterator.Next();
  }
  EXPECT_FALSE(iterator.is_valid());
}

void ExpectSameAt(const RunBlock& block, const Model& model,
                  const std::string& key) {
  const auto found = model.find(key);
  const std::optional<RunRecord> record = block.Find(key);
  ASSERT_EQ(record.has_value(), found != model.end());
  if (record.has_value()) ExpectRecord(*record, *found);

  RunBlock::Iterator iterator(block);
  iterator.Seek(key);
  for (auto expected = model.lower_bound(key); expected != model.end();
       ++expected, iterator.Next()) {
    ASSERT_TRUE(iterator.is_valid());
    ExpectRecord(iterator.record(), *expected);
    if (std::distance(model.begin(), expected) % 7 == 0) return;
  }
  EXPECT_FALSE(iterator.is_valid());
}

TEST(RunBlockTest, AgreesWithAMapOnWhatIsThereAndWhatIsNot) {
  support::SeededRandom random(support::TestSeed(2));
  const std::uint64_t rounds = support::TestIterations(400);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    Model model = RandomModel(random);
    KeyRange range;
    if (random.OneIn(2)) range.lower = model.begin()->first;
    if (random.OneIn(2)) range.upper = model.rbegin()->first + '\0';
    const std::vector<std::byte> bytes = Build(model, range);
    const absl::StatusOr<RunBlock> block = RunBlock::Decode(bytes, SomePlace());
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_EQ(block->range(), range);
    EXPECT_EQ(block->record_count(), model.size());
    ExpectSameOrder(*block, model);
    for (const auto& [key, content] : model) {
      ExpectSameAt(*block, model, key);
      ExpectSameAt(*block, model, key + '\0');
      ExpectSameAt(*block, model, key.substr(0, key.size() / 2));
      ExpectSameAt(*block, model, RandomKey(random));
    }
    if (HasFailure()) break;
  }
}

TEST(RunBlockTest, HoldsTheEmptyKeyAlone) {
  Model model = {{"", {.sequence = 1, .value = "v"}}};
  const std::vector<std::byte> bytes = Build(model, {.upper = "a"});
  const absl::StatusOr<RunBlock> block = RunBlock::Decode(bytes, SomePlace());
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(block->Find("")->value, "v");
  EXPECT_FALSE(block->Find(std::string_view("\0", 1)).has_value());
}

Model SmallModel() {
  Model model;
  for (int i = 0; i < 20; ++i) {
    model["bucket/key" + std::to_string(i * i)] = {
        .sequence = static_cast<std::uint64_t>(1000 - i),
        .kind = i % 5 == 0 ? RecordKind::kTombstone : RecordKind::kPut,
        .value = i % 5 == 0 ? "" : std::string("value") + std::to_string(i)};
  }
  return model;
}

TEST(RunBlockTest, EveryFlippedBitIsRefused) {
  Model model = SmallModel();
  std::vector<std::byte> bytes = Build(model, {.lower = "b", .upper = "c"});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    EXPECT_EQ(RunBlock::Decode(bytes, SomePlace()).status().code(),
              absl::StatusCode::kDataLoss)
        << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
  EXPECT_TRUE(RunBlock::Decode(bytes, SomePlace()).ok());
}

TEST(RunBlockTest, IsRefusedInEveryOtherPlace) {
  Model model = SmallModel();
  const std::vector<std::byte> bytes = Build(model, {});
  std::vector<RunPlace> others(7, SomePlace());
  ++others[0].file.deployment.high;
  ++others[1].file.deployment.low;
  ++others[2].file.set;
  ++others[3].file.file;
  ++others[4].file.run;
  ++others[5].number;
  others[6].offset += kRunAlignment;
  for (const RunPlace& other : others) {
    EXPECT_FALSE(RunBlock::Decode(bytes, other).ok());
  }
}

TEST(RunBlockTest, IsRefusedWhenItIsCutOrGrown) {
  Model model = SmallModel();
  std::vector<std::byte> bytes = Build(model, {});
  for (std::size_t size = 0; size < bytes.size(); size += 64) {
    EXPECT_FALSE(
        RunBlock::Decode(base::Bytes(bytes).first(size), SomePlace()).ok());
  }
  bytes.resize(bytes.size() + kRunAlignment);
  EXPECT_FALSE(RunBlock::Decode(bytes, SomePlace()).ok());
}

// Whether all that a block says about itself holds, reading everything.
void ExpectConsistent(const RunBlock& block) {
  const KeyRange range = block.range();
  RunBlock::Iterator iterator(block);
  iterator.SeekToFirst();
  std::string last;
  std::uint32_t count = 0;
  for (; iterator.is_valid(); iterator.Next(), ++count) {
    const RunRecord record = iterator.record();
    EXPECT_TRUE(range.Contains(record.key));
    EXPECT_TRUE(count == 0 || record.key > last);
    EXPECT_GE(record.sequence, block.sequence_min());
    EXPECT_LE(record.sequence, block.sequence_max());
    last = record.key;
    const std::optional<RunRecord> found = block.Find(last);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->value.data(), record.value.data());
  }
  EXPECT_EQ(count, block.record_count());
}

TEST(RunBlockTest, ForgedBlocksAreRefusedOrConsistent) {
  support::SeededRandom random(support::TestSeed(3));
  const std::uint64_t rounds = support::TestIterations(100000);
  Model model = SmallModel();
  const std::vector<std::byte> original = Build(model, {.upper = "z"});
  std::size_t used = 0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    if (original[i] != std::byte{0}) used = i + 1;
  }
  std::uint64_t accepted = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::vector<std::byte> bytes = original;
    for (std::size_t i = 0; i <= random.Choose(3); ++i) {
      bytes[8 + random.Choose(used)] =
          static_cast<std::byte>(random.Choose(random.OneIn(2) ? 256 : 4));
    }
    const std::uint64_t checksum = RunBlock::Checksum(bytes, SomePlace());
    std::memcpy(bytes.data(), &checksum, sizeof(checksum));
    const absl::StatusOr<RunBlock> block = RunBlock::Decode(bytes, SomePlace());
    if (!block.ok()) continue;
    ++accepted;
    ExpectConsistent(*block);
    if (HasFailure()) FAIL() << "round " << round;
  }
  // Values and some bytes of keys are anything.
  EXPECT_GT(accepted, 0u);
  EXPECT_LT(accepted, rounds);
}

TEST(RunBlockTest, OverheadOfARecordIsAtMostSixteenBytes) {
  Model model;
  std::size_t payload = 0;
  for (int i = 100000; i < 200000; ++i) {
    model["bucket/directory/object-" + std::to_string(i)] = {
        .sequence = 5000000u + static_cast<std::uint64_t>(i),
        .value = std::string(100, 'v')};
  }
  const std::vector<std::byte> bytes = Build(model, {});
  for (const auto& [key, content] : model) {
    payload += content.value.size() + 1;  // At least one byte is not shared.
  }
  EXPECT_LE(bytes.size(), kRunBlockSizeTarget);
  EXPECT_GT(bytes.size(), kRunBlockSizeTarget - kRunAlignment);
  EXPECT_LE(bytes.size() - payload, model.size() * 16);
}

TEST(RunBlockTest, ALongSharedPrefixIsStoredOnce) {
  Model model;
  const std::string prefix(900, 'p');
  for (int i = 100000; i < 101000; ++i) {
    model[prefix + std::to_string(i)] = {.sequence = 1, .value = "v"};
  }
  const std::vector<std::byte> bytes = Build(model, {.lower = prefix});
  ASSERT_EQ(model.size(), 1000u);
  EXPECT_LE(bytes.size(), 900u + 1000u * 10 + kRunAlignment);
}

TEST(RunBlockTest, ARecordOfEverySizeFitsABlockOfItsOwn) {
  for (const std::size_t key_size : {std::size_t{1}, kRunKeySizeMax}) {
    for (const std::size_t value_size :
         {std::size_t{0}, kRunBlockSizeTarget, kRunValueSizeMax}) {
      Model model;
      const std::string key(key_size, 'k');
      model[key] = {.sequence = ~std::uint64_t{0},
                    .value = std::string(value_size, 'v')};
      const KeyRange range{.lower = key, .upper = key + '\0'};
      const std::vector<std::byte> bytes = Build(model, range);
      const absl::StatusOr<RunBlock> block =
          RunBlock::Decode(bytes, SomePlace());
      ASSERT_TRUE(block.ok()) << block.status();
      EXPECT_EQ(block->Find(key)->value.size(), value_size);
    }
  }
}

}  // namespace
}  // namespace cairn::format
