// Repairs in which each request fails in turn: openings that have frames, files
// and slices to give to a drive, replacements, catching up, healing. The set
// goes on where one drive is enough to lose, nothing is lost, and what could
// not be repaired under the fault is when it is over.

#include <ostream>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/fault_sweep.h"
#include "support/repair.h"

namespace cairn::support {
namespace {

struct RepairSweep {
  RepairKind kind;
  FaultSweep sweep;

  friend std::ostream& operator<<(std::ostream& out, const RepairSweep& of) {
    return out << of.kind << " of " << of.sweep.geometry.data << "+"
               << of.sweep.geometry.parity << ", fault "
               << static_cast<int>(of.sweep.fault);
  }
};

class RepairFaultTest : public testing::TestWithParam<RepairSweep> {
 protected:
  RepairFaultTest() : broken_(GetParam().kind, GetParam().sweep.geometry) {}

  // Repairs under the fault, and goes on; what the set holds then.
  SetHistory Live(SetImage& image, NthFault& fault);
  void CheckOpened(const SimProcess& process) const;
  void GoOn(RepairLife& life) const;

  BrokenSet broken_;
};

// Reads of an opening have no deadline: a drive that hangs then hangs it.
void RepairFaultTest::CheckOpened(const SimProcess& process) const {
  if (!process.opened().has_value()) {
    EXPECT_EQ(GetParam().sweep.fault, Fate::Kind::kHang) << "it hangs";
  } else if (GetParam().sweep.survives()) {
    EXPECT_EQ(*process.opened(), absl::OkStatus());
  }
}

// While a drive is behind, a set that loses another one may have too few.
void RepairFaultTest::GoOn(RepairLife& life) const {
  set::LocalSet& set = life.process().set();
  const bool goes_on = set.replicas().CheckQuorum().ok() && !set.is_read_only();
  if (GetParam().kind != RepairKind::kCatchUp && GetParam().sweep.survives()) {
    EXPECT_TRUE(goes_on);
  }
  const absl::Status holds = life.history().Check(life.process());
  // What was committed last may be decided by the next opening only.
  if (!set.is_read_only() || CodeOf(holds) != ErrorCode::kUndecided) {
    EXPECT_EQ(holds, absl::OkStatus());
  }
  if (!goes_on) return;
  EXPECT_EQ(life.history().AddRound(life.process()), absl::OkStatus());
  EXPECT_TRUE(life.process().Run(set.Close()).has_value()) << "it hangs";
}

SetHistory RepairFaultTest::Live(SetImage& image, NthFault& fault) {
  InOrder order;
  RepairLife life(broken_, image, order, fault.fates());
  EXPECT_EQ(life.Approach(), absl::OkStatus());
  fault.Start();
  EXPECT_TRUE(life.Repair());
  fault.Stop();
  CheckOpened(life.process());
  if (life.process().is_open()) GoOn(life);
  return life.history();
}

TEST_P(RepairFaultTest, EveryFailedRequestLosesNothing) {
  SweepFaults(
      broken_.image(),
      // All of them, but under a sanitizer some.
      {.kind = GetParam().sweep.fault, .runs_max = TestIterations(4000) / 4},
      [&](SetImage& image, NthFault& fault) { return Live(image, fault); },
      [&](SetImage& image, const SetHistory& history) {
        InOrder order;
        EXPECT_EQ(CheckRepaired(broken_, image, order,
                                [&](SimProcess& process) {
                                  return history.Check(process);
                                }),
                  absl::OkStatus());
      });
}

// What is swept is all of a repair.
TEST_P(RepairFaultTest, WithoutAFaultNothingIsLeftToDo) {
  SetImage image = broken_.image();
  InOrder order;
  RepairLife life(broken_, image, order, [](const Io&) { return Fate(); });
  ASSERT_EQ(life.Approach(), absl::OkStatus());
  ASSERT_TRUE(life.Repair());
  ASSERT_EQ(life.process().opened(), absl::OkStatus());
  set::LocalSet& set = life.process().set();
  EXPECT_EQ(CheckFiles(image, life.process().reachable(), set.catalogue()),
            absl::OkStatus());
  for (int p = 0; p < set.replicas().count(); ++p) {
    EXPECT_EQ(set.replicas().service(p), set::Service::kCurrent);
  }
  if (GetParam().kind == RepairKind::kCatchUp) {
    EXPECT_GT(set.counters().catch_ups.with_files, 0u);
  }
  if (GetParam().kind == RepairKind::kHealing) {
    EXPECT_GT(set.counters().blobs.healed, 1u);
  }
}

constexpr FaultSweep kOne{{1, 0}, Fate::Kind::kFail};
constexpr FaultSweep kSmall{{2, 2}, Fate::Kind::kFailAfter};
constexpr FaultSweep kUsual{{4, 2}, Fate::Kind::kFail};
constexpr FaultSweep kFull{{4, 2}, Fate::Kind::kFull};
constexpr FaultSweep kHanging{{2, 2}, Fate::Kind::kHang};

INSTANTIATE_TEST_SUITE_P(
    Sweeps, RepairFaultTest,
    testing::Values(RepairSweep{RepairKind::kOpening, kOne},
                    RepairSweep{RepairKind::kOpening, kSmall},
                    RepairSweep{RepairKind::kOpening, kUsual},
                    RepairSweep{RepairKind::kOpening, kHanging},
                    RepairSweep{RepairKind::kOpening, kFull},
                    RepairSweep{RepairKind::kReplacement, kSmall},
                    RepairSweep{RepairKind::kReplacement, kUsual},
                    RepairSweep{RepairKind::kReplacement, kHanging},
                    RepairSweep{RepairKind::kReplacement, kFull},
                    RepairSweep{RepairKind::kCatchUp, kSmall},
                    RepairSweep{RepairKind::kCatchUp, kUsual},
                    RepairSweep{RepairKind::kCatchUp, kHanging},
                    RepairSweep{RepairKind::kCatchUp, kFull},
                    RepairSweep{RepairKind::kHealing, kSmall},
                    RepairSweep{RepairKind::kHealing, kUsual},
                    RepairSweep{RepairKind::kHealing, kHanging},
                    RepairSweep{RepairKind::kHealing, kFull}));

}  // namespace
}  // namespace cairn::support
