// Commits under failing I/O. One sweep fails each request of a short life in
// turn, so every error path runs and no test has to name it; a path added later
// is swept too. SimDrive numbers the requests of all drives in the order in
// which they are made, which the loop makes deterministic.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
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
