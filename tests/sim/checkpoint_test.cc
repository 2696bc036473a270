// Checkpoints one after the other: how many runs there are, whatever happens.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "gtest/gtest.h"

#include "index/view.h"
#include "set/merge_plan.h"
#include "support/set_history.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 2, .parity = 1};

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : image_(FormatImage(kGeometry, 5)) {}

  absl::Status Checkpoint(SimProcess& process) {
    return process.Run(process.set().Checkpoint())
        .value_or(absl::DeadlineExceededError("the checkpoint hangs"));
  }

  absl::Status Commit(SimProcess& process, storage::Batch batch) {
    return process.Run(process.set().Commit(std::move(batch)))
        .value_or(absl::DeadlineExceededError("the commit hangs"));
  }

  InOrder order_;
  SetImage image_;
  SetHistory history_;
};

TEST_F(CheckpointTest, AfterAHundredALookupOpensFewRuns) {
  SimProcess process(image_, order_, {});
  ASSERT_TRUE(process.Open().ok());
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(history_.AddRound(process), absl::OkStatus());
    ASSERT_EQ(Checkpoint(process), absl::OkStatus());
    ASSERT_LE(process.set().run_count(), std::size_t{index::kRunsPerKeyMax});
  }
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
  EXPECT_EQ(process.set().counters().checkpoints.checkpoints, 100u);
  EXPECT_GE(process.set().counters().checkpoints.merges, 25u);
}

// The blocks of runs cannot be read for a while; what is behind them can.
TEST_F(CheckpointTest, RunsThatCannotBeMergedDoNotPileUp) {
  bool fails = false;
  {
    SimProcess process(image_, order_, {.fates = [&](const Io& io) {
                         Fate fate;
                         if (fails && io.kind == IoKind::kRead &&
                             io.offset == 0 && io.path.starts_with("runs/")) {
                           fate.kind = Fate::Kind::kFail;
                         }
                         return fate;
                       }});
    ASSERT_TRUE(process.Open().ok());
    fails = true;
    int refused = 0;
    for (int i = 0; i < 15; ++i) {
      ASSERT_EQ(history_.AddRound(process), absl::OkStatus());
      refused += Checkpoint(process).ok() ? 0 : 1;
      ASSERT_LE(process.set().run_count(), std::size_t{index::kRunsPerKeyMax});
    }
    EXPECT_GT(refused, 7);
    fails = false;
    EXPECT_EQ(Checkpoint(process), absl::OkStatus());
    EXPECT_LE(process.set().run_count(), set::kRunCountMax);
    EXPECT_EQ(history_.Check(process), absl::OkStatus());
  }
  image_.EndProcess(order_);
  SimProcess process(image_, order_, {.seed = 2});
  ASSERT_TRUE(process.Open().ok());
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

// The log fills up while a merge still runs.
TEST_F(CheckpointTest, CommitsThatWaitForRoomGoOnAfterASlowMerge) {
  SimProcess::Options options{.set = {.quiet_time = absl::Hours(1)}};
  options.fates = [](const Io& io) {
    Fate fate;
    if (io.path.starts_with("runs/")) fate.latency = absl::Milliseconds(20);
    return fate;
  };
  SimProcess process(image_, order_, std::move(options));
  ASSERT_TRUE(process.Open().ok());
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(history_.AddRound(process), absl::OkStatus()) << "round " << i;
  }
  // Nobody slept until a timer that serves something else.
  EXPECT_LT(process.loop().Steady() - absl::UnixEpoch(), absl::Minutes(10));
  EXPECT_GT(process.set().counters().commits.laps, 2u);
  EXPECT_GT(process.set().counters().checkpoints.merges, 0u);
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

TEST_F(CheckpointTest, WhatIsAllDeletedLeavesNoRun) {
  SimProcess process(image_, order_, {});
  ASSERT_TRUE(process.Open().ok());
  for (std::size_t i = 0; i < set::kMergeWidth; ++i) {
    storage::Batch batch;
    if (i % 2 == 0) {
      batch = PutText(process.set(), "key", "text", nullptr);
    } else {
      batch.deletes.push_back({.key = "key"});
    }
    ASSERT_EQ(Commit(process, std::move(batch)), absl::OkStatus());
    ASSERT_EQ(Checkpoint(process), absl::OkStatus());
  }
  EXPECT_EQ(process.set().run_count(), 0u);
  const Found found = GetText(process, "key");
  EXPECT_EQ(found.status, absl::OkStatus());
  EXPECT_EQ(found.text, std::nullopt);
  storage::Batch batch = PutText(process.set(), "key", "again", nullptr);
  ASSERT_EQ(Commit(process, std::move(batch)), absl::OkStatus());
  ASSERT_EQ(Checkpoint(process), absl::OkStatus());
  EXPECT_EQ(GetText(process, "key").text, "again");
}

}  // namespace
}  // namespace cairn::support
