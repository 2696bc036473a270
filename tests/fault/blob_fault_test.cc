// A life with large blobs in which each request fails in turn: the contract of
// every put holds, a set that has a write quorum left goes on, and the next
// opening heals what drives lack and leaves no file behind.

#include "gtest/gtest.h"

#include "support/blob_history.h"
#include "support/ending.h"
#include "support/fault_sweep.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

class BlobFaultTest : public testing::TestWithParam<FaultSweep> {
 protected:
  // Lives, under the fault from the opening on.
  BlobHistory Live(SetImage& image, NthFault& fault);
  void CheckAfter(SetImage& image, const BlobHistory& history);
};

BlobHistory BlobFaultTest::Live(SetImage& image, NthFault& fault) {
  BlobHistory history;
  InOrder order;
  SimProcess process(image, order, {.fates = fault.fates()});
  EXPECT_TRUE(process.Open().ok());
  fault.Start();
  process.set().StartCare();
  const auto lived = process.Run(history.Live(process.set()));
  EXPECT_TRUE(lived.has_value()) << "it hangs";
  if (GetParam().survives()) {
    EXPECT_TRUE(history.is_over()) << lived.value_or(absl::OkStatus());
    EXPECT_TRUE(process.Run(process.set().Close()).has_value()) << "it hangs";
  }
  return history;
}

void BlobFaultTest::CheckAfter(SetImage& image, const BlobHistory& history) {
  InOrder order;
  EXPECT_EQ(
      EndWhole(image, order, {.seed = 2},
               [&](SimProcess& process) { return history.Check(process); }),
      absl::OkStatus());
}

TEST_P(BlobFaultTest, EveryFailedRequestLosesNothing) {
  SweepFaults(
      FormatImage(GetParam().geometry, 3), {.kind = GetParam().fault},
      [&](SetImage& image, NthFault& fault) { return Live(image, fault); },
      [&](SetImage& image, const BlobHistory& history) {
        CheckAfter(image, history);
      });
}

INSTANTIATE_TEST_SUITE_P(
    Sweeps, BlobFaultTest,
    testing::Values(FaultSweep{{1, 0}, Fate::Kind::kFail},
                    FaultSweep{{1, 0}, Fate::Kind::kFailAfter},
                    FaultSweep{{2, 1}, Fate::Kind::kFail},
                    FaultSweep{{2, 2}, Fate::Kind::kFailAfter},
                    FaultSweep{{2, 2}, Fate::Kind::kHang},
                    FaultSweep{{4, 2}, Fate::Kind::kFail},
                    FaultSweep{{4, 2}, Fate::Kind::kHang},
                    FaultSweep{{1, 0}, Fate::Kind::kFull},
                    FaultSweep{{4, 2}, Fate::Kind::kFull}));

}  // namespace
}  // namespace cairn::support
