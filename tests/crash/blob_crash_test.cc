// Crashes at every step of a life that writes, replaces, frees and collects
// large blobs, then at a step of the opening that follows: what was
// acknowledged is there, and when all is done no drive has a file that it
// should not have, or lacks one.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "gtest/gtest.h"

#include "support/blob_history.h"
#include "support/ending.h"
#include "support/figures.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

class BlobCrashTest : public testing::TestWithParam<set::Geometry> {
 protected:
  // Whether the life was over before that step.
  bool CrashAt(std::uint64_t step);
  void RunFor(SimProcess& process, std::uint64_t steps);
  void CrashWhileOpening();
  void CheckInTheEnd(const BlobHistory& history);
  void Crash() {
    image_.Crash(*random_);
    ++images_;
  }

  std::optional<SeededRandom> random_;
  SetImage image_;
  std::uint64_t images_ = 0;
};

void BlobCrashTest::RunFor(SimProcess& process, std::uint64_t steps) {
  const std::uint64_t end = process.loop().step_count() + steps;
  process.loop().RunUntil([&] { return process.loop().step_count() >= end; });
}

bool BlobCrashTest::CrashAt(std::uint64_t step) {
  BlobHistory history;
  bool is_over = false;
  {
    SimProcess process(image_, *random_, {.seed = random_->Next()});
    EXPECT_TRUE(process.Open().ok());
    process.set().StartCare();
    static constexpr auto kLive = [](BlobHistory* lives, set::LocalSet* set,
                                     bool* over) -> base::Task<> {
      base::Task<absl::Status> live = lives->Live(*set);
      const absl::Status status = co_await live;
      EXPECT_TRUE(status.ok()) << status;
      base::Task<absl::Status> close = set->Close();
      co_await close;
      *over = true;
    };
    process.scope().Spawn(kLive(&history, &process.set(), &is_over));
    const std::uint64_t end = process.loop().step_count() + step;
    process.loop().RunUntil(
        [&] { return is_over || process.loop().step_count() >= end; });
  }
  Crash();
  if (random_->OneIn(2)) CrashWhileOpening();
  CheckInTheEnd(history);
  return is_over;
}

// Or while it looks for what was left behind.
void BlobCrashTest::CrashWhileOpening() {
  {
    SimProcess process(image_, *random_, {.seed = random_->Next()});
    process.StartOpen();
    const std::uint64_t end = random_->Choose(400);
    process.loop().RunUntil([&] {
      return process.opened().has_value() || process.loop().step_count() >= end;
    });
    if (process.is_open() && !process.set().is_read_only()) {
      process.set().StartCare();
      RunFor(process, random_->Choose(200));
    }
  }
  Crash();
}

void BlobCrashTest::CheckInTheEnd(const BlobHistory& history) {
  EXPECT_EQ(
      EndWhole(image_, *random_, {.seed = random_->Next()},
               [&](SimProcess& process) { return history.Check(process); }),
      absl::OkStatus());
}

TEST_P(BlobCrashTest, EveryStepMayBeTheLast) {
  const std::uint64_t seed = TestSeed(1);
  // A whole sweep, or every n-th step of it.
  const std::uint64_t stride =
      std::max<std::uint64_t>(200 / TestIterations(200), 1);
  bool is_over = false;
  for (std::uint64_t step = 0; !is_over; step += stride) {
    SCOPED_TRACE(testing::Message() << "step " << step << " seed " << seed);
    random_.emplace(seed * 100'000 + step);
    image_ = FormatImage(GetParam(), 5);
    is_over = CrashAt(step);
    if (HasFailure()) return;
  }
  AddFigure("crash_images", images_);
}

INSTANTIATE_TEST_SUITE_P(Geometries, BlobCrashTest,
                         testing::Values(set::Geometry{1, 0},
                                         set::Geometry{1, 1},
                                         set::Geometry{2, 2},
                                         set::Geometry{4, 2}));

}  // namespace
}  // namespace cairn::support
