// Crashes during recovery: a set is killed in the middle of a commit, killed
// again at every step of the opening that follows, on a random subset of its
// drives, and once more; what was acknowledged must be there in the end, and
// what an opening has served must stay as it was served.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/figures.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr int kCrashesMax = 3;

class RecoveryCrashTest : public testing::TestWithParam<set::Geometry> {
 protected:
  void StartHistory();
  void CrashDuringOpening(std::uint64_t steps);
  void OpenInTheEnd();
  std::vector<int> ChooseReachable();

  std::optional<SeededRandom> random_;
  SetImage formatted_;
  SetImage image_;
  bool first_acked_ = false;
  bool last_acked_ = false;
  std::optional<std::string> served_;
  std::uint64_t images_ = 0;
};

// Puts "first" and "last" and stops in between or behind.
void RecoveryCrashTest::StartHistory() {
  image_ = formatted_;
  first_acked_ = last_acked_ = false;
  served_.reset();
  SimProcess process(image_, *random_, {.seed = random_->Next()});
  ASSERT_TRUE(process.Open().ok());
  std::optional<absl::Status> first;
  std::vector<std::byte> blob;
  process.StartCommit(PutText(process.set(), "a", "first", &blob), first);
  process.loop().RunUntil([&] { return first.has_value(); });
  first_acked_ = first->ok();
  ASSERT_TRUE(first_acked_) << *first;
  std::optional<absl::Status> last;
  std::vector<std::byte> last_blob;
  process.StartCommit(PutText(process.set(), "a", "last",
                              random_->OneIn(2) ? &last_blob : nullptr),
                      last);
  const std::uint64_t end = process.loop().step_count() + random_->Choose(14);
  process.loop().RunUntil([&] { return process.loop().step_count() >= end; });
  last_acked_ = last.has_value() && last->ok();
}

std::vector<int> RecoveryCrashTest::ChooseReachable() {
  std::vector<int> reachable;
  for (int i = 0; i < GetParam().drive_count(); ++i) reachable.push_back(i);
  const auto away = random_->Choose(static_cast<std::size_t>(
      GetParam().drive_count() - GetParam().write_quorum() + 1));
  for (std::size_t i = 0; i < away; ++i) {
    reachable.erase(reachable.begin() + static_cast<std::ptrdiff_t>(
                                            random_->Choose(reachable.size())));
  }
  return reachable;
}

void RecoveryCrashTest::CrashDuringOpening(std::uint64_t steps) {
  {
    SimProcess process(
        image_, *random_,
        {.seed = random_->Next(), .reachable = ChooseReachable()});
    process.StartOpen();
    process.loop().RunUntil([&] {
      return process.opened().has_value() ||
             process.loop().step_count() >= steps;
    });
    if (process.is_open()) {
      const Found found = GetText(process, "a");
      if (found.status.ok()) served_ = found.text;
    }
  }
  image_.Crash(*random_);
  ++images_;
}

void RecoveryCrashTest::OpenInTheEnd() {
  SimProcess process(image_, *random_, {.seed = random_->Next()});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_FALSE(process.set().is_read_only());
  const Found found = GetText(process, "a");
  ASSERT_TRUE(found.status.ok()) << found.status;
  if (last_acked_) {
    EXPECT_EQ(found.text, "last");
  }
  if (first_acked_) {
    EXPECT_TRUE(found.text == "first" || found.text == "last");
  }
  if (served_.has_value()) {
    EXPECT_EQ(found.text, served_);
  }
}

TEST_P(RecoveryCrashTest, CrashesAtEveryStepOfOpeningsLoseNothing) {
  const std::uint64_t seed = TestSeed(1);
  const std::uint64_t rounds = TestIterations(60);
  formatted_ = FormatImage(GetParam(), 3);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (std::uint64_t step = 1; step < 120; step += 2) {
      SCOPED_TRACE(testing::Message() << "round " << round << " step " << step
                                      << " seed " << seed);
      random_.emplace((seed * 1000 + round) * 1000 + step);
      StartHistory();
      image_.EndProcess(*random_);
      const std::size_t crashes = 1 + random_->Choose(kCrashesMax);
      CrashDuringOpening(step);
      for (std::size_t i = 1; i < crashes; ++i) {
        CrashDuringOpening(random_->Choose(150));
      }
      OpenInTheEnd();
      if (HasFailure()) return;
    }
  }
  AddFigure("crash_images", images_);
}

INSTANTIATE_TEST_SUITE_P(Geometries, RecoveryCrashTest,
                         testing::Values(set::Geometry{1, 0},
                                         set::Geometry{1, 1},
                                         set::Geometry{2, 1},
                                         set::Geometry{2, 2},
                                         set::Geometry{4, 2}));

}  // namespace
}  // namespace cairn::support
