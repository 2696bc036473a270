// Thousands of seeded damages to the files of a large blob, and the images that
// crashes leave of one that was being written, never give a wrong byte; as long
// as no more than `parity` drives are hit they give all bytes.

#include <bit>
#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "format/blob_file.h"
#include "set/blob_heal.h"
#include "set/blob_reader.h"
#include "set/quorum.h"
#include "support/figures.h"
#include "unit/set/blob_testing.h"

namespace cairn::set {
namespace {

using support::Fate;
using support::Io;

class Damager {
 public:
  Damager(BlobWorld& world, const StoredBlob& blob)
      : world_(world), blob_(blob), shape_(blob.place.ShapeOf(blob.size)) {}

  // Does one damage of a random kind to a file of a random position.
  int DamageOne() {
    const auto total = static_cast<std::size_t>(world_.total());
    const auto position = static_cast<int>(world_.random.Choose(total));
    support::FileImage& file = world_.File(position, blob_);
    switch (world_.random.Choose(7)) {
      case 0:
        file.Flip(AnyOffset(), static_cast<int>(world_.random.Choose(8)));
        break;
      case 1:
        file.Flip(FooterOffset(), static_cast<int>(world_.random.Choose(8)));
        break;
      case 2:
        file.Overwrite(Block(AnyOffset()), std::vector<std::byte>(4096));
        break;
      case 3:
        Misdirect(file);
        break;
      case 4:
        file.Truncate(world_.random.Choose(shape_.file_size()));
        break;
      case 5:
        TakeFromOther(position, file);
        break;
      default:
        world_.media[static_cast<std::size_t>(position)].files.erase(
            format::BlobPath(blob_.id));
        // Another damage to it finds an empty file.
        world_.media[static_cast<std::size_t>(position)]
            .files[format::BlobPath(blob_.id)];
        break;
    }
    return position;
  }

 private:
  static std::uint64_t Block(std::uint64_t offset) {
    return offset / 4096 * 4096;
  }
  std::uint64_t AnyOffset() { return world_.random.Choose(shape_.file_size()); }
  std::uint64_t FooterOffset() {
    return shape_.content_size() + world_.random.Choose(shape_.footer_size());
  }

  // A block that was written in the place of another.
  void Misdirect(support::FileImage& file) {
    std::vector<std::byte> block(4096);
    file.Read(Block(AnyOffset()), block);
    file.Overwrite(Block(AnyOffset()), block);
  }

  // The whole file of another position, or of another blob.
  void TakeFromOther(int position, support::FileImage& file) {
    const auto total = static_cast<std::size_t>(world_.total());
    const auto other = static_cast<int>(world_.random.Choose(total));
    StoredBlob from = blob_;
    if (world_.random.OneIn(2)) from.id.counter = 1;
    if (other == position && from.id == blob_.id) return;
    const auto content = BlobWorld::ContentOf(world_.File(other, from));
    if (!content.empty()) file.Overwrite(0, content);
  }

  BlobWorld& world_;
  StoredBlob blob_;
  format::BlobShape shape_;
};

TEST(BlobDamageTest, NoDamageGivesAWrongByte) {
  const std::uint64_t seed = support::TestSeed(21);
  const std::uint64_t rounds = support::TestIterations(300);
  std::uint64_t damages = 0;
  std::uint64_t losses = 0;
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    if (geometry.data_shards > 4) continue;
    BlobWorld world(geometry, seed);
    const std::size_t size =
        2 * static_cast<std::size_t>(geometry.data_shards) * kSmallUnit + 5000;
    world.Write(size);  // a blob of the same size, to be mixed up with
    const StoredBlob blob = world.Write(size);
    const BlobWorld::Media intact = world.media;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      Damager damager(world, blob);
      std::set<int> hit;
      const std::size_t count = 1 + world.random.Choose(3);
      for (std::size_t i = 0; i < count; ++i) hit.insert(damager.DamageOne());
      damages += count;
      const absl::Status status = world.ReadAll(blob);
      if (hit.size() <= static_cast<std::size_t>(world.parity())) {
        ASSERT_TRUE(status.ok()) << "seed " << seed << ", " << status;
      } else if (!status.ok()) {
        ++losses;
        ASSERT_EQ(CodeOf(status), ErrorCode::kUnrecoverable)
            << "seed " << seed << ", " << status;
      }
      world.media = intact;
    }
  }
  EXPECT_GT(losses, 0u);
  support::AddFigure("damages", damages);
}

// Every byte of every file in turn: bytes of the blob, zeros behind them,
// parity, checksums, padding and each field of the tail.
TEST(BlobDamageTest, AnyByteThatIsHitIsFoundAndMadeGood) {
  BlobWorld world({.data_shards = 2, .parity_shards = 1});
  const StoredBlob blob = world.Write(10000);
  const std::uint64_t file_size = blob.place.ShapeOf(blob.size).file_size();
  ASSERT_EQ(file_size, 3u * 4096);
  std::uint64_t damages = 0;
  for (int position = 0; position < world.total(); ++position) {
    const auto intact = BlobWorld::ContentOf(world.File(position, blob));
    const std::uint32_t others = 0b111u & ~(1u << (position + 1) % 3);
    for (std::uint64_t byte = 0; byte < file_size; ++byte, ++damages) {
      support::FileImage& file = world.File(position, blob);
      const int bit = static_cast<int>(world.random.Choose(8));
      file.Flip(byte, bit);
      ASSERT_EQ(
          CodeOf(world.RunOnStrand(ScrubBlob(world.Context(), blob, position))),
          ErrorCode::kCorrupt)
          << position << ", byte " << byte;
      ASSERT_TRUE(world.ReadAll(blob).ok());
      ASSERT_EQ(CodeOf(world.ReadAll(blob, others)), ErrorCode::kUnavailable);
      if (byte % 64 == 0) {
        ASSERT_TRUE(world
                        .RunOnStrand(FillBlob(world.Context(), blob,
                                              world.DriveOf(position)))
                        .ok());
        ASSERT_EQ(BlobWorld::ContentOf(world.File(position, blob)), intact);
      } else {
        file.Flip(byte, bit);
      }
      world.reported.clear();
    }
  }
  support::AddFigure("damages", damages);
}

TEST(BlobDamageTest, AFileThatIsCutShortIsFoundAndMadeGood) {
  BlobWorld world({.data_shards = 2, .parity_shards = 1});
  const StoredBlob blob = world.Write(10000);
  const auto intact = BlobWorld::ContentOf(world.File(1, blob));
  for (std::uint64_t size = 0; size < intact.size(); size += 512) {
    world.File(1, blob).Truncate(size);
    EXPECT_EQ(CodeOf(world.RunOnStrand(ScrubBlob(world.Context(), blob, 1))),
              ErrorCode::kCorrupt);
    EXPECT_TRUE(world.ReadAll(blob).ok());
    EXPECT_TRUE(
        world.RunOnStrand(FillBlob(world.Context(), blob, world.DriveOf(1)))
            .ok());
    ASSERT_EQ(BlobWorld::ContentOf(world.File(1, blob)), intact);
  }
}

// As one that was made for more bytes than came.
TEST(BlobDamageTest, WhatStandsBehindTheFooterDoesNoHarm) {
  BlobWorld world({.data_shards = 2, .parity_shards = 1});
  const StoredBlob blob = world.Write(10000);
  support::FileImage& file = world.File(1, blob);
  file.Overwrite(file.size(), std::vector<std::byte>(10000, std::byte{1}));
  EXPECT_TRUE(world.RunOnStrand(ScrubBlob(world.Context(), blob, 1)).ok());
  EXPECT_TRUE(world.ReadAll(blob).ok());
}

// A file that kept what an older writing of the same blob left: every checksum
// in it holds, only the record knows better.
TEST(BlobDamageTest, AFileThatKeptOldContentsIsNotBelieved) {
  BlobWorld world({.data_shards = 2, .parity_shards = 2});
  const StoredBlob old = world.Write(300000);
  const BlobWorld::Media before = world.media;
  for (support::SimMedia& media : world.media) media.files.clear();
  world.counter = 0;
  const StoredBlob blob = world.Write(300000);
  ASSERT_EQ(old.id, blob.id);
  for (std::size_t i = 0; i < 2; ++i) world.media[i] = before[i];
  EXPECT_TRUE(world.ReadAll(blob).ok());
  EXPECT_EQ(world.reported.size(), 2u);
  for (std::size_t i = 0; i < 3; ++i) world.media[i] = before[i];
  EXPECT_EQ(CodeOf(world.ReadAll(blob)), ErrorCode::kUnrecoverable);
}

// Makes the requests of a random set of drives fail, hang or take long, each
// with a chance of its own; returns that set.
std::uint32_t MakeUnreliable(BlobWorld& world) {
  const std::uint32_t unreliable = static_cast<std::uint32_t>(
      world.random.Choose(std::size_t{1} << world.total()));
  const std::size_t rarity = 1 + world.random.Choose(12);
  world.fates = [&world, unreliable, rarity](int position, const Io&) {
    Fate fate;
    if ((unreliable >> position & 1) == 0 || !world.random.OneIn(rarity)) {
      return fate;
    }
    switch (world.random.Choose(4)) {
      case 0:
        fate.kind = Fate::Kind::kFail;
        break;
      case 1:
        fate.kind = Fate::Kind::kFailAfter;
        break;
      case 2:
        fate.kind = Fate::Kind::kHang;
        break;
      default:
        fate.latency = absl::Milliseconds(1 + world.random.Choose(1000));
        break;
    }
    return fate;
  };
  return unreliable;
}

int QuorumOf(const BlobWorld& world) {
  const erasure::Geometry geometry = world.codec.geometry();
  return Geometry{.data = geometry.data_shards,
                  .parity = geometry.parity_shards}
      .write_quorum();
}

// What is sealed survives a power cut, and is read whole as long as `data`
// drives that sealed it are reliable.
TEST(BlobDamageTest, WhateverDrivesDoWhatIsSealedIsRight) {
  const std::uint64_t seed = support::TestSeed(51);
  const std::uint64_t rounds = support::TestIterations(60);
  std::uint64_t refused = 0;
  std::uint64_t lost = 0;
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    if (geometry.data_shards > 4) continue;
    const std::size_t stripe =
        static_cast<std::size_t>(geometry.data_shards) * kSmallUnit;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      BlobWorld world(geometry, seed * 1000 + round);
      const std::uint32_t unsure = MakeUnreliable(world);
      const auto blob =
          world.TryWrite(1 + world.random.Choose(6 * stripe), world.Context());
      if (!blob.ok()) {
        ++refused;
        ASSERT_EQ(CodeOf(blob.status()), ErrorCode::kQuorumLost);
        ASSERT_LT(world.total() - std::popcount(unsure), QuorumOf(world));
        continue;
      }
      ASSERT_GE(std::popcount(blob->place.sealed), QuorumOf(world));
      world.loop.RunAll();
      for (support::SimMedia& media : world.media) media.PowerCut(world.random);
      const std::uint32_t unready = MakeUnreliable(world);
      const absl::Status status = world.ReadAll(*blob);
      if (status.ok()) continue;
      ++lost;
      ASSERT_LT(std::popcount(blob->place.sealed & ~unready),
                geometry.data_shards)
          << "seed " << seed << ", " << status;
      ASSERT_TRUE(CodeOf(status) == ErrorCode::kUnavailable ||
                  CodeOf(status) == ErrorCode::kUnrecoverable)
          << status;
    }
  }
  EXPECT_GT(refused, 0u);
  EXPECT_GT(lost, 0u);
}

// Power is cut at every step of writing. No record names the blob then; asked
// all the same, a reader refuses it or has every byte right.
TEST(BlobDamageTest, WhatACrashLeavesIsRefusedOrRight) {
  const erasure::Geometry geometry{.data_shards = 2, .parity_shards = 1};
  const std::size_t size = 4 * 2 * kSmallUnit + 5000;
  StoredBlob blob;
  {
    BlobWorld whole(geometry, support::TestSeed(31));
    blob = whole.Write(size);
  }
  std::uint64_t images = 0;
  std::uint64_t refused = 0;
  for (int cut = 0;; ++cut) {
    BlobWorld world(geometry, support::TestSeed(31));
    BlobWorld::Media image;
    int count = 0;
    world.fates = [&](int, const Io& io) {
      if (io.changes_drive() && count++ == cut) image = world.media;
      return Fate();
    };
    const StoredBlob written = world.Write(size);
    ASSERT_EQ(written.place, blob.place);
    if (count <= cut) break;
    for (int repeat = 0; repeat < 4; ++repeat) {
      world.media = image;
      for (support::SimMedia& media : world.media) {
        media.PowerCut(world.random);
      }
      ++images;
      const absl::Status status = world.ReadAll(blob);
      if (status.ok()) continue;
      ++refused;
      EXPECT_TRUE(absl::IsNotFound(status) ||
                  CodeOf(status) == ErrorCode::kUnrecoverable)
          << status;
    }
  }
  EXPECT_GT(refused, 20u);
  support::AddFigure("crash_images", images);
}

}  // namespace
}  // namespace cairn::set
