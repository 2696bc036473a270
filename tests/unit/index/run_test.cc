// A run gives back what was written to it. Random runs, cut into many files,
// are compared with a std::map: lookups of what is there and what is not, and
// cursors over random ranges, with and without the cache, on completions that
// come at once or later.

#include "index/run.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/figures.h"
#include "unit/index/run_testing.h"

namespace cairn::index {
namespace {

class RunTest : public testing::Test {
 protected:
  // Looks up without the cache first: nullopt, then one read.
  Found LookUp(const index::Run& run, const std::string& key) {
    if (std::optional<Found> found = run.LookupCached(ProbeOf(key))) {
      return *std::move(found);
    }
    absl::StatusOr<Found> found = Await(run.Lookup(ProbeOf(key)), &loop_);
    EXPECT_TRUE(found.ok()) << found.status();
    EXPECT_TRUE(run.LookupCached(ProbeOf(key)).has_value());
    return *std::move(found);
  }

  void ExpectSame(const index::Run& run, const Model& model,
                  const std::string& key) {
    const Found found = LookUp(run, key);
    const auto expected = model.find(key);
    if (expected == model.end() || !run.range().Contains(key)) {
      EXPECT_TRUE(found.is_absent());
      return;
    }
    EXPECT_TRUE(run.MayContain(ProbeOf(key)));
    EXPECT_EQ(found.presence, PresenceOf(expected->second.kind));
    EXPECT_EQ(found.sequence, expected->second.sequence);
    EXPECT_EQ(found.value, expected->second.value);
  }

  support::InOrder in_order_;
  support::SimLoop loop_{in_order_};
  BlockCache cache_{{.bytes_max = 1 << 20, .shard_count = 4}};
};

Model RandomModel(support::SeededRandom& random, std::size_t count_max) {
  Model model;
  const std::size_t count = random.Choose(count_max);
  const std::string prefix(random.Choose(2) * random.Choose(1000), 'p');
  for (std::size_t i = 0; i < count; ++i) {
    model[prefix + RandomKey(random) + std::to_string(random.Choose(100))] =
        RandomContent(random, 1 + random.Choose(1000000));
  }
  return model;
}

KeyRange RandomRange(support::SeededRandom& random) {
  KeyRange range;
  if (random.OneIn(2)) range.lower = RandomKey(random);
  if (random.OneIn(2)) range.upper = range.lower + RandomKey(random);
  return range;
}

TEST_F(RunTest, AgreesWithAMapOnRandomRuns) {
  support::SeededRandom random(support::TestSeed(6));
  const std::uint64_t rounds = support::TestIterations(60);
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const Model model = RandomModel(random, 3000);
    RunWriterOptions options = WriterOptions(round);
    options.file_size_max = 4096 * (3 + random.Choose(100));
    MemorySink sink;
    ASSERT_TRUE(WriteRun(model, options, sink).ok());
    const KeyRange shown = random.OneIn(3) ? RandomRange(random) : KeyRange();
    const auto run =
        OpenRun(sink, cache_, random.OneIn(2) ? &loop_ : nullptr, shown);
    ASSERT_TRUE(run.ok()) << run.status();

    for (const auto& [key, content] : model) {
      ExpectSame(**run, model, key);
      ExpectSame(**run, model, key + '\0');
      ExpectSame(**run, model, key.substr(0, key.size() / 2));
    }
    for (int i = 0; i < 30; ++i) {
      RunCursorOptions cursor_options{.range = RandomRange(random),
                                      .is_cached = random.OneIn(2),
                                      .read_size = random.Choose(200000)};
      const KeyRange range = cursor_options.range;
      const auto cursor = (*run)->NewCursor(cursor_options);
      EXPECT_EQ(cursor->state(), Cursor::State::kEnd);
      for (int j = 0; j < 3; ++j) {
        const std::string from = RandomKey(random);
        const std::size_t limit = random.OneIn(2) ? 20 : ~std::size_t{0};
        const auto seen = Collect(*cursor, from, limit, &loop_);
        ASSERT_TRUE(seen.ok()) << seen.status();
        const Model visible = Part(model, shown);
        EXPECT_TRUE(*seen == Part(visible, range, from, limit));
      }
    }
  }
}

Model SequentialModel(int count) {
  Model model;
  for (int i = 0; i < count; ++i) {
    model["bucket/object-" + std::to_string(1000000 + i)] = {
        .sequence = 1 + static_cast<std::uint64_t>(i),
        .value = std::string(100, 'v')};
  }
  return model;
}

TEST_F(RunTest, FilesKeepToTheirSizeAndTellTheirBounds) {
  const Model model = SequentialModel(20000);
  RunWriterOptions options = WriterOptions(1);
  options.file_size_max = 300000;
  MemorySink sink;
  ASSERT_TRUE(WriteRun(model, options, sink).ok());
  ASSERT_GT(sink.finished.size(), 5u);
  std::uint64_t record_count = 0;
  std::optional<std::string> upper = "";
  for (const WrittenRunFile& file : sink.finished) {
    EXPECT_LE(file.footer.file_size, options.file_size_max);
    EXPECT_EQ(file.bounds.range.lower, upper);
    EXPECT_TRUE(model.contains(file.bounds.smallest));
    EXPECT_TRUE(model.contains(file.bounds.largest));
    upper = file.bounds.range.upper;
    record_count += file.footer.record_count;
    // All but the last are nearly full.
    if (upper.has_value()) {
      EXPECT_GT(file.footer.file_size, 250000u);
    }
  }
  EXPECT_EQ(upper, std::nullopt);
  EXPECT_EQ(record_count, model.size());
}

TEST_F(RunTest, ALookupReadsOneBlockAndThenNone) {
  const Model model = SequentialModel(5000);
  MemorySink sink;
  ASSERT_TRUE(WriteRun(model, WriterOptions(1), sink).ok());
  auto source =
      std::make_shared<MemorySource>(std::vector<FileBytes>{sink.files[0]});
  const auto reader = OpenFile(IdOfRun(1), source, cache_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  source->read_count = 0;
  const std::string key = model.begin()->first;
  EXPECT_FALSE((*reader)->LookupCached(ProbeOf(key)).has_value());
  const auto found = Await((*reader)->Lookup(ProbeOf(key)));
  EXPECT_EQ(found->presence, Presence::kPut);
  EXPECT_TRUE((*reader)->LookupCached(ProbeOf(key)).has_value());
  EXPECT_EQ(source->read_count, 1u);
}

TEST_F(RunTest, AMergeReadsManyBlocksAtOnceAndKeepsNone) {
  const Model model = SequentialModel(20000);
  MemorySink sink;
  ASSERT_TRUE(WriteRun(model, WriterOptions(1), sink).ok());
  auto source =
      std::make_shared<MemorySource>(std::vector<FileBytes>{sink.files[0]});
  auto reader = OpenFile(IdOfRun(1), source, cache_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  source->read_count = 0;
  const auto run = index::Run::Create({*reader});
  const auto cursor =
      (*run)->NewCursor({.is_cached = false, .read_size = 1 << 20});
  EXPECT_EQ(*Collect(*cursor, ""), model);
  EXPECT_LE(source->read_count, sink.files[0].size() / 1000000 + 1);
  EXPECT_EQ(cache_.usage().count, 0u);
}

TEST_F(RunTest, ALongSharedPrefixCostsLittle) {
  Model model;
  for (int i = 0; i < 100000; ++i) {
    model[std::string(900, 'p') + std::to_string(100000 + i)] = {
        .sequence = 1, .value = "value"};
  }
  MemorySink sink;
  ASSERT_TRUE(WriteRun(model, WriterOptions(1), sink).ok());
  EXPECT_LT(sink.files[0].size(), model.size() * 20);
  const auto run = OpenRun(sink, cache_);
  ASSERT_TRUE(run.ok()) << run.status();
  ExpectSame(**run, model, model.begin()->first);
  ExpectSame(**run, model, model.rbegin()->first);
  EXPECT_EQ(Collect(*(*run)->NewCursor({}), "")->size(), model.size());
}

TEST_F(RunTest, ARunWithoutRecordsProvesAbsence) {
  MemorySink sink;
  ASSERT_TRUE(WriteRun({}, WriterOptions(1), sink).ok());
  const auto run = OpenRun(sink, cache_);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE((*run)->LookupCached(ProbeOf("key"))->is_absent());
  EXPECT_EQ(Collect(*(*run)->NewCursor({}), "")->size(), 0u);
}

TEST_F(RunTest, ARunThatIsWrittenInStepsIsOneRun) {
  const Model model = SequentialModel(20000);
  RunWriterOptions options = WriterOptions(1);
  options.file_size_max = 300000;
  MemorySink sink;
  auto next = model.begin();
  // Each step stops at the first file that is whole, as after a crash.
  while (next != model.end()) {
    const std::size_t finished = sink.finished.size();
    {
      RunWriter writer(options, sink);
      for (; next != model.end() && sink.finished.size() == finished; ++next) {
        ASSERT_TRUE(writer.Add(RecordOf(*next)).ok());
        if (!writer.wants_flush()) continue;
        ASSERT_TRUE(Await(writer.Flush()).ok());
      }
      if (next == model.end()) {
        ASSERT_TRUE(Await(writer.Finish()).ok());
      }
    }
    if (!sink.finished.back().bounds.range.upper.has_value()) break;
    options.lower = *sink.finished.back().bounds.range.upper;
    options.id.file = sink.finished.back().footer.id.file + 1;
    sink.files.erase(options.id.file);
    next = model.lower_bound(options.lower);
  }
  ASSERT_GT(sink.finished.size(), 5u);
  MemorySink whole;
  options = WriterOptions(1);
  options.file_size_max = 300000;
  ASSERT_TRUE(WriteRun(model, options, whole).ok());
  EXPECT_TRUE(sink.files == whole.files);
}

TEST_F(RunTest, FilesThatDoNotTileTheRangeAreRefused) {
  const Model model = SequentialModel(10000);
  RunWriterOptions options = WriterOptions(1);
  options.file_size_max = 300000;
  MemorySink sink;
  ASSERT_TRUE(WriteRun(model, options, sink).ok());
  ASSERT_GE(sink.finished.size(), 4u);
  const auto without = [&](std::size_t index, KeyRange range) {
    MemorySink part = sink;
    part.finished.erase(part.finished.begin() +
                        static_cast<std::ptrdiff_t>(index));
    return OpenRun(part, cache_, nullptr, std::move(range)).status();
  };
  for (std::size_t i = 0; i < sink.finished.size(); ++i) {
    EXPECT_EQ(CodeOf(without(i, {})), ErrorCode::kCorrupt) << i;
  }
  // What a merge has taken over may be gone.
  const std::optional<std::string> taken = sink.finished[0].bounds.range.upper;
  EXPECT_TRUE(without(0, {.lower = *taken}).ok());
  EXPECT_FALSE(without(1, {.lower = *taken}).ok());
  EXPECT_TRUE(without(sink.finished.size() - 1,
                      {.upper = sink.finished.back().bounds.range.lower})
                  .ok());
}

TEST_F(RunTest, FilesOfSeveralRunsAreRefused) {
  RunWriterOptions options = WriterOptions(1);
  options.file_size_max = 300000;
  MemorySink sink;
  ASSERT_TRUE(WriteRun(SequentialModel(5000), options, sink).ok());
  MemorySink other;
  options.id.run = 2;
  ASSERT_TRUE(WriteRun(SequentialModel(5000), options, other).ok());
  sink.finished[1] = other.finished[1];
  sink.files[1] = other.files[1];
  EXPECT_EQ(CodeOf(OpenRun(sink, cache_).status()), ErrorCode::kCorrupt);
}

TEST_F(RunTest, TheWriterRefusesWhatIsNotARecord) {
  MemorySink sink;
  RunWriterOptions options = WriterOptions(1);
  options.from_sequence = 10;
  options.to_sequence = 20;
  RunWriter writer(options, sink);
  ASSERT_TRUE(writer.Add({.key = "b", .sequence = 11}).ok());
  const std::string long_key(format::kRunKeySizeMax + 1, 'k');
  const std::string long_value(format::kRunValueSizeMax + 1, 'v');
  EXPECT_EQ(CodeOf(writer.Add({.key = long_key, .sequence = 11})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      CodeOf(writer.Add({.key = "c", .sequence = 11, .value = long_value})),
      ErrorCode::kInvalidArgument);
  for (const format::RunRecord& wrong :
       std::vector<format::RunRecord>{{.key = "a", .sequence = 11},
                                      {.key = "b", .sequence = 11},
                                      {.key = "c", .sequence = 10},
                                      {.key = "c", .sequence = 21},
                                      {.key = "c",
                                      .sequence = 11,
                                      .kind = RecordKind::kTombstone,
                                      .value = "v"}}) {
    EXPECT_EQ(CodeOf(writer.Add(wrong)), ErrorCode::kInternal);
  }
  EXPECT_EQ(CodeOf(Await(writer.Finish("b"))), ErrorCode::kInternal);
  ASSERT_TRUE(writer.Add({.key = "c", .sequence = 20}).ok());
  ASSERT_TRUE(Await(writer.Finish("d")).ok());
  EXPECT_EQ(sink.finished[0].footer.record_count, 2u);
}

TEST_F(RunTest, AFailedWriteEndsTheRun) {
  const Model model = SequentialModel(40000);
  for (std::uint64_t nth = 0; nth < 5; ++nth) {
    MemorySink sink;
    sink.writes_until_error = nth;
    RunWriterOptions options = WriterOptions(1);
    options.file_size_max = 2000000;
    EXPECT_EQ(CodeOf(WriteRun(model, options, sink)), ErrorCode::kDriveFailed);
  }
}

}  // namespace
}  // namespace cairn::index
