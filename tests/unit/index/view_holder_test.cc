// Readers of a holder get complete snapshots while the view is replaced under
// them: each has everything up to its sequence, and nothing above.

#include "index/view_holder.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "support/figures.h"
#include "unit/index/run_testing.h"

namespace cairn::index {
namespace {

constexpr std::uint64_t kKeyCount = 32;

std::string KeyOf(std::uint64_t number) {
  return "key" + std::to_string(number % kKeyCount);
}

std::shared_ptr<const View> NewView(
    std::shared_ptr<const Overlay> active,
    std::shared_ptr<const Overlay> frozen,
    std::vector<std::shared_ptr<const index::Run>> runs) {
  const auto view = View::Create({.active = std::move(active),
                                  .frozen = std::move(frozen),
                                  .runs = std::move(runs),
                                  .deployment = IdOfRun(0).deployment});
  EXPECT_TRUE(view.ok()) << view.status();
  return *view;
}

// Keys are written in turn, each with its sequence as value.
void ExpectComplete(const Snapshot& snapshot) {
  const std::uint64_t at = snapshot.sequence;
  for (std::uint64_t i = 0; i < 3 && i < at; ++i) {
    const std::string key = KeyOf(at - i);
    const auto found = Await(snapshot.view->Lookup(key, at));
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->sequence, at - i);
    ASSERT_EQ(found->value, std::to_string(at - i));
  }
  const auto scan = Await(snapshot.view->Scan({}, at));
  ASSERT_TRUE(scan.ok()) << scan.status();
  ASSERT_EQ(scan->records.size(), std::min(at, kKeyCount));
  for (const ScannedRecord& record : scan->records) {
    ASSERT_LE(record.sequence, at);
    ASSERT_GT(record.sequence + kKeyCount, at);
  }
}

// Commits, freezes and checkpoints as a set does.
class Writer {
 public:
  explicit Writer(BlockCache& cache) : cache_(cache) {}

  ViewHolder& holder() { return holder_; }

  void Commit() {
    ++sequence_;
    const std::string key = KeyOf(sequence_);
    const std::string value = std::to_string(sequence_);
    active_->Add({.key = key, .sequence = sequence_, .value = value});
    model_[key] = {.sequence = sequence_, .value = value};
    holder_.Advance(sequence_);
  }

  void Freeze() {
    frozen_ = std::exchange(active_, std::make_shared<Overlay>());
    frozen_model_ = model_;
    frozen_at_ = sequence_;
    holder_.Publish(NewView(active_, frozen_, runs_));
  }

  void Checkpoint() {
    RunWriterOptions options = WriterOptions(frozen_at_);
    options.to_sequence = frozen_at_;
    runs_ = {MakeRun(frozen_model_, options, cache_)};
    frozen_ = nullptr;
    holder_.Publish(NewView(active_, frozen_, runs_));
  }

 private:
  BlockCache& cache_;
  std::uint64_t sequence_ = 0;
  std::uint64_t frozen_at_ = 0;
  Model model_;
  Model frozen_model_;
  std::shared_ptr<Overlay> active_ = std::make_shared<Overlay>();
  std::shared_ptr<Overlay> frozen_;
  std::vector<std::shared_ptr<const index::Run>> runs_;
  ViewHolder holder_{NewView(active_, nullptr, {}), 4};
};

TEST(ViewHolderTest, SnapshotsAreCompleteWhileViewsAreReplaced) {
  const std::uint64_t rounds = support::TestIterations(300);
  BlockCache cache({.bytes_max = 1 << 20, .shard_count = 4});
  Writer writer(cache);
  std::atomic<bool> is_done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!is_done.load()) {
        const Snapshot snapshot = writer.holder().Acquire();
        ASSERT_GE(snapshot.sequence, last);
        last = snapshot.sequence;
        ExpectComplete(snapshot);
      }
    });
  }
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (int i = 0; i < 20; ++i) writer.Commit();
    writer.Freeze();
    for (int i = 0; i < 20; ++i) writer.Commit();
    writer.Checkpoint();
    ExpectComplete(writer.holder().Acquire());
  }
  is_done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(ViewHolderTest, AViewLivesAsLongAsAReaderHoldsIt) {
  auto overlay = std::make_shared<Overlay>();
  overlay->Add({.key = "k", .sequence = 1, .value = "old"});
  const std::weak_ptr<Overlay> watched = overlay;
  ViewHolder holder(NewView(std::move(overlay), nullptr, {}));
  holder.Advance(1);
  Snapshot held = holder.Acquire();
  holder.Publish(NewView(std::make_shared<Overlay>(), nullptr, {}));
  EXPECT_TRUE(holder.Acquire().view->LookupCached("k", 1)->is_absent());
  EXPECT_EQ(held.view->LookupCached("k", 1)->value, "old");
  held = {};
  EXPECT_TRUE(watched.expired());
}

TEST(ViewHolderTest, ASequenceIsNeverBelowTheRuns) {
  BlockCache cache({});
  Writer writer(cache);
  for (int i = 0; i < 5; ++i) writer.Commit();
  writer.Freeze();
  writer.Checkpoint();
  const Snapshot before = writer.holder().Acquire();
  EXPECT_EQ(before.sequence, 5u);
  EXPECT_EQ(before.view->floor(), 5u);
  ViewHolder holder(before.view);
  EXPECT_EQ(holder.Acquire().sequence, 5u);
}

}  // namespace
}  // namespace cairn::index
