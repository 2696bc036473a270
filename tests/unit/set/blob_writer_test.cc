// Writing large blobs: what reaches the drives, and what a drive that fails,
// hangs or is away costs.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "format/blob_file.h"
#include "set/blob_reader.h"
#include "set/blob_writer.h"
#include "set/quorum.h"
#include "unit/set/blob_testing.h"

namespace cairn::set {
namespace {

using support::Fate;
using support::Io;
using support::IoKind;

constexpr erasure::Geometry kFourAndTwo{.data_shards = 4, .parity_shards = 2};

std::uint32_t AllOf(const BlobWorld& world) {
  return (std::uint32_t{1} << world.total()) - 1;
}

int QuorumOf(const BlobWorld& world) {
  const erasure::Geometry geometry = world.codec.geometry();
  return Geometry{.data = geometry.data_shards,
                  .parity = geometry.parity_shards}
      .write_quorum();
}

TEST(BlobWriterTest, EveryDriveHasItsShardAndTheSameManifest) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(3 * 4 * kSmallUnit + 10000);
  EXPECT_EQ(blob.place.sealed, AllOf(world));
  const format::BlobShape shape = blob.place.ShapeOf(blob.size);
  for (int i = 0; i < world.total(); ++i) {
    const auto content = BlobWorld::ContentOf(world.File(i, blob));
    ASSERT_EQ(content.size(), shape.file_size());
    const auto footer = format::DecodeBlobFooter(
        base::Bytes(content).subspan(shape.content_size()));
    ASSERT_TRUE(footer.ok()) << footer.status();
    EXPECT_EQ(footer->position, i);
    EXPECT_EQ(DigestOf(footer->manifest), blob.place.digest);
  }
}

// A reader of the format needs nothing but where the bytes lie.
TEST(BlobWriterTest, DataShardsHoldTheBytesInOrder) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(2 * 4 * kSmallUnit + 9000);
  const format::BlobShape shape = blob.place.ShapeOf(blob.size);
  std::vector<std::byte> joined;
  for (std::uint64_t stripe = 0; stripe < shape.stripe_count(); ++stripe) {
    for (int i = 0; i < 4; ++i) {
      const auto content = BlobWorld::ContentOf(world.File(i, blob));
      const base::Bytes shard = base::Bytes(content).subspan(
          stripe * shape.unit, shape.shard_size(stripe));
      joined.insert(joined.end(), shard.begin(), shard.end());
    }
  }
  joined.resize(blob.size);
  EXPECT_EQ(joined, world.bytes);
}

TEST(BlobWriterTest, TheSizeOfPiecesMakesNoDifference) {
  BlobWorld world(kFourAndTwo);
  const auto bytes = RandomBytes(world.random, 3 * 4 * kSmallUnit + 777);
  std::vector<base::Uuid> digests;
  for (const std::size_t piece_max :
       {std::size_t{5000}, std::size_t{4 * kSmallUnit}, bytes.size()}) {
    BlobWorld other(kFourAndTwo);
    const auto writer = other.Begin(other.Context(), {.id = {.counter = 1}});
    ASSERT_TRUE(other.Append(*writer, bytes, piece_max).ok());
    const auto place = other.Run(writer->Seal());
    ASSERT_TRUE(place.ok()) << place.status();
    digests.push_back(place->digest);
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(digests[0], digests[2]);
}

TEST(BlobWriterTest, AnySizeMayComeWhateverWasExpected) {
  constexpr std::size_t kStripe = 16 * std::size_t{kSmallUnit};
  constexpr std::array<std::size_t, 7> kSizes = {
      1, 5000, kStripe / 2, kStripe - 1, kStripe, kStripe + 1, 3 * kStripe + 5};
  for (const std::size_t expected : kSizes) {
    for (const std::size_t size : kSizes) {
      BlobWorld world(kFourAndTwo, size, 4 * kSmallUnit);
      world.bytes = RandomBytes(world.random, size);
      const auto writer = world.Begin(
          world.Context(), {.id = {.counter = 1}, .size_expected = expected});
      ASSERT_TRUE(world.Append(*writer, world.bytes, 100000).ok());
      const auto place = world.Run(writer->Seal());
      ASSERT_TRUE(place.ok()) << place.status();
      const StoredBlob blob{.id = writer->id(), .size = size, .place = *place};
      EXPECT_TRUE(world.ReadAll(blob).ok()) << expected << " " << size;
      const auto size_of = [&](std::size_t bytes) {
        return place->ShapeOf(bytes).file_size();
      };
      EXPECT_EQ(world.File(0, blob).size(),
                std::max(size_of(size), size_of(expected)));
    }
  }
}

TEST(BlobWriterTest, WithoutAUnitTwoStripesTakeThreeMebibytesAtMost) {
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    const auto total = static_cast<std::size_t>(geometry.total_shards());
    const std::size_t unit =
        format::BlobUnitFor(geometry.data_shards, geometry.parity_shards);
    EXPECT_LE(2 * unit * total, std::size_t{3} << 20);
    EXPECT_GE(unit, format::kBlobFrameSize);
  }
}

TEST(BlobWriterTest, IsDurableWhenItIsSealed) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit);
  for (support::SimMedia& media : world.media) media.PowerCut(world.order);
  EXPECT_TRUE(world.ReadAll(blob).ok());
  EXPECT_TRUE(world.reported.empty());
}

TEST(BlobWriterTest, AnEmptyBlobIsRefused) {
  BlobWorld world(kFourAndTwo);
  const auto writer = world.Begin(world.Context(), {.id = {.counter = 1}});
  EXPECT_EQ(CodeOf(world.Run(writer->Seal()).status()),
            ErrorCode::kInvalidArgument);
}

TEST(BlobWriterTest, ASealedBlobTakesNoMore) {
  BlobWorld world(kFourAndTwo);
  const auto writer = world.Begin(world.Context(), {.id = {.counter = 1}});
  const std::vector<std::byte> bytes(100);
  EXPECT_TRUE(world.Run(writer->Append(bytes)).ok());
  EXPECT_TRUE(world.Run(writer->Seal()).ok());
  EXPECT_EQ(CodeOf(world.Run(writer->Append(bytes))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(world.Run(writer->Seal()).status()),
            ErrorCode::kInvalidArgument);
}

TEST(BlobWriterTest, ABlobThatIsThereAlreadyIsNotTouched) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(100000);
  const std::vector<std::byte> kept = world.bytes;
  --world.counter;
  EXPECT_EQ(CodeOf(world.TryWrite(100000, world.Context()).status()),
            ErrorCode::kQuorumLost);
  world.bytes = kept;
  EXPECT_TRUE(world.ReadAll(blob).ok());
}

TEST(BlobWriterTest, AQuorumOfDrivesIsEnoughAndOneLessIsNot) {
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    BlobWorld world(geometry);
    const int quorum = QuorumOf(world);
    const std::uint32_t mask = (std::uint32_t{1} << quorum) - 1;
    const auto blob = world.TryWrite(400000, world.Context(mask));
    ASSERT_TRUE(blob.ok()) << blob.status();
    EXPECT_EQ(blob->place.sealed, mask);
    EXPECT_TRUE(world.ReadAll(*blob).ok());
    const auto refused = world.TryWrite(400000, world.Context(mask >> 1));
    EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kQuorumLost);
  }
}

// Each request of each drive fails in turn: the blob is sealed on the others,
// and the failure is reported once.
TEST(BlobWriterTest, EveryRequestThatFailsCostsJustItsDrive) {
  int requests = 0;
  for (int nth = 0;; ++nth) {
    BlobWorld world(kFourAndTwo);
    int count = 0;
    world.fates = [&](int position, const Io& io) {
      const bool fails = position == 2 && io.changes_drive() && count++ == nth;
      return Fate{.kind = fails ? Fate::Kind::kFail : Fate::Kind::kDone};
    };
    const auto blob = world.TryWrite(6 * 4 * kSmallUnit + 5, world.Context());
    ASSERT_TRUE(blob.ok()) << blob.status();
    if (count <= nth) {
      EXPECT_TRUE(world.reported.empty());
      break;
    }
    ++requests;
    EXPECT_EQ(blob->place.sealed, AllOf(world) & ~(1u << 2)) << nth;
    ASSERT_EQ(world.reported.size(), 1u);
    EXPECT_EQ(world.reported[0].position, 2);
    EXPECT_EQ(CodeOf(world.reported[0].status), ErrorCode::kDriveFailed);
    EXPECT_TRUE(world.ReadAll(*blob, blob->place.sealed).ok());
  }
  EXPECT_EQ(requests,
            9);  // creates, seven shards, the last with a footer, syncs
}

TEST(BlobWriterTest, TwoDrivesThatFailLoseTheQuorum) {
  for (const IoKind kind : {IoKind::kCreate, IoKind::kWrite, IoKind::kSync}) {
    BlobWorld world(kFourAndTwo);
    world.fates = [kind](int position, const Io& io) {
      const bool fails = position < 2 && io.kind == kind;
      return Fate{.kind = fails ? Fate::Kind::kFail : Fate::Kind::kDone};
    };
    const auto blob = world.TryWrite(6 * 4 * kSmallUnit, world.Context());
    EXPECT_EQ(CodeOf(blob.status()), ErrorCode::kQuorumLost);
    EXPECT_EQ(world.reported.size(), 2u);
  }
}

TEST(BlobWriterTest, FullDrivesAreSaidToBeFull) {
  BlobWorld world({.data_shards = 1, .parity_shards = 0});
  support::SimDrive drive({.media = &world.media[0],
                           .loop = &world.loop,
                           .bytes_total = 3 * kSmallUnit});
  BlobContext context = world.Context();
  context.drives[0].drive = &drive;
  EXPECT_EQ(CodeOf(world.TryWrite(6 * kSmallUnit, context).status()),
            ErrorCode::kDriveFull);
}

// A drive that hangs at any request delays the whole blob by one straggler's
// deadline.
TEST(BlobWriterTest, ADriveThatHangsCostsOneDeadline) {
  for (int nth = 0; nth < 9; ++nth) {
    BlobWorld world(kFourAndTwo);
    int count = 0;
    world.fates = [&](int position, const Io& io) {
      const bool hangs = position == 1 && io.changes_drive() && count++ == nth;
      return Fate{.kind = hangs ? Fate::Kind::kHang : Fate::Kind::kDone};
    };
    const absl::Time began = world.loop.Steady();
    const auto blob = world.TryWrite(6 * 4 * kSmallUnit + 5, world.Context());
    ASSERT_TRUE(blob.ok()) << blob.status();
    EXPECT_GT(count, nth);
    EXPECT_EQ(blob->place.sealed, AllOf(world) & ~(1u << 1)) << nth;
    ASSERT_EQ(world.reported.size(), 1u);
    EXPECT_EQ(world.reported[0].position, 1);
    EXPECT_EQ(CodeOf(world.reported[0].status), ErrorCode::kUnavailable);
    EXPECT_LT(world.loop.Steady() - began,
              BlobDeadlines().straggler + absl::Milliseconds(10));
    EXPECT_TRUE(world.ReadAll(*blob, blob->place.sealed).ok());
  }
}

TEST(BlobWriterTest, WithoutAQuorumItGivesUpAtTheWriteDeadline) {
  BlobWorld world(kFourAndTwo);
  world.fates = [](int position, const Io& io) {
    const bool hangs = position < 2 && io.kind == IoKind::kSync;
    return Fate{.kind = hangs ? Fate::Kind::kHang : Fate::Kind::kDone};
  };
  const absl::Time began = world.loop.Steady();
  const auto blob = world.TryWrite(6 * 4 * kSmallUnit, world.Context());
  EXPECT_EQ(CodeOf(blob.status()), ErrorCode::kQuorumLost);
  EXPECT_LT(world.loop.Steady() - began,
            BlobDeadlines().write + absl::Milliseconds(10));
}

// What a late drive writes is the bytes that it was given, however many
// stripes have gone by since, and even when the writer is gone.
TEST(BlobWriterTest, ALateDriveStillWritesWhatItWasGiven) {
  BlobWorld world(kFourAndTwo);
  world.fates = [](int position, const Io& io) {
    const bool is_late = position == 1 && io.kind == IoKind::kWrite;
    return Fate{.latency = is_late ? absl::Seconds(60) : absl::Microseconds(1)};
  };
  const auto blob = world.TryWrite(40 * 4 * kSmallUnit, world.Context());
  ASSERT_TRUE(blob.ok()) << blob.status();
  EXPECT_EQ(blob->place.sealed, AllOf(world) & ~(1u << 1));
  world.loop.RunAll();
  EXPECT_TRUE(world.scope.empty());
  const auto content = BlobWorld::ContentOf(world.File(1, *blob));
  ASSERT_EQ(content.size(), 2 * kSmallUnit);
  for (std::size_t stripe = 0; stripe < 2; ++stripe) {
    const auto wanted = base::Bytes(world.bytes)
                            .subspan((stripe * 4 + 1) * kSmallUnit, kSmallUnit);
    EXPECT_TRUE(std::equal(
        wanted.begin(), wanted.end(),
        content.begin() + static_cast<std::ptrdiff_t>(stripe * kSmallUnit)));
  }
}

TEST(BlobWriterTest, ALongBlobLeavesFewTimers) {
  BlobWorld world(kFourAndTwo);
  world.Write(100 * 4 * kSmallUnit);
  const std::uint64_t steps = world.loop.step_count();
  world.loop.RunAll();
  EXPECT_LT(world.loop.step_count() - steps, 10u);
}

TEST(BlobWriterTest, AnAbandonedBlobClosesItsFiles) {
  BlobWorld world(kFourAndTwo);
  const auto bytes = RandomBytes(world.random, 3 * 4 * kSmallUnit);
  {
    const auto writer = world.Begin(world.Context(), {.id = {.counter = 1}});
    EXPECT_TRUE(world.Append(*writer, bytes, bytes.size()).ok());
  }
  world.loop.RunAll();
  EXPECT_TRUE(world.scope.empty());
}

}  // namespace
}  // namespace cairn::set
