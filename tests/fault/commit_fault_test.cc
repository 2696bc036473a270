// Commits under failing I/O: each request of a short life fails in turn.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/fault_sweep.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

struct Life {
  bool opened = false;
  bool first_acked = false;
  std::optional<absl::Status> last;
};

class CommitFaultTest : public testing::TestWithParam<FaultSweep> {
 protected:
  // Opens, puts "first" and "last" and closes under the fault.
  Life Live(SetImage& image, NthFault& fault) const;
  void CheckAfter(SetImage& image, const Life& life) const;
};

Life CommitFaultTest::Live(SetImage& image, NthFault& fault) const {
  Life life;
  InOrder order;
  SimProcess process(image, order, {.fates = fault.fates()});
  fault.Start();
  life.opened = process.Open().ok();
  if (!life.opened || process.set().is_read_only()) return life;
  std::vector<std::byte> blob;
  const auto first = process.Run(
      process.set().Commit(PutText(process.set(), "a", "first", &blob)));
  life.first_acked = first.has_value() && first->ok();
  std::vector<std::byte> last_blob;
  life.last = process.Run(
      process.set().Commit(PutText(process.set(), "a", "last", &last_blob)));
  process.Run(process.set().Close());
  return life;
}

// The contract of a commit, as a check.
void CommitFaultTest::CheckAfter(SetImage& image, const Life& life) const {
  InOrder order;
  SimProcess process(image, order, {.seed = 2});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_FALSE(process.set().is_read_only());
  const Found found = GetText(process, "a");
  ASSERT_TRUE(found.status.ok()) << found.status;
  const std::string text = found.text.value_or("absent");
  if (!life.last.has_value()) {
    EXPECT_TRUE(text == "absent" || text == "first");
  } else if (life.last->ok()) {
    EXPECT_EQ(text, "last");
  } else if (CodeOf(*life.last) != ErrorCode::kOutcomeUnknown) {
    EXPECT_NE(text, "last") << *life.last;
  }
  if (life.first_acked) {
    EXPECT_NE(text, "absent");
  }
  if (!GetParam().survives()) return;
  ASSERT_TRUE(life.opened);
  EXPECT_EQ(life.last, absl::OkStatus());
}

TEST_P(CommitFaultTest, EveryFailedRequestThenAPowerCutKeepsTheContract) {
  SweepFaults(
      FormatImage(GetParam().geometry, 3), {.kind = GetParam().fault},
      [&](SetImage& image, NthFault& fault) { return Live(image, fault); },
      [&](SetImage& image, const Life& life) { CheckAfter(image, life); });
}

// A commit looked at a record while a checkpoint moved it, so it has to look
// again; meanwhile the frame fails that others of its group are in. It is told
// so, and does not look for ever.
TEST(OutdatedCommitTest, ACommitThatIsRefusedWhenItHasLookedAgainEnds) {
  InOrder order;
  SetImage image = FormatImage({.data = 1, .parity = 0}, 3);
  {
    SimProcess process(image, order, {});
    ASSERT_TRUE(process.Open().ok());
    ASSERT_EQ(process.Run(process.set().Commit(
                  PutText(process.set(), "a", "first", nullptr))),
              absl::OkStatus());
    ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
  }
  bool next_read_is_slow = false;
  bool writes_are_slow = false;
  bool writes_fail = false;
  int slow_writes = 0;
  SimProcess::Options options{
      .seed = 2, .fates = [&](const Io& io) {
        Fate fate;
        if (io.kind == IoKind::kRead && io.path.starts_with("runs/") &&
            std::exchange(next_read_is_slow, false)) {
          fate.latency = absl::Minutes(1);
        }
        if (io.kind == IoKind::kWriteSynced && writes_are_slow) {
          fate.latency = absl::Minutes(10);
          ++slow_writes;
        }
        if (io.kind == IoKind::kWriteSynced && writes_fail) {
          fate.kind = Fate::Kind::kFail;
        }
        return fate;
      }};
  options.set.replicas.write_deadline = absl::Hours(10);
  SimProcess process(image, order, std::move(options));
  ASSERT_TRUE(process.Open().ok());
  // Looks for a minute.
  next_read_is_slow = true;
  storage::Batch looks = PutText(process.set(), "a", "second", nullptr);
  looks.guards.push_back({.key = "a", .condition = storage::Guard::Present()});
  std::optional<absl::Status> looked;
  process.StartCommit(std::move(looks), looked);
  ASSERT_EQ(process.Run(process.set().Commit(
                PutText(process.set(), "b", "text", nullptr))),
            absl::OkStatus());
  ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
  // Is on its way for ten minutes, so that the next two share a group.
  writes_are_slow = true;
  std::optional<absl::Status> before;
  process.StartCommit(PutText(process.set(), "c", "text", nullptr), before);
  ASSERT_TRUE(process.loop().RunUntil([&] { return slow_writes == 1; }));
  ASSERT_FALSE(looked.has_value());
  writes_are_slow = false;
  writes_fail = true;
  std::optional<absl::Status> fails;
  process.StartCommit(PutText(process.set(), "d", "text", nullptr), fails);
  const std::uint64_t end = process.loop().step_count() + 100'000;
  process.loop().RunUntil(
      [&] { return looked.has_value() || process.loop().step_count() >= end; });
  EXPECT_EQ(before, absl::OkStatus());
  ASSERT_TRUE(fails.has_value());
  EXPECT_EQ(CodeOf(*fails), ErrorCode::kOutcomeUnknown) << *fails;
  ASSERT_TRUE(looked.has_value());
  EXPECT_EQ(CodeOf(*looked), ErrorCode::kReadOnly) << *looked;
}

INSTANTIATE_TEST_SUITE_P(
    Sweeps, CommitFaultTest,
    testing::Values(FaultSweep{{1, 0}, Fate::Kind::kFail},
                    FaultSweep{{1, 0}, Fate::Kind::kFailAfter},
                    FaultSweep{{1, 1}, Fate::Kind::kFail},
                    FaultSweep{{2, 1}, Fate::Kind::kFail},
                    FaultSweep{{2, 2}, Fate::Kind::kFail},
                    FaultSweep{{2, 2}, Fate::Kind::kFailAfter},
                    FaultSweep{{4, 2}, Fate::Kind::kFail}));

}  // namespace
}  // namespace cairn::support
