// A life with large blobs in which each request fails in turn: the contract of
// every put holds, a set that has a write quorum left goes on, and the next
// opening heals what drives lack and leaves no file behind.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "support/blob_history.h"
#include "support/figures.h"
#include "support/sim_blobs.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

struct Sweep {
  set::Geometry geometry;
  Fate::Kind fault;
};

class BlobFaultTest : public testing::TestWithParam<Sweep> {
 protected:
  // Lives while request `nth` behind the opening fails; how many there were.
  std::uint64_t Live(SetImage& image, std::uint64_t nth, BlobHistory& history);
  void CheckAfter(SetImage& image, const BlobHistory& history);

  bool survives() const {
    const set::Geometry& geometry = GetParam().geometry;
    return geometry.write_quorum() < geometry.drive_count();
  }
};

std::uint64_t BlobFaultTest::Live(SetImage& image, std::uint64_t nth,
                                  BlobHistory& history) {
  InOrder order;
  std::uint64_t io_count = 0;
  bool is_counting = false;
  SimProcess process(image, order, {.fates = [&](const Io&) {
                       Fate fate;
                       if (is_counting && io_count++ == nth) {
                         fate.kind = GetParam().fault;
                       }
                       return fate;
                     }});
  EXPECT_TRUE(process.Open().ok());
  is_counting = true;
  process.set().StartCare();
  const auto lived = process.Run(history.Live(process.set()));
  EXPECT_TRUE(lived.has_value()) << "it hangs";
  if (survives()) {
    EXPECT_EQ(lived.value_or(absl::OkStatus()), absl::OkStatus());
    EXPECT_TRUE(process.Run(process.set().Close()).has_value()) << "it hangs";
  }
  return io_count;
}

void BlobFaultTest::CheckAfter(SetImage& image, const BlobHistory& history) {
  InOrder order;
  SimProcess process(image, order, {.seed = 2});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_FALSE(process.set().is_read_only());
  EXPECT_EQ(history.Check(process), absl::OkStatus());
  process.set().StartCare();
  const absl::StatusOr<set::HealCounts> healed = HealAll(process);
  ASSERT_TRUE(healed.ok()) << healed.status();
  EXPECT_EQ(healed->unrecoverable, 0u);
  EXPECT_EQ(healed->postponed, 0u);
  process.loop().RunAll();
  ASSERT_TRUE(process.Run(process.set().Close()).has_value());
  EXPECT_EQ(history.Check(process), absl::OkStatus());
  const std::vector<BlobShard> shards = BlobShardsOf(image.drives[0]);
  for (const SimMedia& drive : image.drives) {
    EXPECT_EQ(BlobShardsOf(drive), shards);
  }
}

TEST_P(BlobFaultTest, EveryFailedRequestLosesNothing) {
  const SetImage formatted = FormatImage(GetParam().geometry, 3);
  SetImage untouched = formatted;
  BlobHistory good;
  const std::uint64_t count =
      Live(untouched, std::numeric_limits<std::uint64_t>::max(), good);
  ASSERT_TRUE(good.is_over());
  for (std::uint64_t nth = 0; nth < count; ++nth) {
    SCOPED_TRACE(testing::Message() << "failed request " << nth);
    SetImage image = formatted;
    BlobHistory history;
    Live(image, nth, history);
    SeededRandom random(nth);
    image.PowerCut(random);
    CheckAfter(image, history);
    if (HasFailure()) return;
  }
  AddFigure("io_failures", count);
}

INSTANTIATE_TEST_SUITE_P(Sweeps, BlobFaultTest,
                         testing::Values(Sweep{{1, 0}, Fate::Kind::kFail},
                                         Sweep{{1, 0}, Fate::Kind::kFailAfter},
                                         Sweep{{2, 1}, Fate::Kind::kFail},
                                         Sweep{{2, 2}, Fate::Kind::kFailAfter},
                                         Sweep{{2, 2}, Fate::Kind::kHang},
                                         Sweep{{4, 2}, Fate::Kind::kFail},
                                         Sweep{{4, 2}, Fate::Kind::kHang}));

}  // namespace
}  // namespace cairn::support
