// Crashes at every step of a checkpoint and of the merge behind it, then at a
// step of the opening that follows: whatever was acknowledged is there, in the
// log or in runs and packs, and the next checkpoint goes through.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "gtest/gtest.h"

#include "set/merge_plan.h"
#include "support/figures.h"
#include "support/set_history.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

class CheckpointCrashTest : public testing::TestWithParam<set::Geometry> {
 protected:
  void SetUp() override;
  bool CrashAt(std::uint64_t step);
  void CrashWhileOpening();
  void CheckInTheEnd(const SetHistory& history);
  void Crash() {
    image_.Crash(*random_);
    ++images_;
  }

  std::optional<SeededRandom> random_;
  // One run short of a merge.
  SetImage before_;
  SetHistory history_before_;
  SetImage image_;
  std::uint64_t images_ = 0;
};

void CheckpointCrashTest::SetUp() {
  InOrder order;
  before_ = FormatImage(GetParam(), 5);
  SimProcess process(before_, order, {});
  ASSERT_TRUE(process.Open().ok());
  for (std::size_t run = 1; run < set::kMergeWidth; ++run) {
    const absl::Status added = history_before_.AddRound(process);
    ASSERT_TRUE(added.ok()) << added;
    const auto checkpoint = process.Run(process.set().Checkpoint());
    ASSERT_TRUE(checkpoint.has_value() && checkpoint->ok());
  }
  ASSERT_EQ(process.set().run_count(), set::kMergeWidth - 1);
  ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
}

// Whether the checkpoint was over before that step.
bool CheckpointCrashTest::CrashAt(std::uint64_t step) {
  image_ = before_;
  SetHistory history = history_before_;
  bool is_over = false;
  {
    SimProcess process(image_, *random_, {.seed = random_->Next()});
    EXPECT_TRUE(process.Open().ok());
    const absl::Status added = history.AddRound(process);
    EXPECT_TRUE(added.ok()) << added;
    if (testing::Test::HasFailure()) return true;
    static constexpr auto kCheckpoint = [](set::LocalSet* set,
                                           bool* over) -> base::Task<> {
      base::Task<absl::Status> checkpoint = set->Checkpoint();
      const absl::Status status = co_await checkpoint;
      EXPECT_TRUE(status.ok()) << status;
      *over = true;
    };
    process.scope().Spawn(kCheckpoint(&process.set(), &is_over));
    const std::uint64_t end = process.loop().step_count() + step;
    process.loop().RunUntil(
        [&] { return is_over || process.loop().step_count() >= end; });
  }
  Crash();
  if (random_->OneIn(2)) CrashWhileOpening();
  CheckInTheEnd(history);
  return is_over;
}

void CheckpointCrashTest::CrashWhileOpening() {
  {
    SimProcess process(image_, *random_, {.seed = random_->Next()});
    process.StartOpen();
    const std::uint64_t end = random_->Choose(150);
    process.loop().RunUntil([&] {
      return process.opened().has_value() || process.loop().step_count() >= end;
    });
  }
  Crash();
}

void CheckpointCrashTest::CheckInTheEnd(const SetHistory& history) {
  SimProcess process(image_, *random_, {.seed = random_->Next()});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_FALSE(process.set().is_read_only());
  EXPECT_EQ(history.Check(process), absl::OkStatus());
  const auto checkpoint = process.Run(process.set().Checkpoint());
  ASSERT_TRUE(checkpoint.has_value());
  EXPECT_EQ(*checkpoint, absl::OkStatus());
  EXPECT_LT(process.set().run_count(), set::kMergeWidth);
  EXPECT_EQ(history.Check(process), absl::OkStatus());
}

TEST_P(CheckpointCrashTest, EveryStepMayBeTheLast) {
  const std::uint64_t seed = TestSeed(1);
  const std::uint64_t rounds =
      std::max<std::uint64_t>(TestIterations(800) / 100, 1);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    bool is_over = false;
    for (std::uint64_t step = 0; !is_over; ++step) {
      SCOPED_TRACE(testing::Message() << "round " << round << " step " << step
                                      << " seed " << seed);
      random_.emplace((seed * 1000 + round) * 1000 + step);
      is_over = CrashAt(step);
      if (HasFailure()) return;
    }
  }
  AddFigure("crash_images", images_);
}

INSTANTIATE_TEST_SUITE_P(Geometries, CheckpointCrashTest,
                         testing::Values(set::Geometry{1, 0},
                                         set::Geometry{1, 1},
                                         set::Geometry{2, 2},
                                         set::Geometry{4, 2}));

}  // namespace
}  // namespace cairn::support
