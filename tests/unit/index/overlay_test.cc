// An overlay agrees with a model of all versions at every sequence, while it is
// added to by one thread and read by others.

#include "index/overlay.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "support/figures.h"
#include "unit/index/run_testing.h"

namespace cairn::index {
namespace {

constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();

// Every version of every key; the last of a sequence counts.
using Versions = std::map<std::string, std::map<std::uint64_t, Content>>;

Model At(const Versions& versions, std::uint64_t sequence) {
  Model model;
  for (const auto& [key, history] : versions) {
    const auto behind = history.upper_bound(sequence);
    if (behind != history.begin()) model[key] = std::prev(behind)->second;
  }
  return model;
}

Record RecordOf(const std::string& key, const Content& content) {
  return {.key = key,
          .sequence = content.sequence,
          .kind = content.kind,
          .value = content.value};
}

TEST(OverlayTest, AgreesWithAModelAtEverySequence) {
  support::SeededRandom random(support::TestSeed(7));
  const std::uint64_t rounds = support::TestIterations(40);
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    Overlay overlay;
    Versions versions;
    std::uint64_t sequence = 1;
    const std::size_t count = random.Choose(1000);
    for (std::size_t i = 0; i < count; ++i) {
      if (random.OneIn(3)) ++sequence;
      const std::string key = RandomKey(random).substr(0, 1 + round % 4);
      const Content content = RandomContent(random, sequence);
      overlay.Add(RecordOf(key, content));
      versions[key][sequence] = content;
    }
    EXPECT_EQ(overlay.record_count(), count);
    for (std::uint64_t at = 0; at <= sequence + 1;
         at += 1 + random.Choose(50)) {
      const Model model = At(versions, at);
      KeyRange range{.lower = random.OneIn(2) ? RandomKey(random) : ""};
      if (random.OneIn(2)) range.upper = range.lower + RandomKey(random);
      const auto cursor = overlay.NewCursor(at, range);
      const std::string from = random.OneIn(2) ? RandomKey(random) : "";
      EXPECT_TRUE(*Collect(*cursor, from) == Part(model, range, from));
      for (const auto& [key, history] : versions) {
        const std::optional<Record> found = overlay.Find(key, at);
        ASSERT_EQ(found.has_value(), model.contains(key));
        // tidy: every key at every sequence of every round
        if (found.has_value()) {
          EXPECT_EQ(*found, RecordOf(key, model.at(key)));
        }
        EXPECT_FALSE(overlay.Find(key + "x", at).has_value());
      }
    }
  }
}

TEST(OverlayTest, KeepsTrailersAndRecordsOfEverySize) {
  Overlay overlay;
  const std::string key(format::kRunKeySizeMax, 'k');
  const std::string value(format::kRunValueSizeMax, 'v');
  const Record large{
      .key = key, .sequence = 1, .value = value, .trailer = "trailer"};
  overlay.Add(large);
  overlay.Add({});
  EXPECT_EQ(overlay.Find(key, 1), large);
  EXPECT_EQ(overlay.Find("", 0), Record());
  EXPECT_GT(overlay.bytes(), key.size() + value.size());
  EXPECT_LT(overlay.bytes(), key.size() + value.size() + 1000);
}

TEST(OverlayTest, OfOneSequenceTheLastAddedCounts) {
  Overlay overlay;
  overlay.Add({.key = "k", .sequence = 5, .value = "first"});
  overlay.Add({.key = "k", .sequence = 5, .kind = RecordKind::kTombstone});
  overlay.Add({.key = "k", .sequence = 5, .value = "last"});
  EXPECT_EQ(overlay.Find("k", 5)->value, "last");
  EXPECT_EQ(Collect(*overlay.NewCursor(9), "")->at("k").value, "last");
}

// A counter has a version in every frame.
TEST(OverlayTest, ManyVersionsOfAKeyAreJumpedOver) {
  Overlay overlay;
  constexpr std::uint64_t kCount = 100000;
  overlay.Add({.key = "a", .sequence = 1});
  overlay.Add({.key = "z", .sequence = 1});
  for (std::uint64_t i = 1; i <= kCount; ++i) {
    overlay.Add({.key = "counter", .sequence = i});
  }
  for (std::uint64_t at = 1; at < kCount; at += 101) {
    const auto cursor = overlay.NewCursor(at);
    cursor->Seek("");
    EXPECT_EQ(cursor->record().key, "a");
    cursor->Next();
    EXPECT_EQ(cursor->record().sequence, at);
    cursor->Next();
    EXPECT_EQ(cursor->record().key, "z");
    cursor->Next();
    EXPECT_EQ(cursor->state(), Cursor::State::kEnd);
  }
}

constexpr std::uint64_t kKeyCount = 64;

std::string KeyOf(std::uint64_t number) {
  return "key" + std::to_string(number % kKeyCount);
}

// The value tells what it should be: its sequence, for the key of that.
void ExpectWhole(const Record& record, std::uint64_t at) {
  ASSERT_LE(record.sequence, at);
  ASSERT_EQ(record.value, std::to_string(record.sequence));
  ASSERT_EQ(record.key, KeyOf(record.sequence));
  // Keys are written in turn, so the newest is at most one round old.
  ASSERT_GT(record.sequence + kKeyCount, at);
}

void ReadWhileWritten(const Overlay& overlay,
                      const std::atomic<std::uint64_t>& published,
                      std::uint64_t last) {
  for (std::uint64_t at = 0; at < last;) {
    at = published.load(std::memory_order_acquire);
    if (at < kKeyCount) continue;
    for (std::uint64_t i = 0; i < 4; ++i) {
      const std::optional<Record> record = overlay.Find(KeyOf(at + i), at);
      ASSERT_TRUE(record.has_value());
      ExpectWhole(*record, at);
    }
    const auto cursor = overlay.NewCursor(at);
    std::uint64_t count = 0;
    for (cursor->Seek(""); cursor->state() == Cursor::State::kRecord;
         cursor->Next(), ++count) {
      ExpectWhole(cursor->record(), at);
    }
    ASSERT_EQ(count, kKeyCount);
  }
}

TEST(OverlayTest, ReadersSeeExactlyWhatWasPublished) {
  const std::uint64_t last = support::TestIterations(20000);
  Overlay overlay;
  std::atomic<std::uint64_t> published = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] { ReadWhileWritten(overlay, published, last); });
  }
  for (std::uint64_t i = 1; i <= last; ++i) {
    overlay.Add({.key = KeyOf(i), .sequence = i, .value = std::to_string(i)});
    published.store(i, std::memory_order_release);
  }
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace cairn::index
