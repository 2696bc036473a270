// Rebuilding the shard file of one drive: bit by bit what it was, or nothing.

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "format/blob_file.h"
#include "set/blob_heal.h"
#include "unit/set/blob_testing.h"

namespace cairn::set {
namespace {

using support::Fate;
using support::Io;
using support::IoKind;

constexpr erasure::Geometry kFourAndTwo{.data_shards = 4, .parity_shards = 2};

absl::Status Fill(BlobWorld& world, const StoredBlob& blob, int position,
                  std::uint32_t sources = ~0u) {
  return world.RunOnStrand(
      FillBlob(world.Context(sources), blob, world.DriveOf(position)));
}

absl::Status Scrub(BlobWorld& world, const StoredBlob& blob, int position) {
  return world.RunOnStrand(ScrubBlob(world.Context(), blob, position));
}

TEST(BlobHealTest, EveryPositionIsRebuiltBitByBit) {
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    if (geometry.parity_shards == 0) continue;
    BlobWorld world(geometry);
    const std::size_t stripe =
        static_cast<std::size_t>(geometry.data_shards) * kSmallUnit;
    for (const std::size_t size : {std::size_t{1}, 4 * stripe + 5000}) {
      const StoredBlob blob = world.Write(size);
      for (int i = 0; i < world.total(); ++i) {
        const auto before = BlobWorld::ContentOf(world.File(i, blob));
        support::SimMedia& media = world.media[static_cast<std::size_t>(i)];
        media.files.clear();
        const absl::Status filled = Fill(world, blob, i);
        ASSERT_TRUE(filled.ok()) << filled;
        EXPECT_EQ(BlobWorld::ContentOf(world.File(i, blob)), before);
        media.PowerCut(world.order);
        EXPECT_EQ(BlobWorld::ContentOf(world.File(i, blob)), before);
        EXPECT_EQ(media.files.size(), 1u);
      }
      for (support::SimMedia& media : world.media) media.files.clear();
    }
  }
}

TEST(BlobHealTest, ItNeedsDataDrivesAndNoMore) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit);
  world.media[1].files.clear();
  EXPECT_EQ(CodeOf(Fill(world, blob, 1, 0b111000)), ErrorCode::kUnavailable);
  EXPECT_TRUE(Fill(world, blob, 1, 0b111001).ok());
  EXPECT_TRUE(world.ReadAll(blob, 0b001111).ok());
}

// The sources have damage of their own, each in other frames.
TEST(BlobHealTest, DamagedSourcesGiveWhatTheyStillHave) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit);
  const auto before = BlobWorld::ContentOf(world.File(0, blob));
  for (int i = 0; i < 6; ++i) {
    world.File(i, blob).Flip(static_cast<std::uint64_t>(i % 5) * kSmallUnit, 3);
  }
  EXPECT_TRUE(Fill(world, blob, 0).ok());
  EXPECT_EQ(BlobWorld::ContentOf(world.File(0, blob)), before);
}

// As much damage as there can be: each file has some that no other set of
// `data` files makes good, except with what is right in the file itself.
TEST(BlobHealTest, DamagedFilesHealEachOther) {
  BlobWorld world({.data_shards = 2, .parity_shards = 1});
  const StoredBlob blob = world.Write(3 * 2 * kSmallUnit);
  const BlobWorld::Media intact = world.media;
  for (int i = 0; i < 3; ++i) {
    world.File(i, blob).Flip(static_cast<std::uint64_t>(i) * kSmallUnit + 9, 2);
  }
  EXPECT_EQ(CodeOf(Fill(world, blob, 0, 0b110)), ErrorCode::kUnavailable);
  for (int i = 0; i < 3; ++i) {
    world.reported.clear();
    EXPECT_EQ(CodeOf(Scrub(world, blob, i)), ErrorCode::kCorrupt);
    EXPECT_EQ(world.reported.size(), 1u);
    world.reported.clear();
    EXPECT_TRUE(Fill(world, blob, i).ok());
    for (const Reported& reported : world.reported) {
      EXPECT_NE(reported.position, i) << reported.status;
    }
    EXPECT_TRUE(Scrub(world, blob, i).ok());
  }
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(
        BlobWorld::ContentOf(world.File(static_cast<int>(i), blob)),
        BlobWorld::ContentOf(intact[i].files.at(format::BlobPath(blob.id))));
  }
}

TEST(BlobHealTest, AScrubSaysWhatIsWrongWithADrive) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit + 1);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(Scrub(world, blob, i).ok());
  EXPECT_TRUE(world.reported.empty());
  world.media[3].files.clear();
  EXPECT_TRUE(absl::IsNotFound(Scrub(world, blob, 3)));
  Fate::Kind kind = Fate::Kind::kFail;
  world.fates = [&](int position, const Io& io) {
    const bool is_hit =
        position == 5 && io.kind == IoKind::kRead && io.offset == kSmallUnit;
    return Fate{.kind = is_hit ? kind : Fate::Kind::kDone};
  };
  EXPECT_EQ(CodeOf(Scrub(world, blob, 5)), ErrorCode::kDriveFailed);
  kind = Fate::Kind::kHang;
  const absl::Time began = world.loop.Steady();
  EXPECT_EQ(CodeOf(Scrub(world, blob, 5)), ErrorCode::kUnavailable);
  EXPECT_LT(world.loop.Steady() - began,
            BlobDeadlines().read + absl::Milliseconds(10));
  ASSERT_EQ(world.reported.size(), 3u);
  EXPECT_EQ(CodeOf(world.reported[2].status), ErrorCode::kUnavailable);
}

TEST(BlobHealTest, WhatIsThereStaysUntilTheNewFileIsWhole) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit);
  world.File(0, blob).Flip(100, 1);
  const auto damaged = BlobWorld::ContentOf(world.File(0, blob));
  for (const Fate::Kind kind : {Fate::Kind::kFail, Fate::Kind::kHang}) {
    for (int nth = 0;; ++nth) {
      int count = 0;
      world.fates = [&](int position, const Io& io) {
        const bool is_hit =
            position == 0 && io.changes_drive() && count++ == nth;
        return Fate{.kind = is_hit ? kind : Fate::Kind::kDone};
      };
      world.reported.clear();
      const absl::Time began = world.loop.Steady();
      const absl::Status filled = Fill(world, blob, 0);
      EXPECT_LT(world.loop.Steady() - began,
                BlobDeadlines().write + absl::Milliseconds(50));
      if (count <= nth) {
        EXPECT_TRUE(filled.ok()) << filled;
        EXPECT_GE(nth, 9);
        break;
      }
      EXPECT_FALSE(filled.ok()) << nth;
      ASSERT_EQ(world.reported.size(), 1u) << nth;
      EXPECT_EQ(world.reported[0].position, 0);
      EXPECT_EQ(BlobWorld::ContentOf(world.File(0, blob)), damaged);
      world.media[0].files.erase(format::BlobPath(blob.id) + ".new");
    }
    EXPECT_NE(BlobWorld::ContentOf(world.File(0, blob)), damaged);
    world.File(0, blob).Flip(100, 1);
  }
}

TEST(BlobHealTest, ARestOfAnEarlierAttemptIsInNobodysWay) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(100000);
  world.media[0].files[format::BlobPath(blob.id) + ".new"].Overwrite(
      0, std::vector<std::byte>(8192));
  EXPECT_TRUE(Fill(world, blob, 0).ok());
  EXPECT_EQ(world.media[0].files.size(), 1u);
}

// A rename that comes back late would name what the next attempt has only
// begun.
TEST(BlobHealTest, NoAttemptBeginsWhileACallOfAnEarlierOneIsLate) {
  for (const IoKind kind :
       {IoKind::kRemove, IoKind::kCreate, IoKind::kRename}) {
    BlobWorld world(kFourAndTwo);
    const StoredBlob blob = world.Write(5 * 4 * kSmallUnit);
    const auto whole = BlobWorld::ContentOf(world.File(0, blob));
    world.File(0, blob).Flip(100, 1);
    const auto damaged = BlobWorld::ContentOf(world.File(0, blob));
    const BlobContext context = world.Context();
    const auto fill = [&] {
      return world.RunOnStrand(FillBlob(context, blob, world.DriveOf(0)));
    };
    world.fates = [&](int position, const Io& io) {
      const bool is_late = position == 0 && io.kind == kind;
      return is_late ? Fate{.latency = absl::Minutes(1)} : Fate();
    };
    EXPECT_FALSE(fill().ok());
    world.fates = [](int, const Io&) { return Fate(); };
    EXPECT_EQ(CodeOf(fill()), ErrorCode::kUnavailable);
    EXPECT_EQ(world.reported.size(), 2u);
    EXPECT_EQ(BlobWorld::ContentOf(world.File(0, blob)), damaged);
    EXPECT_TRUE(
        world.loop.RunUntil([&] { return (*context.naming_calls)[0] == 0; }));
    EXPECT_TRUE(fill().ok());
    EXPECT_EQ(BlobWorld::ContentOf(world.File(0, blob)), whole);
    EXPECT_EQ(world.media[0].files.size(), 1u);
  }
}

TEST(BlobHealTest, PowerCutsLeaveTheOldFileOrTheNew) {
  BlobWorld world(kFourAndTwo, 41);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit);
  const auto whole = BlobWorld::ContentOf(world.File(0, blob));
  world.File(0, blob).Flip(100, 1);
  const auto damaged = BlobWorld::ContentOf(world.File(0, blob));
  const BlobWorld::Media before = world.media;
  for (int cut = 0;; ++cut) {
    world.media = before;
    BlobWorld::Media image;
    int count = 0;
    world.fates = [&](int position, const Io& io) {
      if (position == 0 && io.changes_drive() && count++ == cut) {
        image = world.media;
      }
      return Fate();
    };
    ASSERT_TRUE(Fill(world, blob, 0).ok());
    EXPECT_EQ(BlobWorld::ContentOf(world.File(0, blob)), whole);
    if (count <= cut) break;
    image[0].PowerCut(world.random);
    EXPECT_EQ(
        BlobWorld::ContentOf(image[0].files.at(format::BlobPath(blob.id))),
        damaged);
  }
}

// Sources that are consistent among themselves and with the record, but a
// codec that makes something else of them: the digest says so.
TEST(BlobHealTest, WhatIsNotWhatWasSealedIsNotPutInPlace) {
  BlobWorld world({.data_shards = 1, .parity_shards = 1});
  const StoredBlob blob = world.Write(100000);
  // A writer that was wrong: the mirror differs from the data it mirrors.
  const format::BlobShape shape = blob.place.ShapeOf(blob.size);
  const auto content = BlobWorld::ContentOf(world.File(1, blob));
  auto footer = format::DecodeBlobFooter(
      base::Bytes(content).subspan(shape.content_size()));
  ASSERT_TRUE(footer.ok());
  footer->manifest.table_digests[0].low ^= 1;
  world.File(1, blob).Overwrite(shape.content_size(), Encode(*footer).bytes());
  StoredBlob other = blob;
  other.place.digest = DigestOf(footer->manifest);
  const auto before = BlobWorld::ContentOf(world.File(0, blob));
  EXPECT_EQ(CodeOf(Fill(world, other, 0)), ErrorCode::kCorrupt);
  EXPECT_EQ(BlobWorld::ContentOf(world.File(0, blob)), before);
}

}  // namespace
}  // namespace cairn::set
