// Crashes at every step of a repair, then, half of the time, at a step of the
// next one: of openings that have frames, files and slices to give to a drive,
// of replacements, of catching up, and of healing. In the end the set is whole.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "gtest/gtest.h"

#include "support/figures.h"
#include "support/repair.h"

namespace cairn::support {
namespace {

struct RepairCase {
  RepairKind kind;
  set::Geometry geometry;

  friend std::ostream& operator<<(std::ostream& out, const RepairCase& of) {
    return out << of.kind << " of " << of.geometry.data << "+"
               << of.geometry.parity;
  }
};

class RepairCrashTest : public testing::TestWithParam<RepairCase> {
 protected:
  RepairCrashTest() : broken_(GetParam().kind, GetParam().geometry) {}

  // Whether the repair was over before that step.
  bool CrashAt(std::uint64_t step);
  void CrashAgain();
  void Crash() {
    image_.Crash(*random_);
    ++images_;
  }

  BrokenSet broken_;
  std::optional<SeededRandom> random_;
  SetImage image_;
  std::uint64_t images_ = 0;
};

// While what was broken off is opened, or healed.
void RepairCrashTest::CrashAgain() {
  {
    SimProcess process(image_, *random_, broken_.options());
    process.StartOpen();
    const std::uint64_t end = random_->Choose(600);
    process.loop().RunUntil([&] {
      return process.opened().has_value() || process.loop().step_count() >= end;
    });
    if (process.is_open()) process.set().StartCare();
    process.loop().RunUntil([&] { return process.loop().step_count() >= end; });
  }
  Crash();
}

bool RepairCrashTest::CrashAt(std::uint64_t step) {
  image_ = broken_.image();
  bool is_over = false;
  SetHistory history;
  {
    RepairLife life(broken_, image_, *random_,
                    [](const Io&) { return Fate(); });
    EXPECT_EQ(life.Approach(), absl::OkStatus());
    is_over = life.Repair(step);
    history = life.history();
  }
  Crash();
  if (random_->OneIn(2)) CrashAgain();
  EXPECT_EQ(CheckRepaired(
                broken_, image_, *random_,
                [&](SimProcess& process) { return history.Check(process); }),
            absl::OkStatus());
  return is_over;
}

TEST_P(RepairCrashTest, EveryStepMayBeTheLast) {
  const std::uint64_t seed = TestSeed(1);
  // A whole sweep, or every n-th step of it.
  const std::uint64_t stride =
      std::max<std::uint64_t>(2000 / TestIterations(2000), 1);
  bool is_over = false;
  for (std::uint64_t step = 0; !is_over; step += stride) {
    SCOPED_TRACE(testing::Message() << "step " << step << " seed " << seed);
    random_.emplace(seed * 100'000 + step);
    is_over = CrashAt(step);
    if (HasFailure()) return;
  }
  AddFigure("crash_images", images_);
}

constexpr set::Geometry kSmall{2, 2};
constexpr set::Geometry kUsual{4, 2};

INSTANTIATE_TEST_SUITE_P(
    Repairs, RepairCrashTest,
    testing::Values(RepairCase{RepairKind::kOpening, {1, 0}},
                    RepairCase{RepairKind::kOpening, kSmall},
                    RepairCase{RepairKind::kOpening, kUsual},
                    RepairCase{RepairKind::kReplacement, kSmall},
                    RepairCase{RepairKind::kReplacement, kUsual},
                    RepairCase{RepairKind::kCatchUp, kSmall},
                    RepairCase{RepairKind::kCatchUp, kUsual},
                    RepairCase{RepairKind::kHealing, kSmall},
                    RepairCase{RepairKind::kHealing, kUsual}));

}  // namespace
}  // namespace cairn::support
