// Formatting a drive, cut off at every step and resolved in every way: the
// drive is not formatted, or it is whole.

#include <cstdint>
#include <optional>

#include "gtest/gtest.h"

#include "set/member.h"
#include "support/figures.h"
#include "support/sim_drive.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 2, .parity = 1};

base::Task<> Format(drive::Drive* drive, format::DriveIdentity identity,
                    bool& done) {
  const absl::Status status = co_await set::FormatDrive(*drive, identity);
  EXPECT_TRUE(status.ok()) << status;
  done = true;
}

base::Task<> Check(drive::Drive* drive, bool must_be_formatted, bool& done) {
  const auto identity = co_await set::ReadIdentity(*drive);
  EXPECT_TRUE(identity.ok()) << identity.status();
  if (identity.ok() && identity->has_value()) {
    const auto member = co_await set::OpenMember(*drive, **identity);
    EXPECT_TRUE(member.ok()) << member.status();
    EXPECT_TRUE(member.ok() && member->catalogue.has_value());
  } else {
    EXPECT_FALSE(must_be_formatted);
  }
  done = true;
}

format::DriveIdentity Identity() {
  SeededRandom random(5);
  return set::NewIdentities({.geometry = kGeometry, .log_size = 256 << 10},
                            random)[0];
}

// Runs FormatDrive() for `steps` steps; true when it has ended.
bool FormatForSteps(SimMedia& media, std::uint64_t steps) {
  InOrder order;
  SimLoop loop(order);
  SimDrive drive({.media = &media, .loop = &loop});
  bool done = false;
  base::TaskScope scope;
  scope.Spawn(Format(&drive, Identity(), done));
  loop.RunUntil([&] { return done || loop.step_count() >= steps; });
  loop.Clear();
  return done;
}

void CheckDrive(SimMedia media, bool must_be_formatted) {
  InOrder order;
  SimLoop loop(order);
  SimDrive drive({.media = &media, .loop = &loop});
  bool done = false;
  base::TaskScope scope;
  scope.Spawn(Check(&drive, must_be_formatted, done));
  loop.RunAll();
  EXPECT_TRUE(done);
}

TEST(FormatCrashTest, ADriveIsFormattedWholeOrNotAtAll) {
  std::uint64_t images = 0;
  bool done = false;
  for (std::uint64_t step = 1; !done; ++step) {
    SimMedia media;
    done = FormatForSteps(media, step);
    Exhaustive outcomes;
    do {
      SCOPED_TRACE(testing::Message() << "crash after step " << step);
      SimMedia image = media;
      image.PowerCut(outcomes);
      CheckDrive(image, done);
      // An interrupted formatting is begun anew.
      EXPECT_TRUE(FormatForSteps(image, UINT64_MAX));
      CheckDrive(image, true);
      ++images;
    } while (outcomes.Advance());
  }
  AddFigure("crash_images", images);
}

}  // namespace
}  // namespace cairn::support
