// Room in open packs, and the files behind it.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "base/status.h"
#include "cairn/status.h"
#include "drive/file_task.h"
#include "set/open_packs.h"
#include "unit/set/blob_testing.h"

namespace cairn::set {
namespace {

using support::Fate;
using support::Io;
using support::IoKind;

constexpr std::uint64_t kSize = 8192;
constexpr std::uint64_t kPackSize = 16 * kSize;

class OpenPacksTest : public testing::Test {
 protected:
  OpenPacksTest()
      : world_({.data_shards = 1, .parity_shards = 1}),
        packs_({.executor = world_.loop,
                .epoch = 7,
                .random = 5,
                .pack_size = kPackSize,
                .drives = [this] { return drives_; }}),
        drives_({world_.DriveOf(0), world_.DriveOf(1)}) {}

  // Writes and syncs one slice on one drive.
  absl::Status Write(const OpenPacks::Room& room, int position) {
    static constexpr auto kWrite = [](OpenPacks::Room to,
                                      int at) -> base::Task<absl::Status> {
      auto open = to.pack->Open(at, to.slice);
      auto file = co_await open;
      if (!file.ok()) co_return file.status();
      base::AlignedBuffer bytes(to.slice.size);
      std::ranges::fill(bytes.bytes(), std::byte{'x'});
      CAIRN_CO_RETURN_IF_ERROR(co_await drive::Write(**file, 0, bytes.bytes()));
      co_return co_await drive::Sync(**file);
    };
    return world_.RunOnStrand(kWrite(room, position));
  }
  std::unique_ptr<drive::File> Open(const OpenPacks::Room& room, int position) {
    std::unique_ptr<drive::File> file;
    static constexpr auto kOpen =
        [](OpenPacks::Room of, int at,
           std::unique_ptr<drive::File>* into) -> base::Task<absl::Status> {
      auto open = of.pack->Open(at, of.slice);
      auto opened = co_await open;
      if (opened.ok()) *into = *std::move(opened);
      co_return opened.status();
    };
    EXPECT_EQ(world_.RunOnStrand(kOpen(room, position, &file)),
              absl::OkStatus());
    return file;
  }
  std::string PathOf(const OpenPacks::Room& room) {
    return format::OpenPackPath(room.slice.pack);
  }

  BlobWorld world_;
  OpenPacks packs_;
  std::vector<BlobDrive> drives_;
};

TEST_F(OpenPacksTest, RoomIsGivenOnce) {
  EXPECT_FALSE(packs_.Take(kSize).has_value());
  const OpenPacks::Room first = packs_.MakeRoom(kSize);
  const OpenPacks::Room second = *packs_.Take(2 * kSize);
  const OpenPacks::Room third = packs_.MakeRoom(kSize);
  EXPECT_EQ(first.slice.offset, 0u);
  EXPECT_EQ(second.slice.offset, kSize);
  EXPECT_EQ(third.slice.offset, 3 * kSize);
  EXPECT_EQ(third.slice.pack, first.slice.pack);
  EXPECT_EQ(first.slice.pack.epoch, 7u);
}

TEST_F(OpenPacksTest, AFullPackMakesWayForAnother) {
  const OpenPacks::Room whole = packs_.MakeRoom(kPackSize);
  EXPECT_FALSE(packs_.Take(4096).has_value());
  const OpenPacks::Room next = packs_.MakeRoom(4096);
  EXPECT_EQ(next.slice.offset, 0u);
  EXPECT_NE(next.slice.pack, whole.slice.pack);
}

TEST_F(OpenPacksTest, SlicesLieBesideEachOther) {
  const OpenPacks::Room first = packs_.MakeRoom(kSize);
  const OpenPacks::Room second = packs_.MakeRoom(2 * kSize);
  EXPECT_EQ(Write(second, 0), absl::OkStatus());
  EXPECT_EQ(Write(first, 0), absl::OkStatus());
  const support::FileImage& file = world_.media[0].files.at(PathOf(first));
  std::vector<std::byte> expected(3 * kSize, std::byte{'x'});
  expected.resize(kPackSize);
  EXPECT_EQ(BlobWorld::ContentOf(file), expected);
  EXPECT_FALSE(file.has_unsynced());
  EXPECT_FALSE(world_.media[1].files.contains(PathOf(first)));
}

TEST_F(OpenPacksTest, ThoseWhoWaitForASyncShareIt) {
  int syncs = 0;
  world_.fates = [&](int, const Io& io) {
    syncs += io.kind == IoKind::kSync ? 1 : 0;
    return Fate();
  };
  std::vector<std::unique_ptr<drive::File>> files;
  for (int i = 0; i < 10; ++i) {
    const OpenPacks::Room room = packs_.MakeRoom(kSize);
    files.push_back(Open(room, 0));
  }
  int done = 0;
  for (const auto& file : files) {
    file->Sync(
        [&](const absl::Status& status) { done += status.ok() ? 1 : 0; });
  }
  world_.loop.RunAll();
  EXPECT_EQ(done, 10);
  // One for the first, one for all that came while it was on its way.
  EXPECT_EQ(syncs, 2);
}

class GatheringTest : public OpenPacksTest {
 protected:
  // Writes one slice after the other, each taking so long, and syncs each when
  // it is written.
  void WriteAndSync(const std::vector<absl::Duration>& latencies) {
    std::size_t writes = 0;
    world_.fates = [&](int, const Io& io) {
      if (io.kind == IoKind::kSync) ++syncs_;
      if (io.kind != IoKind::kWrite) return Fate();
      return Fate{.latency = latencies[writes++]};
    };
    const base::AlignedBuffer bytes(kSize);
    std::vector<std::unique_ptr<drive::File>> files;
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      files.push_back(Open(packs_.MakeRoom(kSize), 0));
    }
    began_ = world_.loop.Steady();
    for (const auto& file : files) {
      file->Write(0, {.first = bytes.bytes()}, [&](const absl::Status&) {
        file->Sync([&](const absl::Status& status) {
          EXPECT_TRUE(status.ok());
          synced_.push_back(world_.loop.Steady() - began_);
        });
      });
    }
    world_.loop.RunAll();
    EXPECT_EQ(synced_.size(), latencies.size());
  }

  absl::Time began_;
  int syncs_ = 0;
  std::vector<absl::Duration> synced_;  // when
};

TEST_F(GatheringTest, ASyncWaitsForThoseWhoAreWriting) {
  WriteAndSync(
      {absl::Milliseconds(1), absl::Milliseconds(2), absl::Milliseconds(3)});
  EXPECT_EQ(syncs_, 1);
}

TEST_F(GatheringTest, ASyncDoesNotWaitForASlowWrite) {
  WriteAndSync({absl::Milliseconds(1), absl::Seconds(5)});
  EXPECT_EQ(syncs_, 2);
  EXPECT_GE(synced_[0], absl::Milliseconds(6));
  EXPECT_LT(synced_[0], absl::Milliseconds(7));
}

TEST_F(GatheringTest, ASyncWithManySharersWaitsForNobody) {
  std::vector<absl::Duration> latencies(8, absl::Milliseconds(1));
  latencies.push_back(absl::Milliseconds(4));
  WriteAndSync(latencies);
  EXPECT_EQ(syncs_, 2);
  EXPECT_LT(synced_[7], absl::Milliseconds(2));
}

// A sync that is on its way does not cover what is written meanwhile.
TEST_F(OpenPacksTest, ASyncThatBeganBeforeIsNotEnough) {
  const OpenPacks::Room first = packs_.MakeRoom(kSize);
  const OpenPacks::Room second = packs_.MakeRoom(kSize);
  const std::unique_ptr<drive::File> one = Open(first, 0);
  const std::unique_ptr<drive::File> two = Open(second, 0);
  std::uint64_t synced_at = 0;
  one->Sync([](const absl::Status&) {});
  base::AlignedBuffer bytes(kSize);
  two->Write(0, {.first = bytes.bytes()}, [&](const absl::Status&) {
    two->Sync([&](const absl::Status&) {
      EXPECT_FALSE(world_.media[0].files.at(PathOf(first)).has_unsynced());
      synced_at = world_.loop.step_count();
    });
  });
  world_.loop.RunAll();
  EXPECT_GT(synced_at, 0u);
}

TEST_F(OpenPacksTest, AfterAnErrorTheFileTakesNothingMore) {
  for (const IoKind kind : {IoKind::kCreate, IoKind::kWrite, IoKind::kSync}) {
    const OpenPacks::Room room = packs_.MakeRoom(kSize);
    const OpenPacks::Room other = packs_.MakeRoom(kSize);
    world_.fates = [&](int position, const Io& io) {
      Fate fate;
      if (position == 0 && io.kind == kind) fate.kind = Fate::Kind::kFail;
      return fate;
    };
    EXPECT_EQ(CodeOf(Write(room, 0)), ErrorCode::kDriveFailed);
    world_.fates = [](int, const Io&) { return Fate(); };
    EXPECT_EQ(CodeOf(Write(other, 0)), ErrorCode::kDriveFailed);
    EXPECT_EQ(Write(other, 1), absl::OkStatus());
    EXPECT_FALSE(packs_.Take(kSize).has_value());
    EXPECT_NE(packs_.MakeRoom(kSize).slice.pack, room.slice.pack);
    packs_.Close();
  }
}

TEST_F(OpenPacksTest, APackIsOpenAsLongAsSomebodyMayWriteToIt) {
  std::optional<OpenPacks::Room> room = packs_.MakeRoom(kSize);
  const format::OpenPackId id = room->slice.pack;
  EXPECT_TRUE(packs_.IsOpen(id));
  packs_.Close();
  EXPECT_TRUE(packs_.IsOpen(id));
  room.reset();
  EXPECT_FALSE(packs_.IsOpen(id));
  EXPECT_FALSE(packs_.Take(kSize).has_value());
}

// It has no slices that were sealed before.
TEST_F(OpenPacksTest, ADriveThatComesLaterGetsNoFile) {
  drives_.pop_back();
  const OpenPacks::Room before = packs_.MakeRoom(kSize);
  drives_.push_back(world_.DriveOf(1));
  EXPECT_FALSE(packs_.MakeRoom(kSize).pack->Has(1));
  packs_.Close();
  EXPECT_TRUE(packs_.MakeRoom(kSize).pack->Has(1));
}

TEST_F(OpenPacksTest, AFileThatIsThereAlreadyIsLeftAlone) {
  const OpenPacks::Room room = packs_.MakeRoom(kSize);
  world_.media[0].files[PathOf(room)];
  EXPECT_EQ(CodeOf(Write(room, 0)), ErrorCode::kDriveFailed);
  EXPECT_EQ(world_.media[0].files[PathOf(room)].size(), 0u);
}

}  // namespace
}  // namespace cairn::set
