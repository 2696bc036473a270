// Commits under failing I/O. One sweep fails each request of a short life in
// turn, so every error path runs and no test has to name it; a path added later
// is swept too. SimDrive numbers the requests of all drives in the order in
// which they are made, which the loop makes deterministic.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/figures.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

struct Sweep {
  set::Geometry geometry;
  Fate::Kind fault;
};

struct Life {
  std::uint64_t io_count = 0;
  bool opened = false;
  bool first_acked = false;
  std::optional<absl::Status> last;
};

class CommitFaultTest : public testing::TestWithParam<Sweep> {
 protected:
  // Opens, puts "first" and "last" and closes while request `nth` fails.
  Life Live(SetImage& image, std::uint64_t nth) const;
  void CheckAfter(SetImage& image, const Life& life) const;
};

Life CommitFaultTest::Live(SetImage& image, std::uint64_t nth) const {
  Life life;
  InOrder order;
  SimProcess process(image, order, {.fates = [&](const Io&) {
                       Fate fate;
                       if (life.io_count++ == nth) {
                         fate.kind = GetParam().fault;
                       }
                       return fate;
                     }});
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
}

TEST_P(CommitFaultTest, EveryFailedRequestThenAPowerCutKeepsTheContract) {
  const SetImage formatted = FormatImage(GetParam().geometry, 3);
  SetImage untouched = formatted;
  const std::uint64_t count =
      Live(untouched, std::numeric_limits<std::uint64_t>::max()).io_count;
  ASSERT_GT(count, 0u);
  for (std::uint64_t nth = 0; nth < count; ++nth) {
    SCOPED_TRACE(testing::Message() << "failed request " << nth);
    SetImage image = formatted;
    const Life life = Live(image, nth);
    if (GetParam().geometry.parity >= 1) {
      const bool survives = GetParam().geometry.write_quorum() <
                            GetParam().geometry.drive_count();
      if (survives) {
        ASSERT_TRUE(life.opened);
        ASSERT_TRUE(life.last.has_value());
        EXPECT_TRUE(life.last->ok()) << *life.last;
      }
    }
    SeededRandom random(nth);
    image.PowerCut(random);
    CheckAfter(image, life);
    if (HasFailure()) return;
  }
  AddFigure("io_failures", count);
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

INSTANTIATE_TEST_SUITE_P(Sweeps, CommitFaultTest,
                         testing::Values(Sweep{{1, 0}, Fate::Kind::kFail},
                                         Sweep{{1, 0}, Fate::Kind::kFailAfter},
                                         Sweep{{1, 1}, Fate::Kind::kFail},
                                         Sweep{{2, 1}, Fate::Kind::kFail},
                                         Sweep{{2, 2}, Fate::Kind::kFail},
                                         Sweep{{2, 2}, Fate::Kind::kFailAfter},
                                         Sweep{{4, 2}, Fate::Kind::kFail}));

}  // namespace
}  // namespace cairn::support
