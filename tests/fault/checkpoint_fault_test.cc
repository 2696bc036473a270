// A checkpoint and a merge in which each request fails in turn. Readers see the
// same before, meanwhile and after; the set goes on where it has a write quorum
// left, and an opening after a power cut finds everything.

#include <string>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "set/merge_plan.h"
#include "support/fault_sweep.h"
#include "support/set_history.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

class CheckpointFaultTest : public testing::TestWithParam<FaultSweep> {
 protected:
  void SetUp() override;
  // Takes the checkpoint under the fault.
  void Checkpoint(SetImage& image, NthFault& fault);
  void CheckAfter(SetImage& image);

  // One run short of a merge, and a log that holds more.
  SetImage before_;
  SetHistory history_;
};

void CheckpointFaultTest::SetUp() {
  InOrder order;
  before_ = FormatImage(GetParam().geometry, 5);
  SimProcess process(before_, order, {});
  ASSERT_TRUE(process.Open().ok());
  for (std::size_t run = 1; run < set::kMergeWidth; ++run) {
    ASSERT_EQ(history_.AddRound(process), absl::OkStatus());
    ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
  }
  ASSERT_EQ(history_.AddRound(process), absl::OkStatus());
  ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
}

void CheckpointFaultTest::Checkpoint(SetImage& image, NthFault& fault) {
  InOrder order;
  SimProcess process(image, order, {.seed = 2, .fates = fault.fates()});
  ASSERT_EQ(process.Open(), absl::OkStatus());
  fault.Start();
  const auto checkpoint = process.Run(process.set().Checkpoint());
  fault.Stop();
  EXPECT_TRUE(checkpoint.has_value()) << "it hangs";
  if (checkpoint.has_value() && GetParam().survives()) {
    EXPECT_EQ(*checkpoint, absl::OkStatus());
  }
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

void CheckpointFaultTest::CheckAfter(SetImage& image) {
  InOrder order;
  SimProcess process(image, order, {.seed = 3});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_FALSE(process.set().is_read_only());
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
  EXPECT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

TEST_P(CheckpointFaultTest, EveryFailedRequestLosesNothing) {
  SweepFaults(
      before_, {.kind = GetParam().fault},
      [&](SetImage& image, NthFault& fault) { Checkpoint(image, fault); },
      [&](SetImage& image) { CheckAfter(image); });
}

// What cannot be read now is not lost: the checkpoint that needs it fails, and
// the next one has it.
TEST(CheckpointReadTest, BlobsThatCannotBeReadAreNotGivenUp) {
  for (const set::Geometry geometry :
       {set::Geometry{1, 0}, set::Geometry{2, 1}, set::Geometry{4, 2}}) {
    InOrder order;
    SetImage image = FormatImage(geometry, 5);
    SetHistory history;
    {
      SimProcess process(image, order, {});
      ASSERT_TRUE(process.Open().ok());
      for (int round = 0; round < 3; ++round) {
        ASSERT_EQ(history.AddRound(process), absl::OkStatus());
      }
      ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
    }
    bool is_unreadable = false;
    SimProcess process(image, order,
                       {.seed = 2, .fates = [&](const Io& io) {
                          Fate fate;
                          // One fewer than are needed can be read.
                          const int drive = std::stoi(std::string(io.drive));
                          if (is_unreadable && io.kind == IoKind::kRead &&
                              drive >= geometry.data - 1) {
                            fate.kind = Fate::Kind::kFail;
                          }
                          return fate;
                        }});
    ASSERT_TRUE(process.Open().ok());
    is_unreadable = true;
    const auto failed = process.Run(process.set().Checkpoint());
    ASSERT_TRUE(failed.has_value());
    EXPECT_EQ(CodeOf(*failed), ErrorCode::kUnavailable) << *failed;
    is_unreadable = false;
    EXPECT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    EXPECT_EQ(history.Check(process), absl::OkStatus());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sweeps, CheckpointFaultTest,
    testing::Values(FaultSweep{{1, 0}, Fate::Kind::kFail},
                    FaultSweep{{1, 0}, Fate::Kind::kFailAfter},
                    FaultSweep{{1, 1}, Fate::Kind::kFail},
                    FaultSweep{{2, 2}, Fate::Kind::kFail},
                    FaultSweep{{2, 2}, Fate::Kind::kFailAfter},
                    FaultSweep{{2, 2}, Fate::Kind::kHang},
                    FaultSweep{{4, 2}, Fate::Kind::kFail},
                    FaultSweep{{4, 2}, Fate::Kind::kHang},
                    FaultSweep{{1, 0}, Fate::Kind::kFull},
                    FaultSweep{{4, 2}, Fate::Kind::kFull}));

}  // namespace
}  // namespace cairn::support
