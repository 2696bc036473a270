// A view answers lookups and scans as a map of the newest records does, at
// every sequence, however the records lie in overlays and runs. A long random
// history of puts, deletes, checkpoints and merges is compared with a model.

#include "index/view.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "index/merge.h"
#include "support/figures.h"
#include "unit/index/run_testing.h"

namespace cairn::index {
namespace {

// A small index that is written to, checkpointed and merged.
class History {
 public:
  History(support::SeededRandom& random, support::SimLoop& loop,
          BlockCache& cache)
      : random_(random), loop_(loop), cache_(cache) {}

  void Change() {
    ++sequence_;
    const std::string key = NewKey();
    const Content content = RandomContent(random_, sequence_);
    active_->Add({.key = key,
                  .sequence = sequence_,
                  .kind = content.kind,
                  .value = content.value,
                  .trailer = "t"});
    model_[key] = content;
  }

  void Freeze() {
    if (frozen_ != nullptr) return;
    frozen_ = std::exchange(active_, std::make_shared<Overlay>());
    frozen_at_ = sequence_;
  }

  void Checkpoint() {
    if (frozen_ == nullptr || runs_.size() >= kRunsPerKeyMax) return;
    const auto from = frozen_->NewCursor(frozen_at_);
    const auto keep = [](std::string_view) { return true; };
    const std::uint64_t floor = runs_.empty() ? 0 : runs_[0]->to_sequence();
    runs_.insert(runs_.begin(), Write(*from, {floor, frozen_at_}, keep));
    frozen_ = nullptr;
  }

  // Merges two neighbours, or ends the merge that is half done.
  void MergeRuns() {
    if (merged_ != nullptr) {
      EndMerge();
    } else if (runs_.size() >= 2) {
      BeginMerge(random_.Choose(runs_.size() - 1));
    }
  }

  std::shared_ptr<const View> NewView() const {
    absl::StatusOr<std::shared_ptr<const View>> view =
        View::Create({.active = active_,
                      .frozen = frozen_,
                      .runs = runs_,
                      .deployment = IdOfRun(0).deployment});
    EXPECT_TRUE(view.ok()) << view.status();
    return *std::move(view);
  }

  std::string NewKey() {
    return "p" + RandomKey(random_).substr(0, 3) +
           std::to_string(random_.Choose(10));
  }

  const Model& model() const { return model_; }
  std::uint64_t sequence() const { return sequence_; }

 private:
  struct Sequences {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };

  std::shared_ptr<const index::Run> Write(Cursor& from, Sequences sequences,
                                          KeepTombstone keep) {
    MemorySink sink;
    RunWriter writer({.id = IdOfRun(++run_count_),
                      .from_sequence = sequences.from,
                      .to_sequence = sequences.to,
                      .file_size_max = 4096 * (3 + random_.Choose(30))},
                     sink);
    from.Seek("");
    EXPECT_TRUE(
        Await(Merge(from, writer, {.keep_tombstone = keep}), &loop_).ok());
    EXPECT_TRUE(Await(writer.Finish(), &loop_).ok());
    return *OpenRun(sink, cache_, &loop_);
  }

  // As in the middle of a merge in steps: the merged run shows what is below
  // some key, the two runs what is left.
  void BeginMerge(std::size_t first) {
    std::vector<std::unique_ptr<Cursor>> inputs;
    inputs.push_back(runs_[first]->NewCursor({.is_cached = false}));
    inputs.push_back(runs_[first + 1]->NewCursor({.is_cached = false}));
    MergeCursor from(std::move(inputs));
    const auto view = NewView();
    const auto keep = [&](std::string_view key) {
      return view->RunsMayContain(key, first + 2);
    };
    merged_ = Write(from,
                    {.from = runs_[first + 1]->from_sequence(),
                     .to = runs_[first]->to_sequence()},
                    keep);
    const std::string key = NewKey();
    runs_[first] = Clip(*runs_[first], {.lower = key});
    runs_[first + 1] = Clip(*runs_[first + 1], {.lower = key});
    half_ = Clip(*merged_, {.upper = key});
    runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(first), half_);
  }

  void EndMerge() {
    const auto half = std::find(runs_.begin(), runs_.end(), half_);
    *half = std::exchange(merged_, nullptr);
    runs_.erase(half + 1, half + 3);
  }

  static std::shared_ptr<const index::Run> Clip(const index::Run& run,
                                                KeyRange range) {
    auto clipped = index::Run::Create(run.files(), std::move(range));
    EXPECT_TRUE(clipped.ok()) << clipped.status();
    return *clipped;
  }

  support::SeededRandom& random_;
  support::SimLoop& loop_;
  BlockCache& cache_;
  Model model_;
  std::uint64_t sequence_ = 0;
  std::uint64_t frozen_at_ = 0;
  std::uint64_t run_count_ = 0;
  std::shared_ptr<Overlay> active_ = std::make_shared<Overlay>();
  std::shared_ptr<Overlay> frozen_;
  std::vector<std::shared_ptr<const index::Run>> runs_;
  // While a merge is half done: all of its result, and what is shown of it.
  std::shared_ptr<const index::Run> merged_;
  std::shared_ptr<const index::Run> half_;
};

// A view with what it has to answer at a sequence.
struct Expected {
  std::shared_ptr<const View> view;
  std::uint64_t sequence = 0;
  Model model;
};

class ViewTest : public testing::Test {
 protected:
  Found LookUp(const View& view, const std::string& key,
               std::uint64_t sequence) {
    const std::optional<Found> cached = view.LookupCached(key, sequence);
    const auto found = Await(view.Lookup(key, sequence), &loop_);
    EXPECT_TRUE(found.ok()) << found.status();
    if (cached.has_value()) {
      EXPECT_EQ(cached->presence, found->presence);
      EXPECT_EQ(cached->value, found->value);
    }
    return *found;
  }

  // A tombstone may be gone with what it hid.
  void ExpectLookup(const Expected& expected, const std::string& key) {
    const Found found = LookUp(*expected.view, key, expected.sequence);
    const auto wanted = expected.model.find(key);
    const bool is_put = wanted != expected.model.end() &&
                        wanted->second.kind == RecordKind::kPut;
    ASSERT_EQ(found.presence == Presence::kPut, is_put) << key;
    if (!is_put) return;
    EXPECT_EQ(found.sequence, wanted->second.sequence);
    EXPECT_EQ(found.value, wanted->second.value);
  }

  void ExpectScan(const Expected& expected, const ScanRequest& request) {
    const auto result =
        Await(expected.view->Scan(request, expected.sequence), &loop_);
    ASSERT_TRUE(result.ok()) << result.status();
    auto seen = result->records.begin();
    bool more = false;
    for (const auto& [key, content] : expected.model) {
      if (!key.starts_with(request.prefix) ||
          content.kind != RecordKind::kPut ||
          (!request.after.empty() && key <= request.after)) {
        continue;
      }
      more = seen == result->records.end();
      if (more) break;
      ASSERT_EQ(seen->key, key);
      EXPECT_EQ(seen->sequence, content.sequence);
      EXPECT_EQ(seen->value, content.value);
      ++seen;
    }
    EXPECT_TRUE(seen == result->records.end());
    EXPECT_EQ(result->more, more);
    EXPECT_LE(result->records.size(), request.limit);
    if (more) {
      EXPECT_EQ(result->records.size(), request.limit);
    }
  }

  void ExpectAll(const Expected& expected) {
    for (const auto& [key, content] : expected.model) {
      ExpectLookup(expected, key);
    }
    for (int i = 0; i < 30; ++i) {
      const std::string key = history_.NewKey();
      ExpectLookup(expected, key);
      ExpectScan(expected,
                 {.prefix = key.substr(0, random_.Choose(key.size() + 1)),
                  .after = random_.OneIn(2) ? history_.NewKey() : "",
                  .limit = random_.Choose(20)});
    }
    ExpectScan(expected, {});
  }

  Expected Now() {
    return {.view = history_.NewView(),
            .sequence = history_.sequence(),
            .model = history_.model()};
  }

  support::SeededRandom random_{support::TestSeed(9)};
  support::InOrder in_order_;
  support::SimLoop loop_{in_order_};
  BlockCache cache_{{.bytes_max = 300000, .shard_count = 1}};
  History history_{random_, loop_, cache_};
};

TEST_F(ViewTest, AgreesWithAModelThroughoutALongHistory) {
  const std::uint64_t steps = support::TestIterations(400);
  std::vector<Expected> older;
  for (std::uint64_t step = 0; step < steps && !HasFailure(); ++step) {
    SCOPED_TRACE(testing::Message() << "step " << step);
    const std::size_t changes = random_.Choose(30);
    for (std::size_t i = 0; i < changes; ++i) history_.Change();
    if (random_.OneIn(3)) history_.Freeze();
    if (random_.OneIn(3)) history_.Checkpoint();
    if (random_.OneIn(4)) history_.MergeRuns();
    if (!random_.OneIn(10)) continue;
    ExpectAll(Now());
    // What was acquired earlier answers as it did.
    older.push_back(Now());
    ExpectAll(older[random_.Choose(older.size())]);
  }
}

TEST_F(ViewTest, AScanStopsAtItsLimitsAndGoesOnBehindThem) {
  auto overlay = std::make_shared<Overlay>();
  for (const char* key : {"a", "b/1", "b/2", "b/3", "b/4", "c"}) {
    const bool is_deleted = std::string_view(key) == "b/3";
    overlay->Add(
        {.key = key,
         .sequence = 1,
         .kind = is_deleted ? RecordKind::kTombstone : RecordKind::kPut,
         .value = is_deleted ? "" : "value"});
  }
  const auto view = *View::Create({.active = overlay});
  const auto keys = [&](const ScanRequest& request) {
    std::string seen;
    const auto result = Await(view->Scan(request, 1));
    for (const ScannedRecord& record : result->records) {
      seen += record.key + " ";
    }
    return seen + (result->more ? "more" : "end");
  };
  EXPECT_EQ(keys({}), "a b/1 b/2 b/4 c end");
  EXPECT_EQ(keys({.prefix = "b/"}), "b/1 b/2 b/4 end");
  EXPECT_EQ(keys({.prefix = "b/", .limit = 2}), "b/1 b/2 more");
  EXPECT_EQ(keys({.prefix = "b/", .limit = 3}), "b/1 b/2 b/4 end");
  EXPECT_EQ(keys({.prefix = "b/", .after = "a"}), "b/1 b/2 b/4 end");
  EXPECT_EQ(keys({.prefix = "b/", .after = "b/2"}), "b/4 end");
  EXPECT_EQ(keys({.prefix = "b/", .after = "c"}), "end");
  EXPECT_EQ(keys({.limit = 0}), "more");
  EXPECT_EQ(keys({.bytes_max = 1}), "a more");
  EXPECT_EQ(keys({.bytes_max = 10}), "a b/1 more");
  EXPECT_EQ(keys({.prefix = "d", .limit = 0}), "end");
}

TEST_F(ViewTest, ARangeOfAPrefixEndsBehindAllThatBeginWithIt) {
  EXPECT_EQ(RangeOfPrefix(""), KeyRange());
  EXPECT_EQ(RangeOfPrefix("ab"), (KeyRange{.lower = "ab", .upper = "ac"}));
  EXPECT_EQ(RangeOfPrefix("a\xff"), (KeyRange{.lower = "a\xff", .upper = "b"}));
  EXPECT_EQ(RangeOfPrefix("\x7f"),
            (KeyRange{.lower = "\x7f", .upper = "\x80"}));
  EXPECT_EQ(RangeOfPrefix("\xff\xff"), (KeyRange{.lower = "\xff\xff"}));
}

TEST_F(ViewTest, RunsThatDoNotBelongTogetherAreRefused) {
  const auto run = [&](std::uint64_t from, std::uint64_t to) {
    RunWriterOptions options = WriterOptions(to);
    options.from_sequence = from;
    options.to_sequence = to;
    return MakeRun({{"k", {.sequence = to}}}, options, cache_);
  };
  const auto create = [&](std::vector<std::shared_ptr<const index::Run>> runs,
                          std::uint64_t deployment) {
    return View::Create({.active = std::make_shared<Overlay>(),
                         .runs = std::move(runs),
                         .deployment = {.high = 1, .low = deployment}})
        .status();
  };
  EXPECT_TRUE(create({run(10, 20), run(5, 10)}, 2).ok());
  EXPECT_EQ(CodeOf(create({run(10, 20)}, 3)), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(create({run(5, 10), run(10, 20)}, 2)), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(create({run(9, 20), run(5, 10)}, 2)), ErrorCode::kCorrupt);
  std::vector<std::shared_ptr<const index::Run>> many;
  for (std::uint64_t i = 0; i < 8; ++i) many.push_back(run(90 - i, 91 - i));
  EXPECT_TRUE(create(many, 2).ok());
  many.push_back(run(1, 2));
  EXPECT_EQ(CodeOf(create(many, 2)), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace cairn::index
