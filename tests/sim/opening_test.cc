// Openings, looked at from inside: the promise, the member table, drives that
// do not belong.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "set/drive_log.h"
#include "set/log_scan.h"
#include "set/member.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 2, .parity = 2};

// The worst power cut: nothing survives that was not synced.
class NothingUnsynced : public Chooser {
 public:
  std::size_t Choose(std::size_t count) override { return count > 1 ? 1 : 0; }
};

struct Durable {
  int promises = 0;  // drives that promised at least the epoch
  int frames = 0;    // drives that hold a frame of it
};

base::Task<> Inspect(drive::Drive* drive, std::uint32_t epoch,
                     Durable& durable) {
  const auto identity = co_await set::ReadIdentity(*drive);
  EXPECT_TRUE(identity.ok() && identity->has_value());
  auto member = co_await set::OpenMember(*drive, **identity);
  EXPECT_TRUE(member.ok()) << member.status();
  if (!member.ok()) co_return;
  durable.promises += member->promised >= epoch ? 1 : 0;
  std::vector<set::DriveLog*> logs = {member->log.get()};
  const set::Slot base =
      set::SlotAfter(*member->catalogue, member->log->ring());
  const set::History history = co_await set::ScanLogs(std::move(logs), base);
  durable.frames += std::any_of(history.frames.begin(), history.frames.end(),
                                [&](const set::ScannedFrame& frame) {
                                  return frame.header.epoch == epoch;
                                })
                        ? 1
                        : 0;
}

Durable WhatIsDurable(SetImage image, std::uint32_t epoch) {
  NothingUnsynced worst;
  image.PowerCut(worst);
  InOrder order;
  SimLoop loop(order);
  Durable durable;
  std::vector<std::unique_ptr<SimDrive>> drives;
  base::TaskScope scope;
  for (SimMedia& media : image.drives) {
    drives.push_back(std::make_unique<SimDrive>(
        SimDriveOptions{.media = &media, .loop = &loop}));
    scope.Spawn(Inspect(drives.back().get(), epoch, durable));
  }
  loop.RunAll();
  return durable;
}

TEST(OpeningTest, TheEpochIsPromisedOnAQuorumBeforeAnyFrameOfIt) {
  SetImage image = FormatImage(kGeometry, 3);
  InOrder order;
  SimProcess process(image, order, {});
  process.StartOpen();
  int with_frames = 0;
  while (!process.opened().has_value() && process.loop().Step()) {
    const Durable durable = WhatIsDurable(image, 1);
    if (durable.frames == 0) continue;
    ++with_frames;
    ASSERT_GE(durable.promises, kGeometry.write_quorum());
  }
  EXPECT_TRUE(process.is_open());
  EXPECT_GT(with_frames, 0);
}

TEST(OpeningTest, AnInterruptedOpeningUsesUpItsEpoch) {
  SetImage image = FormatImage(kGeometry, 3);
  InOrder order;
  {
    SimProcess process(image, order, {});
    process.StartOpen();
    while (WhatIsDurable(image, 1).promises < kGeometry.drive_count()) {
      ASSERT_TRUE(process.loop().Step());
    }
  }
  SimProcess process(image, order, {});
  ASSERT_TRUE(process.Open().ok());
  EXPECT_EQ(process.set().epoch(), 2u);
}

class ReplacementTest : public testing::Test {
 protected:
  ReplacementTest() : image_(FormatImage(geometry_, 3)) {
    SimProcess process(image_, order_, {});
    EXPECT_TRUE(process.Open().ok());
    Put(process, "first");
  }

  void Put(SimProcess& process, std::string_view text) {
    std::vector<std::byte> blob;
    const auto put = process.Run(
        process.set().Commit(PutText(process.set(), "a", text, &blob)));
    ASSERT_TRUE(put.has_value());
    ASSERT_TRUE(put->ok()) << *put;
  }

  const set::Geometry geometry_{.data = 4, .parity = 2};
  InOrder order_;
  SetImage image_;
};

TEST_F(ReplacementTest, ARemovedDriveSaysNothingAnyMore) {
  {
    SimProcess process(
        image_, order_,
        {.reachable = {0, 1, 2, 3, 4},
         .open = {.replacement = set::Replacement{.position = 5}}});
    ASSERT_TRUE(process.Open().ok());
    Put(process, "second");
  }
  // With the removed drive back there are five members, no more.
  SimProcess process(image_, order_, {});
  ASSERT_TRUE(process.Open().ok());
  EXPECT_EQ(process.set().replicas().service(5), set::Service::kAbsent);
  EXPECT_EQ(GetText(process, "a").text, "second");
}

TEST_F(ReplacementTest, TheNewDriveHoldsEverythingAndCounts) {
  const set::Replacement order = AddReplacement(image_, 0, 77);
  {
    SimProcess process(
        image_, order_,
        {.reachable = {1, 2, 3, 4, 5, 6}, .open = {.replacement = order}});
    ASSERT_TRUE(process.Open().ok());
    EXPECT_EQ(process.set().replicas().service(0), set::Service::kCurrent);
  }
  // Any four shards give the bytes, the new drive's among them.
  SimProcess process(image_, order_, {.reachable = {6, 2, 3, 4, 5}});
  ASSERT_TRUE(process.Open().ok());
  const Found found = GetText(process, "a");
  EXPECT_TRUE(found.status.ok()) << found.status;
  EXPECT_EQ(found.text, "first");
}

TEST_F(ReplacementTest, TheReplacedDriveIsIgnoredWhenItReturns) {
  const set::Replacement order = AddReplacement(image_, 0, 77);
  {
    SimProcess process(
        image_, order_,
        {.reachable = {1, 2, 3, 4, 5, 6}, .open = {.replacement = order}});
    ASSERT_TRUE(process.Open().ok());
    Put(process, "second");
  }
  SimProcess process(image_, order_, {});
  ASSERT_TRUE(process.Open().ok());
  EXPECT_EQ(GetText(process, "a").text, "second");
  for (int i = 0; i < geometry_.drive_count(); ++i) {
    EXPECT_EQ(process.set().replicas().service(i), set::Service::kCurrent);
  }
}

TEST_F(ReplacementTest, TooFewOldMembersCannotReplace) {
  const set::Replacement order = AddReplacement(image_, 0, 77);
  SimProcess process(
      image_, order_,
      {.reachable = {1, 2, 3, 6}, .open = {.replacement = order}});
  EXPECT_EQ(CodeOf(process.Open()), ErrorCode::kQuorumLost);
}

TEST(MembersTest, ADriveOfAnotherDeploymentIsRefused) {
  SetImage image = FormatImage(kGeometry, 3);
  image.drives[2] = FormatImage(kGeometry, 4).drives[2];
  InOrder order;
  SimProcess process(image, order, {});
  EXPECT_EQ(CodeOf(process.Open()), ErrorCode::kWrongDeployment);
}

TEST(MembersTest, TwoClonesOfADriveAreRefused) {
  SetImage image = FormatImage(kGeometry, 3);
  image.drives[2] = image.drives[1];
  InOrder order;
  SimProcess process(image, order, {});
  EXPECT_EQ(CodeOf(process.Open()), ErrorCode::kDuplicateDrive);
}

TEST(MembersTest, DrivesMayComeInAnyOrder) {
  SetImage image = FormatImage(kGeometry, 3);
  std::swap(image.drives[0], image.drives[3]);
  InOrder order;
  SimProcess process(image, order, {});
  EXPECT_TRUE(process.Open().ok());
}

TEST(ReadOnlyTest, WritesNothingAndShowsWhatIsDecided) {
  SetImage image = FormatImage(kGeometry, 3);
  InOrder order;
  {
    SimProcess process(image, order, {});
    ASSERT_TRUE(process.Open().ok());
    std::vector<std::byte> blob;
    process.Run(
        process.set().Commit(PutText(process.set(), "a", "first", &blob)));
    process.Run(process.set().Close());
  }
  int writes = 0;
  SimProcess process(
      image, order,
      {.open = {.mode = set::OpenMode::kReadOnly}, .fates = [&](const Io& io) {
         writes += io.changes_drive() ? 1 : 0;
         return Fate();
       }});
  ASSERT_TRUE(process.Open().ok());
  EXPECT_EQ(GetText(process, "a").text, "first");
  std::vector<std::byte> blob;
  const auto put = process.Run(
      process.set().Commit(PutText(process.set(), "a", "no", &blob)));
  ASSERT_TRUE(put.has_value());
  EXPECT_EQ(CodeOf(*put), ErrorCode::kReadOnly);
  EXPECT_EQ(writes, 0);
}

}  // namespace
}  // namespace cairn::support
