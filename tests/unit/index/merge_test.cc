// A merge gives out the newest of each key and drops only the tombstones that
// it may. Random inputs of overlays and runs are compared with a model.

#include "index/merge.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/figures.h"
#include "unit/index/run_testing.h"

namespace cairn::index {
namespace {

constexpr std::uint64_t kSequencesOfALayer = 1000;

class MergeTest : public testing::Test {
 protected:
  // Layers, the newest first; the sequences of each are below those before.
  std::vector<Model> RandomLayers(std::size_t count) {
    std::vector<Model> layers(count);
    for (std::size_t layer = 0; layer < count; ++layer) {
      const std::size_t record_count = random_.Choose(500);
      for (std::size_t i = 0; i < record_count; ++i) {
        const std::uint64_t sequence = (count - layer) * kSequencesOfALayer +
                                       random_.Choose(kSequencesOfALayer);
        layers[layer][RandomKey(random_)] = RandomContent(random_, sequence);
      }
    }
    return layers;
  }

  static Model Merged(const std::vector<Model>& layers) {
    Model merged;
    for (const Model& layer : layers) {
      merged.insert(layer.begin(), layer.end());
    }
    return merged;
  }

  std::shared_ptr<const index::Run> RunOf(const Model& model) {
    RunWriterOptions options = WriterOptions(++run_count_);
    options.file_size_max = 4096 * (3 + random_.Choose(50));
    MemorySink sink;
    EXPECT_TRUE(WriteRun(model, options, sink).ok());
    return *OpenRun(sink, cache_, &loop_);
  }

  std::vector<std::unique_ptr<Cursor>> Cursors(
      const std::vector<Model>& layers) {
    std::vector<std::unique_ptr<Cursor>> cursors;
    for (const Model& layer : layers) {
      runs_.push_back(RunOf(layer));
      cursors.push_back(
          runs_.back()->NewCursor({.is_cached = random_.OneIn(2)}));
    }
    return cursors;
  }

  std::uint64_t run_count_ = 0;
  support::SeededRandom random_{support::TestSeed(8)};
  support::InOrder in_order_;
  support::SimLoop loop_{in_order_};
  BlockCache cache_{{.bytes_max = 4 << 20, .shard_count = 1}};
  std::vector<std::shared_ptr<const index::Run>> runs_;
};

TEST_F(MergeTest, GivesOutTheNewestOfEachKey) {
  const std::uint64_t rounds = support::TestIterations(40);
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const std::vector<Model> layers = RandomLayers(random_.Choose(9));
    const Model merged = Merged(layers);
    MergeCursor cursor(Cursors(layers));
    for (int i = 0; i < 5; ++i) {
      const std::string from = i == 0 ? "" : RandomKey(random_);
      const std::size_t limit = random_.OneIn(2) ? 10 : ~std::size_t{0};
      const auto seen = Collect(cursor, from, limit, &loop_);
      ASSERT_TRUE(seen.ok()) << seen.status();
      EXPECT_TRUE(*seen == Part(merged, {}, from, limit));
    }
  }
}

TEST_F(MergeTest, OfOneSequenceTheEarlierInputCounts) {
  const Model first = {{"k", {.sequence = 5, .value = "first"}}};
  const Model second = {{"k", {.sequence = 5, .value = "second"}}};
  MergeCursor cursor(Cursors({first, second}));
  EXPECT_EQ(*Collect(cursor, "", 9, &loop_), first);
}

// The records of `from`, merged in steps, as a run.
// tidy: each is the fixture's, and it is called once
std::shared_ptr<const index::Run> MergeInSteps(Cursor& from, MemorySink& sink,
                                               KeepTombstone keep,
                                               BlockCache& cache,
                                               support::SimLoop& loop) {
  RunWriter writer(WriterOptions(1000), sink);
  from.Seek("");
  MergeProgress progress;
  while (!progress.is_done) {
    const auto step = Await(
        Merge(from, writer, {.record_count_max = 37, .keep_tombstone = keep}),
        &loop);
    EXPECT_TRUE(step.ok()) << step.status();
    EXPECT_LE(step->records_read, 37u);
    progress = *step;
  }
  EXPECT_TRUE(Await(writer.Finish(), &loop).ok());
  return *OpenRun(sink, cache);
}

// Whatever is merged, and whatever tombstones go, reading all layers gives the
// same puts.
TEST_F(MergeTest, DropsOnlyTombstonesThatHideNothing) {
  const std::uint64_t rounds = support::TestIterations(30);
  std::uint64_t dropped = 0;
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const std::vector<Model> layers = RandomLayers(5);
    const auto middle = layers.begin() + 1;
    const std::vector<Model> merged_layers(middle, middle + 2);
    const std::vector<std::shared_ptr<const index::Run>> older = {
        RunOf(layers[3]), RunOf(layers[4])};
    const auto keep = [&](std::string_view key) {
      return older[0]->MayContain(ProbeOf(key)) ||
             older[1]->MayContain(ProbeOf(key));
    };
    MergeCursor from(Cursors(merged_layers));
    MemorySink sink;
    const auto run = MergeInSteps(from, sink, keep, cache_, loop_);

    Model middle_now =
        *Collect(*run->NewCursor({}), "", ~std::size_t{0}, &loop_);
    dropped += Merged(merged_layers).size() - middle_now.size();
    const Model before = Merged(layers);
    const Model after = Merged({layers[0], middle_now, layers[3], layers[4]});
    for (const auto& [key, content] : before) {
      const auto found = after.find(key);
      if (found != after.end()) {
        EXPECT_EQ(found->second, content);
      } else {
        EXPECT_EQ(content.kind, RecordKind::kTombstone);
      }
    }
    EXPECT_LE(after.size(), before.size());
  }
  EXPECT_GT(dropped, 0u);
}

TEST_F(MergeTest, AnErrorOfASourceEndsTheMergeAndLosesNothing) {
  Model model;
  for (int i = 0; i < 1000; ++i) {
    model["key" + std::to_string(1000 + i)] = {.sequence = 1,
                                               .value = std::string(200, 'v')};
  }
  MemorySink written;
  ASSERT_TRUE(WriteRun(model, WriterOptions(1), written).ok());
  FileBytes damaged = written.files[0];
  damaged[40000] ^= std::byte{1};
  auto source = std::make_shared<MemorySource>(std::vector<FileBytes>{damaged});
  const auto reader = OpenFile(IdOfRun(1), source, cache_);
  const auto run = index::Run::Create({*reader});
  std::vector<std::unique_ptr<Cursor>> inputs;
  inputs.push_back((*run)->NewCursor({.is_cached = false}));
  MergeCursor from(std::move(inputs));
  from.Seek("");
  MemorySink sink;
  RunWriter writer(WriterOptions(2), sink);
  const auto keep = [](std::string_view) { return true; };
  const auto merged = Await(Merge(from, writer, {.keep_tombstone = keep}));
  EXPECT_EQ(CodeOf(merged.status()), ErrorCode::kCorrupt);
  EXPECT_EQ(from.state(), Cursor::State::kLoad);
  EXPECT_TRUE(sink.finished.empty());
}

}  // namespace
}  // namespace cairn::index
