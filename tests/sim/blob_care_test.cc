// What becomes of the files of large blobs: healed where they are missing or
// damaged, removed when nobody names them, and not before.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/sim_blobs.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 4, .parity = 2};

// The parameter is what the texts of large blobs begin with: "large file", for
// files of their own, or "large", for slices of open packs.
class BlobCareTest : public testing::TestWithParam<std::string> {
 protected:
  BlobCareTest() : image_(FormatImage(kGeometry, 3)) {}

  void Open(SimProcess& process) {
    const absl::Status opened = process.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    process.set().StartCare();
  }
  static std::string Large(int i) {
    return fmt::format("{} {}", GetParam(), i);
  }
  void PutLarge(SimProcess& process, int i) {
    const auto put = process.Run(PutLargeText(process.set(), "a", Large(i)));
    ASSERT_EQ(put, absl::OkStatus());
  }
  // When all is done that was begun: closing waits for nothing else.
  void Close(SimProcess& process) {
    process.loop().RunAll();
    ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
  }
  void ExpectText(SimProcess& process, const std::string& text) {
    const Found found = GetText(process, "a");
    ASSERT_TRUE(found.status.ok()) << found.status;
    EXPECT_EQ(found.text, text);
  }
  storage::BlobRef Seal(SimProcess& process) {
    const auto sealed =
        process.Run(SealLargeText(process.set(), GetParam() + ", nobody's"));
    EXPECT_TRUE(sealed.has_value() && sealed->ok());
    return **sealed;
  }

  static SimProcess::Options Reading(std::vector<int> reachable) {
    return {.seed = 9,
            .reachable = std::move(reachable),
            .open = {.mode = set::OpenMode::kReadOnly}};
  }

  SimMedia& Drive(int i) { return image_.drives[static_cast<std::size_t>(i)]; }
  std::size_t ShardCount(int drive) {
    return BlobShardsOf(Drive(drive)).size();
  }

  InOrder order_;
  SetImage image_;
};

bool IsOfLargeBlob(const Io& io) {
  return io.path.starts_with("blobs/") || io.path.starts_with("open_packs/");
}

TEST_P(BlobCareTest, ReadingADamagedShardHealsIt) {
  SimProcess process(image_, order_, {});
  Open(process);
  PutLarge(process, 1);
  const BlobShard shard = BlobShardsOf(Drive(2)).front();
  const std::vector<std::byte> before = BytesOf(Drive(2), shard);
  Drive(2).files[shard.path].Flip(shard.offset + 100, 3);
  ASSERT_NE(BytesOf(Drive(2), shard), before);
  ExpectText(process, Large(1));
  Close(process);
  EXPECT_EQ(BytesOf(Drive(2), shard), before);
  EXPECT_EQ(process.set().counters().blobs.healed, 1u);
}

TEST_P(BlobCareTest, ReadingAMissingShardHealsIt) {
  SimProcess process(image_, order_, {});
  Open(process);
  PutLarge(process, 1);
  const BlobShard shard = BlobShardsOf(Drive(0)).front();
  const std::vector<std::byte> before = BytesOf(Drive(0), shard);
  Erase(Drive(0), shard);
  ExpectText(process, Large(1));
  Close(process);
  EXPECT_EQ(BytesOf(Drive(0), shard), before);
}

// One bad sector is no reason to give up a drive.
TEST_P(BlobCareTest, AShardThatCannotBeReadIsHealedOnADriveThatGoesOnServing) {
  bool is_unreadable = false;
  SimProcess process(image_, order_, {.fates = [&](const Io& io) {
                       Fate fate;
                       if (is_unreadable && io.drive == "2" &&
                           io.kind == IoKind::kRead && IsOfLargeBlob(io)) {
                         fate.kind = Fate::Kind::kFail;
                       }
                       return fate;
                     }});
  Open(process);
  PutLarge(process, 1);
  is_unreadable = true;
  ExpectText(process, Large(1));
  Close(process);
  EXPECT_EQ(process.set().counters().blobs.healed, 1u);
  EXPECT_EQ(process.set().counters().replicas.fences, 0u);
}

// More shards are lost than parity: the record stays, and every read says so.
TEST_P(BlobCareTest, WhatCannotBeHealedStaysAnError) {
  SimProcess process(image_, order_, {});
  Open(process);
  PutLarge(process, 1);
  for (const int drive : {0, 2, 5}) {
    Erase(Drive(drive), BlobShardsOf(Drive(drive)).front());
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(CodeOf(GetText(process, "a").status), ErrorCode::kUnrecoverable);
  }
  for (const int drive : {1, 3, 4}) {
    Erase(Drive(drive), BlobShardsOf(Drive(drive)).front());
  }
  EXPECT_EQ(CodeOf(GetText(process, "a").status), ErrorCode::kUnrecoverable);
  Close(process);
  SimProcess next(image_, order_, {.seed = 2});
  Open(next);
  EXPECT_EQ(CodeOf(GetText(next, "a").status), ErrorCode::kUnrecoverable);
}

TEST_P(BlobCareTest, AReplacedBlobIsRemovedFromEveryDrive) {
  SimProcess process(image_, order_, {});
  Open(process);
  PutLarge(process, 1);
  PutLarge(process, 2);
  Close(process);
  for (int i = 0; i < kGeometry.drive_count(); ++i)
    EXPECT_EQ(ShardCount(i), 1u);
  EXPECT_EQ(process.set().counters().blobs.freed, 1u);
}

TEST_P(BlobCareTest, AFreedBlobWaitsForADriveThatIsAway) {
  {
    SimProcess process(image_, order_, {});
    Open(process);
    PutLarge(process, 1);
    Close(process);
  }
  {
    SimProcess process(image_, order_,
                       {.seed = 2, .reachable = {0, 1, 2, 3, 4}});
    Open(process);
    PutLarge(process, 2);
    Close(process);
    EXPECT_EQ(process.set().counters().blobs.freed, 0u);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ShardCount(i), 1u);
  }
  EXPECT_EQ(ShardCount(5), 1u);
  SimProcess process(image_, order_, {.seed = 3});
  Open(process);
  ASSERT_TRUE(HealAll(process).ok());
  Close(process);
  ExpectText(process, Large(2));
  for (int i = 0; i < kGeometry.drive_count(); ++i)
    EXPECT_EQ(ShardCount(i), 1u);
}

TEST_P(BlobCareTest, ASealedBlobThatNobodyNamesGoesWithTheNextOpening) {
  {
    SimProcess process(image_, order_, {});
    Open(process);
    Seal(process);
    ASSERT_TRUE(HealAll(process).ok());
    Close(process);
    EXPECT_EQ(ShardCount(0), 1u);
  }
  SimProcess process(image_, order_, {.seed = 2});
  Open(process);
  ASSERT_TRUE(HealAll(process).ok());
  Close(process);
  for (int i = 0; i < kGeometry.drive_count(); ++i)
    EXPECT_EQ(ShardCount(i), 0u);
  EXPECT_EQ(process.set().counters().blobs.orphans, 1u);
}

TEST_P(BlobCareTest, OrphansStayWhileADriveIsAway) {
  {
    SimProcess process(image_, order_, {});
    Open(process);
    Seal(process);
    Close(process);
  }
  SimProcess process(image_, order_, {.seed = 2, .reachable = {0, 1, 2, 3, 4}});
  Open(process);
  ASSERT_TRUE(HealAll(process).ok());
  Close(process);
  EXPECT_EQ(ShardCount(0), 1u);
}

// After an opening nobody can know any more whether it was collected.
TEST_P(BlobCareTest, ABlobOfAnEarlierOpeningIsNotPut) {
  storage::BlobRef blob;
  {
    SimProcess process(image_, order_, {});
    Open(process);
    blob = Seal(process);
    Close(process);
  }
  SimProcess process(image_, order_, {.seed = 2});
  Open(process);
  storage::Batch batch = PutText(process.set(), "a", Large(1), nullptr);
  batch.puts.front().blob = blob;
  const auto put = process.Run(process.set().Commit(std::move(batch)));
  ASSERT_TRUE(put.has_value());
  EXPECT_EQ(CodeOf(*put), ErrorCode::kInvalidArgument) << *put;
  const Found found = GetText(process, "a");
  EXPECT_EQ(found.status, absl::OkStatus());
  EXPECT_EQ(found.text, std::nullopt);
}

// A drive that was slow for one blob has its shard soon after.
TEST_P(BlobCareTest, ADriveThatWasLateIsHealedWithoutAnOpening) {
  bool is_slow = true;
  SimProcess process(image_, order_, {.fates = [&](const Io& io) {
                       Fate fate;
                       if (is_slow && io.drive == "3" && IsOfLargeBlob(io) &&
                           io.kind == IoKind::kSync) {
                         fate.latency = absl::Seconds(2);
                       }
                       return fate;
                     }});
  Open(process);
  PutLarge(process, 1);
  is_slow = false;
  Close(process);
  EXPECT_EQ(process.set().counters().blobs.healed, 1u);
  // The healed shard counts: two others may go.
  SimProcess next(image_, order_, Reading({0, 1, 2, 3}));
  ASSERT_TRUE(next.Open().ok());
  ExpectText(next, Large(1));
}

// What goes while it is made is no blob that nobody names.
TEST_P(BlobCareTest, AShardWhoseNewFileGoesIsMadeOnceMore) {
  {
    SimProcess process(image_, order_, {});
    Open(process);
    PutLarge(process, 1);
    Close(process);
  }
  const BlobShard shard = BlobShardsOf(Drive(2)).front();
  const std::vector<std::byte> before = BytesOf(Drive(2), shard);
  int renames = 0;
  SimProcess process(image_, order_,
                     {.seed = 2, .fates = [&](const Io& io) {
                        if (io.drive == "2" && io.kind == IoKind::kRename &&
                            IsOfLargeBlob(io) && renames++ == 0) {
                          Drive(2).files.erase(std::string(io.path));
                        }
                        return Fate();
                      }});
  Open(process);
  process.loop().RunAll();
  Drive(2).files.erase(shard.path);
  ExpectText(process, Large(1));
  Close(process);
  EXPECT_EQ(renames, 2);
  EXPECT_EQ(BytesOf(Drive(2), shard), before);
  EXPECT_EQ(process.set().counters().replicas.fences, 0u);
}

// It was behind while a checkpoint packed, and the log that had it was given
// up.
TEST_P(BlobCareTest, ADriveThatCaughtUpGetsThePacksThatItMissed) {
  bool is_slow = false;
  SimProcess::Options options{.fates = [&](const Io& io) {
    Fate fate;
    if (is_slow && io.drive == "3" && io.changes_drive()) {
      fate.latency = absl::Seconds(2);
    }
    return fate;
  }};
  options.set.replicas.backlog_size_max = 8 << 10;
  SimProcess process(image_, order_, std::move(options));
  Open(process);
  is_slow = true;
  for (int i = 0; i < 30; ++i) {
    std::vector<std::byte> blob;
    ASSERT_EQ(process.Run(process.set().Commit(
                  PutText(process.set(), std::to_string(i), "small", &blob))),
              absl::OkStatus());
  }
  ASSERT_EQ(process.set().replicas().service(3), set::Service::kBehind);
  ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
  is_slow = false;
  process.loop().RunUntil([&] {
    return process.set().replicas().service(3) == set::Service::kCurrent;
  });
  const auto has_packs = [&](int drive) {
    return std::ranges::any_of(Drive(drive).files, [](const auto& file) {
      return file.first.starts_with("packs/") && !file.first.ends_with(".new");
    });
  };
  EXPECT_TRUE(has_packs(0));
  EXPECT_TRUE(process.loop().RunUntil([&] { return has_packs(3); }));
  Close(process);
}

// Two of them are lost, one after the other takes its place, and then two of
// the others are lost.
TEST_P(BlobCareTest, ReplacedDrivesGetTheirShardsOfPacksAndBlobs) {
  const std::string text = "small, in a pack";
  {
    SimProcess process(image_, order_, {});
    Open(process);
    PutLarge(process, 1);
    std::vector<std::byte> blob;
    ASSERT_EQ(process.Run(process.set().Commit(
                  PutText(process.set(), "p", text, &blob))),
              absl::OkStatus());
    ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    Close(process);
  }
  std::vector<int> reachable = {0, 2, 3, 5};
  for (const int position : {1, 4}) {
    const set::Replacement order =
        AddReplacement(image_, position, 100 + position);
    reachable.push_back(static_cast<int>(image_.drives.size()) - 1);
    SimProcess process(
        image_, order_,
        {.seed = 2, .reachable = reachable, .open = {.replacement = order}});
    const absl::Status opened = process.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    const absl::StatusOr<set::HealCounts> healed = HealAll(process);
    ASSERT_TRUE(healed.ok()) << healed.status();
    EXPECT_EQ(healed->healed, 2u);
    EXPECT_EQ(healed->unrecoverable, 0u);
    // A run, a pack and a blob, on the drive that is still lost.
    EXPECT_EQ(healed->postponed, position == 1 ? 3u : 0u);
    Close(process);
  }
  SimProcess process(image_, order_, Reading({0, 2, 6, 7}));
  ASSERT_TRUE(process.Open().ok());
  ExpectText(process, Large(1));
  EXPECT_EQ(GetText(process, "p").text, text);
}

// The shard is there; but nobody can tell.
TEST_P(BlobCareTest, WhatADriveDoesNotListIsNotToldAsLookedFor) {
  bool is_unlisted = false;
  SimProcess process(
      image_, order_, {.fates = [&](const Io& io) {
        Fate fate;
        if (is_unlisted && io.drive == "3" && io.kind == IoKind::kList) {
          fate.kind = Fate::Kind::kFail;
        }
        return fate;
      }});
  Open(process);
  PutLarge(process, 1);
  process.loop().RunAll();
  is_unlisted = true;
  const absl::StatusOr<set::HealCounts> unsure = HealAll(process);
  ASSERT_TRUE(unsure.ok()) << unsure.status();
  EXPECT_EQ(unsure->healed, 0u);
  // The file with the shard; the directory of open packs; and those of blobs,
  // each that there may be.
  EXPECT_EQ(unsure->postponed, 1u + 1u + 256u);
  is_unlisted = false;
  const absl::StatusOr<set::HealCounts> sure = HealAll(process);
  ASSERT_TRUE(sure.ok()) << sure.status();
  EXPECT_EQ(sure->healed, 0u);
  EXPECT_EQ(sure->postponed, 0u);
}

TEST_P(BlobCareTest, AShardIsHealedThoughNoDriveSaysWhichDirectoriesItHas) {
  {
    SimProcess process(image_, order_, {});
    Open(process);
    PutLarge(process, 1);
    Close(process);
  }
  Drive(3).files.erase(BlobShardsOf(Drive(3)).front().path);
  SimProcess process(image_, order_,
                     {.seed = 2, .fates = [](const Io& io) {
                        Fate fate;
                        if (io.kind == IoKind::kList && io.path == "blobs") {
                          fate.kind = Fate::Kind::kFail;
                        }
                        return fate;
                      }});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  const absl::StatusOr<set::HealCounts> healed = HealAll(process);
  ASSERT_TRUE(healed.ok()) << healed.status();
  EXPECT_EQ(healed->healed, 1u);
  EXPECT_EQ(healed->postponed, 0u);
  EXPECT_EQ(ShardCount(3), 1u);
}

INSTANTIATE_TEST_SUITE_P(Places, BlobCareTest,
                         testing::Values("large file", "large"),
                         [](const auto& test) {
                           return test.param == "large" ? "Slices" : "Files";
                         });

}  // namespace
}  // namespace cairn::support
