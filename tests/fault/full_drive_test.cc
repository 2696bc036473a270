// Drives that are full, one of them or too many, while a set takes small puts,
// large ones and checkpoints. What is refused says so, what was acknowledged
// stays, and when there is room again the set is whole: where the drive was
// fenced, with the next opening.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/ending.h"
#include "support/set_history.h"
#include "support/sim_blobs.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 4, .parity = 2};

class FullDriveTest : public testing::Test {
 protected:
  FullDriveTest() : image_(FormatImage(kGeometry, 3)) {
    SimProcess process(image_, order_, {});
    CAIRN_CHECK(process.Open().ok());
    CAIRN_CHECK(history_.AddRound(process).ok());
    CAIRN_CHECK(history_.PutLarge(process, "f", "large file 0").ok());
    CAIRN_CHECK(history_.PutLarge(process, "s", "large 0").ok());
    CAIRN_CHECK(process.Run(process.set().Checkpoint())->ok());
    CAIRN_CHECK(history_.AddRound(process).ok());
    CAIRN_CHECK(process.Run(process.set().Close())->ok());
  }

  SimProcess::Options Options() {
    return {.seed = 2, .fates = [this](const Io& io) {
              Fate fate;
              const int drive = std::stoi(std::string(io.drive));
              if (full_.contains(drive)) fate.kind = Fate::Kind::kFull;
              return fate;
            }};
  }

  void Open(SimProcess& process) {
    ASSERT_EQ(process.Open(), absl::OkStatus());
    process.set().StartCare();
    process.loop().RunAll();
  }

  absl::Status Check(SimProcess& process) { return history_.Check(process); }

  void EndWell() {
    full_.clear();
    EXPECT_EQ(EndWhole(image_, order_, Options(),
                       [this](SimProcess& process) { return Check(process); }),
              absl::OkStatus());
  }

  InOrder order_;
  SetImage image_;
  SetHistory history_;
  std::set<int> full_;
};

// A log has its room from the beginning.
TEST_F(FullDriveTest, SmallPutsGoOnWhenAllDrivesAreFull) {
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    full_ = {0, 1, 2, 3, 4, 5};
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(history_.AddRound(process), absl::OkStatus());
    }
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

// The parameter is what the texts of large blobs begin with, as in sim_blobs.h.
class FullDriveBlobTest : public FullDriveTest,
                          public testing::WithParamInterface<std::string> {};

TEST_P(FullDriveBlobTest, OneFullDriveGetsItsShardWhenItHasRoom) {
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    full_ = {2};
    EXPECT_EQ(history_.PutLarge(process, "a", GetParam() + " 1"),
              absl::OkStatus());
    EXPECT_EQ(history_.AddRound(process), absl::OkStatus());
    EXPECT_EQ(process.set().replicas().service(2), set::Service::kCurrent);
    full_.clear();
    // It is tried again after a while.
    process.loop().RunAll();
    EXPECT_EQ(process.set().counters().blobs.healed, 1u);
    EXPECT_EQ(BlobShardsOf(image_.drives[2]), BlobShardsOf(image_.drives[0]));
    EXPECT_EQ(history_.PutLarge(process, "a", GetParam() + " 2"),
              absl::OkStatus());
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

TEST_P(FullDriveBlobTest, TooManyFullDrivesRefuseABlobAndNothingElse) {
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    full_ = {2, 4};
    for (int i = 0; i < 3; ++i) {
      const auto put =
          process.Run(PutLargeText(process.set(), "a", GetParam() + " 1"));
      ASSERT_TRUE(put.has_value()) << "it hangs";
      EXPECT_EQ(CodeOf(*put), ErrorCode::kDriveFull) << *put;
    }
    EXPECT_EQ(history_.AddRound(process), absl::OkStatus());
    EXPECT_EQ(Check(process), absl::OkStatus());
    full_.clear();
    EXPECT_EQ(history_.PutLarge(process, "a", GetParam() + " 2"),
              absl::OkStatus());
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

INSTANTIATE_TEST_SUITE_P(Places, FullDriveBlobTest,
                         testing::Values("large file", "large"),
                         [](const auto& test) {
                           return test.param == "large" ? "Slices" : "Files";
                         });

// What else is freed goes, though it is looked at later.
TEST_F(FullDriveTest, ASliceThatIsFreedWaitsWhereItsHoleFindsNoRoom) {
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    EXPECT_EQ(history_.PutLarge(process, "g", "large file 1"),
              absl::OkStatus());
    const std::size_t count = BlobShardsOf(image_.drives[2]).size();
    full_ = {2};
    EXPECT_EQ(history_.PutLarge(process, "s", "large 1"), absl::OkStatus());
    EXPECT_EQ(history_.PutLarge(process, "g", "large file 2"),
              absl::OkStatus());
    process.loop().RunAll();
    EXPECT_EQ(process.set().replicas().service(2), set::Service::kCurrent);
    EXPECT_EQ(process.set().counters().blobs.freed, 1u);
    EXPECT_EQ(BlobShardsOf(image_.drives[2]).size(), count - 1);
    full_.clear();
    EXPECT_EQ(history_.PutLarge(process, "g", "large file 3"),
              absl::OkStatus());
    process.loop().RunAll();
    EXPECT_EQ(process.set().counters().blobs.freed, 3u);
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

TEST_F(FullDriveTest, ACheckpointGoesOnWithoutOneFullDrive) {
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    full_ = {2};
    EXPECT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    EXPECT_EQ(process.set().replicas().service(2), set::Service::kFenced);
    EXPECT_EQ(history_.AddRound(process), absl::OkStatus());
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

TEST_F(FullDriveTest, ACheckpointWithTooManyFullDrivesLosesNothing) {
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    full_ = {2, 4};
    const auto checkpoint = process.Run(process.set().Checkpoint());
    ASSERT_TRUE(checkpoint.has_value()) << "it hangs";
    EXPECT_EQ(CodeOf(*checkpoint), ErrorCode::kQuorumLost) << *checkpoint;
    const auto put = process.Run(
        process.set().Commit(PutText(process.set(), "a", "text", nullptr)));
    ASSERT_TRUE(put.has_value()) << "it hangs";
    EXPECT_EQ(CodeOf(*put), ErrorCode::kQuorumLost) << *put;
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

// Puts are refused before the drives are full, so that checkpoints and deletes
// go on.
TEST_P(FullDriveBlobTest, TheLastRoomIsForCheckpointsAndDeletes) {
  constexpr std::uint64_t kTotal = 4 << 20;
  SimProcess::Options options = Options();
  options.bytes_total = kTotal;
  {
    SimProcess process(image_, order_, options);
    Open(process);
    std::vector<std::string> keys;
    absl::Status put;
    while (put.ok() && keys.size() < 200) {
      keys.push_back(fmt::format("full {}", keys.size()));
      put = history_.PutLarge(process, keys.back(),
                              fmt::format("{} {}", GetParam(), keys.size()));
    }
    keys.pop_back();
    EXPECT_EQ(CodeOf(put), ErrorCode::kDriveFull) << put;
    EXPECT_GT(keys.size(), 10u);
    const auto small = process.Run(
        process.set().Commit(PutText(process.set(), "a", "text", nullptr)));
    EXPECT_EQ(CodeOf(*small), ErrorCode::kDriveFull) << *small;
    EXPECT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    for (const std::string& key : keys) {
      EXPECT_EQ(history_.Delete(process, key), absl::OkStatus());
      EXPECT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    }
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(process.set().replicas().service(i), set::Service::kCurrent);
    }
    process.loop().RunAll();
    EXPECT_EQ(history_.PutLarge(process, "a", GetParam() + " again"),
              absl::OkStatus());
    EXPECT_EQ(history_.AddRound(process), absl::OkStatus());
    EXPECT_EQ(Check(process), absl::OkStatus());
  }
  EndWell();
}

// A full set is opened, read, and written as long as its log has room.
TEST_F(FullDriveTest, ASetIsOpenedOnFullDrives) {
  full_ = {0, 1, 2, 3, 4, 5};
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    EXPECT_EQ(Check(process), absl::OkStatus());
    EXPECT_EQ(history_.AddRound(process), absl::OkStatus());
    EXPECT_EQ(process.Run(process.set().Close()), absl::OkStatus());
  }
  EndWell();
}

// What a full drive lacks waits: it goes on serving.
TEST_F(FullDriveTest, WhatAFullDriveLacksWaitsForTheNextPass) {
  for (const BlobShard& shard : BlobShardsOf(image_.drives[2])) {
    image_.drives[2].files.erase(shard.path);
  }
  full_ = {2};
  {
    SimProcess process(image_, order_, Options());
    Open(process);
    const absl::StatusOr<set::HealCounts> healed = HealAll(process);
    ASSERT_TRUE(healed.ok()) << healed.status();
    EXPECT_EQ(healed->postponed, 2u);
    EXPECT_EQ(process.set().replicas().service(2), set::Service::kCurrent);
    full_.clear();
    const absl::StatusOr<set::HealCounts> again = HealAll(process);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->healed, 2u);
    EXPECT_EQ(again->postponed, 0u);
  }
  EndWell();
}

}  // namespace
}  // namespace cairn::support
