// What becomes of open packs: room that nobody needs goes back to the file
// system, and drives get the files that they lack.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "base/status.h"
#include "cairn/status.h"
#include "set/blob_context.h"
#include "support/sim_blobs.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 4, .parity = 2};

class OpenPackCareTest : public testing::Test {
 protected:
  OpenPackCareTest() : image_(FormatImage(kGeometry, 3)) {}

  void Open(SimProcess& process) {
    const absl::Status opened = process.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    process.set().StartCare();
  }
  void Put(SimProcess& process, const std::string& key) {
    ASSERT_EQ(
        process.Run(PutLargeText(process.set(), key, "large one of " + key)),
        absl::OkStatus());
  }
  void Remove(SimProcess& process, const std::string& key) {
    storage::Batch batch;
    batch.write_id = {.high = 77, .low = ++writes_};
    batch.deletes.push_back({.key = key});
    ASSERT_EQ(process.Run(AddFree(process.set(), key, &batch)),
              absl::OkStatus());
    ASSERT_EQ(process.Run(process.set().Commit(std::move(batch))),
              absl::OkStatus());
  }
  void Abandon(SimProcess& process) {
    const auto sealed =
        process.Run(SealLargeText(process.set(), "large, nobody's"));
    ASSERT_TRUE(sealed.has_value() && sealed->ok());
  }
  void Expect(SimProcess& process, const std::string& key) {
    const Found found = GetText(process, key);
    ASSERT_TRUE(found.status.ok()) << found.status;
    EXPECT_EQ(found.text, "large one of " + key);
  }
  // When all is done that was begun.
  void Close(SimProcess& process) {
    process.loop().RunAll();
    ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
  }
  // A whole life that puts `keys` in this order.
  void Live(const std::vector<std::string>& keys) {
    SimProcess process(image_, order_, {.seed = ++seed_});
    Open(process);
    for (const std::string& key : keys) Put(process, key);
    Close(process);
  }

  SimMedia& Drive(int i) { return image_.drives[static_cast<std::size_t>(i)]; }
  std::size_t ShardCount(int drive) {
    return BlobShardsOf(Drive(drive)).size();
  }
  static std::vector<std::string> PacksOf(const SimMedia& drive) {
    std::vector<std::string> paths;
    for (const auto& [path, file] : drive.files) {
      if (path.starts_with("open_packs/")) paths.push_back(path);
    }
    return paths;
  }

  static base::Task<> HealOn(std::shared_ptr<set::HealPass> pass) {
    while (!pass->done()) {
      base::Task<absl::Status> step = pass->Step();
      base::IgnoreError(co_await step, "the pass goes on");
    }
  }

  InOrder order_;
  SetImage image_;
  std::uint64_t seed_ = 0;
  std::uint64_t writes_ = 0;
};

TEST_F(OpenPackCareTest, MidSizeBlobsOfAProcessShareAFile) {
  Live({"a", "b", "c"});
  for (const SimMedia& drive : image_.drives) {
    EXPECT_EQ(PacksOf(drive).size(), 1u);
    EXPECT_EQ(BlobShardsOf(drive).size(), 3u);
  }
}

TEST_F(OpenPackCareTest, WhatIsFreedBecomesAHoleAtOnce) {
  SimProcess process(image_, order_, {.seed = 1});
  Open(process);
  for (const char* key : {"a", "b", "c"}) Put(process, key);
  Remove(process, "b");
  Close(process);
  EXPECT_EQ(process.set().counters().blobs.freed, 1u);
  for (const SimMedia& drive : image_.drives) {
    const std::vector<BlobShard> shards = BlobShardsOf(drive);
    ASSERT_EQ(shards.size(), 2u);
    const BlobShard hole{.path = shards[0].path,
                         .offset = shards[0].size,
                         .size = shards[1].offset - shards[0].size};
    EXPECT_EQ(BytesOf(drive, hole), std::vector<std::byte>(hole.size));
  }
  Expect(process, "a");
  Expect(process, "c");
}

// The next opening makes holes of what was never named, between, before and
// behind what was.
TEST_F(OpenPackCareTest, WhatWasNeverNamedBecomesAHoleWithTheNextOpening) {
  {
    SimProcess process(image_, order_, {.seed = 1});
    Open(process);
    for (const char* key : {"a", "b"}) {
      Abandon(process);
      Put(process, key);
    }
    Abandon(process);
    Close(process);
  }
  EXPECT_EQ(ShardCount(0), 5u);
  SimProcess process(image_, order_, {.seed = 2});
  Open(process);
  ASSERT_TRUE(HealAll(process).ok());
  Close(process);
  for (int i = 0; i < kGeometry.drive_count(); ++i) {
    EXPECT_EQ(ShardCount(i), 2u);
  }
  Expect(process, "a");
  Expect(process, "b");
}

TEST_F(OpenPackCareTest, AFileWithNothingInItGoesWithTheNextOpening) {
  {
    SimProcess process(image_, order_, {.seed = 10});
    Open(process);
    Put(process, "a");
    Put(process, "b");
    Remove(process, "a");
    Remove(process, "b");
    Close(process);
  }
  EXPECT_EQ(PacksOf(Drive(0)).size(), 1u);
  Live({"c"});
  for (const SimMedia& drive : image_.drives) {
    EXPECT_EQ(PacksOf(drive).size(), 1u);
    EXPECT_EQ(BlobShardsOf(drive).size(), 1u);
  }
}

// Those that somebody names; and the names of unfinished files go.
TEST_F(OpenPackCareTest, ADriveWithoutTheFileGetsItWhole) {
  Live({"a", "b"});
  const std::string path = PacksOf(Drive(4)).front();
  const std::vector<BlobShard> before = BlobShardsOf(Drive(4));
  Drive(4).files.erase(path);
  Drive(4).files[path + ".new"].Begin(0, std::vector<std::byte>(4096));
  SimProcess process(image_, order_, {.seed = 2});
  Open(process);
  const absl::StatusOr<set::HealCounts> healed = HealAll(process);
  ASSERT_TRUE(healed.ok());
  Close(process);
  EXPECT_EQ(healed->healed, 1u);
  EXPECT_EQ(BlobShardsOf(Drive(4)), before);
  EXPECT_EQ(PacksOf(Drive(4)), std::vector<std::string>{path});
}

// It was away when the pack was begun, and comes back: no slice was sealed on
// it, so each is noted, and is made in its place.
TEST_F(OpenPackCareTest, ADriveThatWasAwayGetsWhatItMissed) {
  Live({"a"});
  {
    SimProcess process(image_, order_,
                       {.seed = 5, .reachable = {0, 1, 2, 3, 4}});
    Open(process);
    Put(process, "b");
    Put(process, "c");
    Close(process);
  }
  EXPECT_EQ(ShardCount(5), 1u);
  SimProcess process(image_, order_, {.seed = 6});
  Open(process);
  Close(process);
  EXPECT_EQ(BlobShardsOf(Drive(5)), BlobShardsOf(Drive(0)));
  EXPECT_EQ(ShardCount(5), 3u);
  SimProcess next(image_, order_,
                  {.seed = 9,
                   .reachable = {0, 1, 2, 5},
                   .open = {.mode = set::OpenMode::kReadOnly}});
  ASSERT_TRUE(next.Open().ok());
  for (const char* key : {"a", "b", "c"}) Expect(next, key);
}

// A slice of the pack cannot be decoded any more: the others are.
TEST_F(OpenPackCareTest, OneLostSliceDoesNotKeepTheOthersFromADrive) {
  Live({"a", "b", "c"});
  for (const int drive : {0, 1, 2}) {
    Erase(Drive(drive), BlobShardsOf(Drive(drive))[1]);
  }
  Drive(4).files.erase(PacksOf(Drive(4)).front());
  SimProcess process(image_, order_, {.seed = 2});
  Open(process);
  ASSERT_TRUE(HealAll(process).ok());
  EXPECT_EQ(ShardCount(4), 2u);
  Expect(process, "a");
  EXPECT_EQ(CodeOf(GetText(process, "b").status), ErrorCode::kUnrecoverable);
  Expect(process, "c");
  Close(process);
}

// Fails reads of some slices on some drives, as long as it is told to.
struct Unreadable {
  std::vector<BlobShard> slices;
  std::vector<std::string> drives;
  Fate::Kind kind = Fate::Kind::kFail;

  bool Hits(const Io& io) const {
    return io.kind == IoKind::kRead &&
           std::ranges::find(drives, io.drive) != drives.end() &&
           std::ranges::any_of(slices, [&](const BlobShard& slice) {
             return io.path == slice.path && io.offset >= slice.offset &&
                    io.offset < slice.offset + slice.size;
           });
  }
  Fates fates() const {
    return [this](const Io& io) {
      return Fate{.kind = Hits(io) ? kind : Fate::Kind::kDone};
    };
  }
};

// What was left out is noted, and made when it can be read.
TEST_F(OpenPackCareTest, ASliceThatCannotBeReadNowIsMadeLater) {
  for (const Fate::Kind kind : {Fate::Kind::kFail, Fate::Kind::kHang}) {
    image_ = FormatImage(kGeometry, 3);
    Live({"a", "b", "c"});
    const std::vector<BlobShard> whole = BlobShardsOf(Drive(4));
    Unreadable unreadable{
        .slices = {whole[1]}, .drives = {"0", "1"}, .kind = kind};
    Drive(4).files.erase(whole.front().path);
    SimProcess process(image_, order_,
                       {.seed = 2, .fates = unreadable.fates()});
    Open(process);
    ASSERT_TRUE(HealAll(process).ok());
    EXPECT_EQ(BlobShardsOf(Drive(4)), (std::vector{whole[0], whole[2]}));
    unreadable.drives.clear();
    Close(process);
    EXPECT_EQ(BlobShardsOf(Drive(4)), whole);
    EXPECT_EQ(process.set().counters().replicas.fences, 0u);
  }
}

TEST_F(OpenPackCareTest, DrivesThatHangAreNotWaitedForWithEverySlice) {
  constexpr int kCount = 20;
  std::vector<std::string> keys;
  for (int i = 0; i < kCount; ++i) keys.push_back(std::to_string(i));
  Live(keys);
  std::vector<BlobShard> whole = BlobShardsOf(Drive(4));
  ASSERT_EQ(whole.size(), kCount + 0u);
  Unreadable unreadable{
      .slices = whole, .drives = {"0", "1"}, .kind = Fate::Kind::kHang};
  const BlobShard last = unreadable.slices.back();
  unreadable.slices.pop_back();
  Drive(4).files.erase(last.path);
  SimProcess process(image_, order_, {.seed = 2, .fates = unreadable.fates()});
  Open(process);
  const absl::Time began = process.loop().Steady();
  ASSERT_TRUE(HealAll(process).ok());
  EXPECT_LT(process.loop().Steady() - began,
            set::BlobDeadlines().read + absl::Seconds(4));
  EXPECT_EQ(BlobShardsOf(Drive(4)), std::vector{last});
  unreadable.drives.clear();
  Close(process);
  EXPECT_EQ(BlobShardsOf(Drive(4)), whole);
}

// Whenever the power is cut: a drive that has the file has all slices in the
// end, though the file alone would not tell that one is missing.
TEST_F(OpenPackCareTest, ASliceThatWasLeftOutIsKnownOverARestart) {
  Live({"a", "b", "c"});
  const std::vector<BlobShard> whole = BlobShardsOf(Drive(4));
  const std::string path = whole.front().path;
  Drive(4).files.erase(path);
  const SetImage before = image_;
  bool is_done = false;
  int lacking = 0;
  for (std::uint64_t steps = 0; !is_done; ++steps) {
    image_ = before;
    Unreadable unreadable{.slices = {whole[1]}, .drives = {"0", "1"}};
    {
      SimProcess process(image_, order_,
                         {.seed = 2, .fates = unreadable.fates()});
      Open(process);
      const std::shared_ptr<set::HealPass> pass = process.set().NewHealPass();
      std::uint64_t step = 0;
      process.scope().Spawn(HealOn(pass));
      process.loop().RunUntil([&] { return pass->done() || step++ == steps; });
      is_done = pass->done();
    }
    SeededRandom random(steps);
    image_.PowerCut(random);
    const bool has_file = Drive(4).files.contains(path);
    lacking += has_file && ShardCount(4) == 2 ? 1 : 0;
    SimProcess process(image_, order_, {.seed = 3});
    Open(process);
    if (!has_file) {
      ASSERT_TRUE(HealAll(process).ok());
    }
    Close(process);
    ASSERT_EQ(BlobShardsOf(Drive(4)), whole) << steps;
  }
  EXPECT_GT(lacking, 0);
}

// Its slices are read from the others, and are whole again after the next
// opening.
TEST_F(OpenPackCareTest, AFileThatIsLostWhileItIsOpenIsMadeLater) {
  {
    SimProcess process(image_, order_, {.seed = 1});
    Open(process);
    Put(process, "a");
    Drive(2).files.erase(PacksOf(Drive(2)).front());
    Expect(process, "a");
    process.loop().RunAll();
    Put(process, "b");
    Close(process);
  }
  Live({});
  for (const SimMedia& drive : image_.drives) {
    EXPECT_EQ(BlobShardsOf(drive), BlobShardsOf(Drive(0)));
  }
  EXPECT_EQ(ShardCount(2), 2u);
}

TEST_F(OpenPackCareTest, ARemovalDoesNotEndHealing) {
  constexpr int kCount = 100;
  const auto key = [](int i) { return "k" + std::to_string(i); };
  {
    SimProcess process(image_, order_,
                       {.seed = 5, .reachable = {0, 1, 2, 3, 4}});
    Open(process);
    for (int i = 0; i < kCount; ++i) Put(process, key(i));
    Close(process);
  }
  EXPECT_EQ(ShardCount(5), 0u);
  SimProcess process(image_, order_, {.seed = 6});
  Open(process);
  Remove(process, key(20));
  process.loop().RunAll();
  EXPECT_EQ(ShardCount(5), kCount - 1u);
  ASSERT_TRUE(HealAll(process).ok());
  process.loop().RunAll();
  EXPECT_EQ(ShardCount(5), kCount - 1u);
  Put(process, "x");
  process.loop().RunAll();
  EXPECT_EQ(ShardCount(5), kCount + 0u);
  Close(process);
}

}  // namespace
}  // namespace cairn::support
