// Every crash point of a short history, every image that the crash can leave,
// every subset of reachable drives: whatever opens must show all that was
// acknowledged, in full, and never change its mind about the rest.

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

struct Scenario {
  set::Geometry geometry;
  int hung = -1;         // a drive that answers no write of the last put
  bool has_blob = true;  // else the last put is metadata only
};

std::string NameOf(const testing::TestParamInfo<Scenario>& info) {
  const Scenario& s = info.param;
  return std::to_string(s.geometry.data) + "p" +
         std::to_string(s.geometry.parity) +
         (s.hung < 0 ? "" : "hung" + std::to_string(s.hung)) +
         (s.has_blob ? "blob" : "meta");
}

// What a crashed process leaves: the image, and what it had promised.
struct Wreck {
  SetImage image;
  bool opened = false;
  bool first_acked = false;
  bool last_acked = false;
};

constexpr std::uint64_t kSeed = 7;

// Opens, puts "first" and then "last", and stops after `steps` steps; false
// when the history is over before that.
bool RunUntilStep(const Scenario& scenario, const SetImage& formatted,
                  std::uint64_t steps, Wreck& wreck) {
  wreck.image = formatted;
  InOrder order;
  bool hang = false;
  SimProcess process(wreck.image, order,
                     {.seed = kSeed, .fates = [&](const Io& io) {
                        Fate fate;
                        if (hang && io.drive == std::to_string(scenario.hung) &&
                            io.changes_drive()) {
                          fate.kind = Fate::Kind::kHang;
                        }
                        return fate;
                      }});
  SimLoop& loop = process.loop();
  const auto run = [&](auto done) {
    return loop.RunUntil([&] { return done() || loop.step_count() >= steps; });
  };
  process.StartOpen();
  run([&] { return process.opened().has_value(); });
  if (!process.opened().has_value()) return true;
  wreck.opened = true;
  EXPECT_TRUE(process.is_open()) << *process.opened();
  std::optional<absl::Status> result;
  std::vector<std::byte> blob;
  process.StartCommit(PutText(process.set(), "a", "first", &blob), result);
  run([&] { return result.has_value(); });
  if (!result.has_value()) return true;
  wreck.first_acked = result->ok();
  EXPECT_TRUE(result->ok()) << *result;
  hang = scenario.hung >= 0;
  std::optional<absl::Status> last;
  std::vector<std::byte> last_blob;
  process.StartCommit(PutText(process.set(), "a", "last",
                              scenario.has_blob ? &last_blob : nullptr),
                      last);
  run([&] { return last.has_value(); });
  if (!last.has_value()) return loop.step_count() >= steps;
  wreck.last_acked = last->ok();
  EXPECT_TRUE(last->ok()) << *last;
  return false;
}

std::vector<int> DrivesOf(unsigned mask, int count) {
  std::vector<int> drives;
  for (int i = 0; i < count; ++i) {
    if (mask >> i & 1u) drives.push_back(i);
  }
  return drives;
}

class CommitExhaustiveTest : public testing::TestWithParam<Scenario> {
 protected:
  void CheckOpening(const Wreck& wreck, unsigned mask, bool crash_again);
  void CheckCrash(const Wreck& wreck, bool power);
  void CheckValue(const Wreck& wreck, const Found& found, bool all_reachable);

  // Of all openings every one is tried, where that takes a minute; under a
  // sanitizer, whose business is not the protocol, one of eleven. That meets
  // every subset of drives: none has a number of them that eleven divides.
  const std::uint64_t stride_ =
      std::max<std::uint64_t>(1100 / TestIterations(1100), 1);
  std::uint64_t openings_ = 0;
  std::uint64_t images_ = 0;
  std::uint64_t undecided_ = 0;
};

void CommitExhaustiveTest::CheckValue(const Wreck& wreck, const Found& found,
                                      bool all_reachable) {
  if (CodeOf(found.status) == ErrorCode::kUndecided) {
    EXPECT_FALSE(all_reachable);
    ++undecided_;
    return;
  }
  ASSERT_TRUE(found.status.ok()) << found.status;
  const std::string text = found.text.value_or("absent");
  if (wreck.last_acked) {
    EXPECT_EQ(text, "last");
  } else if (wreck.first_acked) {
    EXPECT_TRUE(text == "first" || text == "last") << text;
  } else {
    EXPECT_TRUE(text == "absent" || text == "first") << text;
  }
}

void CommitExhaustiveTest::CheckOpening(const Wreck& wreck, unsigned mask,
                                        bool crash_again) {
  if (openings_++ % stride_ != 0) return;
  const set::Geometry geometry = GetParam().geometry;
  const std::vector<int> reachable = DrivesOf(mask, geometry.drive_count());
  SCOPED_TRACE(testing::Message() << "reachable drives, mask " << mask);
  SetImage image = wreck.image;
  ++images_;
  InOrder order;
  Found found;
  {
    SimProcess process(image, order, {.seed = 99, .reachable = reachable});
    const absl::Status opened = process.Open();
    const bool enough =
        static_cast<int>(reachable.size()) >= geometry.write_quorum();
    if (!enough) {
      EXPECT_EQ(CodeOf(opened), ErrorCode::kQuorumLost) << opened;
      return;
    }
    ASSERT_TRUE(opened.ok()) << opened;
    const bool all =
        static_cast<int>(reachable.size()) == geometry.drive_count();
    if (all) {
      EXPECT_FALSE(process.set().is_read_only());
    }
    found = GetText(process, "a");
    CheckValue(wreck, found, all);
  }
  if (!crash_again || !found.status.ok()) return;
  // What was served once stays so, with every drive back.
  SeededRandom random(images_);
  image.PowerCut(random);
  SimProcess process(image, order, {.seed = 100});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  const Found again = GetText(process, "a");
  ASSERT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(again.text, found.text);
}

void CommitExhaustiveTest::CheckCrash(const Wreck& wreck, bool power) {
  SCOPED_TRACE(power ? "power cut" : "process ended");
  const unsigned all = (1u << GetParam().geometry.drive_count()) - 1;
  Exhaustive outcomes;
  do {
    Wreck crashed = wreck;
    if (power) {
      crashed.image.PowerCut(outcomes);
    } else {
      crashed.image.EndProcess(outcomes);
    }
    for (unsigned mask = 1; mask <= all; ++mask) {
      CheckOpening(crashed, mask, power);
      if (HasFailure()) return;
    }
  } while (outcomes.Advance());
}

TEST_P(CommitExhaustiveTest, EveryCrashImageOpensToWhatWasAcknowledged) {
  const Scenario scenario = GetParam();
  const SetImage formatted = FormatImage(scenario.geometry, 3);
  Wreck wreck;
  bool goes_on = true;
  for (std::uint64_t step = 1; goes_on; ++step) {
    goes_on = RunUntilStep(scenario, formatted, step, wreck);
    for (const bool power : {false, true}) {
      SCOPED_TRACE(testing::Message() << "crash after step " << step);
      CheckCrash(wreck, power);
      if (HasFailure()) return;
    }
  }
  AddFigure("crash_images", images_);
}

INSTANTIATE_TEST_SUITE_P(Geometries, CommitExhaustiveTest,
                         testing::Values(Scenario{{1, 0}}, Scenario{{1, 1}},
                                         Scenario{{2, 1}},
                                         Scenario{{2, 1}, -1, false},
                                         Scenario{{2, 1}, 1}, Scenario{{2, 2}},
                                         Scenario{{2, 2}, 0}),
                         NameOf);

}  // namespace
}  // namespace cairn::support
