// Reading large blobs: every size, every loss, every range; drives that are
// missing, damaged, slow or hung.

#include <cstdint>
#include <deque>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "format/blob_file.h"
#include "set/blob_reader.h"
#include "support/figures.h"
#include "unit/set/blob_testing.h"

namespace cairn::set {
namespace {

using support::Fate;
using support::Io;
using support::IoKind;

constexpr erasure::Geometry kFourAndTwo{.data_shards = 4, .parity_shards = 2};

std::vector<std::size_t> SizesAroundBoundaries(std::size_t data_shards) {
  const std::size_t stripe = data_shards * kSmallUnit;
  return {1,
          4095,
          4096,
          4097,
          data_shards * 4096,
          data_shards * 4096 + 1,
          stripe - 1,
          stripe,
          stripe + 1,
          2 * stripe + 4096,
          3 * stripe,
          3 * stripe + 70000 % stripe};
}

TEST(BlobReaderTest, EverySizeComesBackInEveryGeometry) {
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    BlobWorld world(geometry);
    for (const std::size_t size : SizesAroundBoundaries(
             static_cast<std::size_t>(geometry.data_shards))) {
      const StoredBlob blob = world.Write(size);
      EXPECT_TRUE(world.ReadAll(blob).ok()) << size;
    }
    EXPECT_TRUE(world.reported.empty());
  }
}

// All subsets of drives that leave `data` of them, and all that do not.
TEST(BlobReaderTest, AnyDataDrivesGiveTheBytesAndFewerNone) {
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    BlobWorld world(geometry);
    const std::size_t stripe =
        static_cast<std::size_t>(geometry.data_shards) * kSmallUnit;
    const StoredBlob blob =
        world.Write(geometry.data_shards > 4 ? 200000 : stripe + 9000);
    for (std::uint32_t mask = 0; mask < 1u << world.total(); ++mask) {
      const int lost = world.total() - std::popcount(mask);
      // Of many drives, every loss of up to `parity`, and few beyond.
      if (lost > world.parity() + (world.total() < 10 ? 2 : 0)) continue;
      if (lost == 4 && world.total() > 10 && mask % 7 != 0) continue;
      const absl::Status status = world.ReadAll(blob, mask);
      if (lost <= world.parity()) {
        ASSERT_TRUE(status.ok()) << mask << status;
      } else {
        ASSERT_EQ(CodeOf(status), ErrorCode::kUnavailable) << mask;
      }
    }
  }
}

TEST(BlobReaderTest, RandomRangesAgreeWithTheModel) {
  for (const erasure::Geometry& geometry : kBlobGeometries) {
    BlobWorld world(geometry, support::TestSeed(11));
    const std::size_t stripe =
        static_cast<std::size_t>(geometry.data_shards) * kSmallUnit;
    const StoredBlob blob = world.Write(3 * stripe + 12345);
    const std::uint32_t all = (1u << world.total()) - 1;
    std::uint32_t mask = all;
    for (int i = 0; i < world.parity(); ++i) {
      mask &=
          ~(1u << world.random.Choose(static_cast<std::size_t>(world.total())));
    }
    OpenBlob healthy(world.Context(all), blob);
    OpenBlob degraded(world.Context(mask), blob);
    for (std::uint64_t i = 0; i < support::TestIterations(60); ++i) {
      const std::size_t offset = world.random.Choose(blob.size);
      const std::size_t size_max =
          world.random.OneIn(2) ? 3000 : blob.size - offset;
      const std::size_t size =
          std::min(blob.size - offset, world.random.Choose(size_max) + 1);
      ASSERT_TRUE(world.Read(healthy, offset, size).ok());
      ASSERT_TRUE(world.Read(degraded, offset, size).ok());
    }
  }
}

TEST(BlobReaderTest, AStreamGivesTheRangeInOrder) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(5 * 4 * kSmallUnit + 100);
  std::vector<BlobPieces> kept;
  std::vector<std::byte> joined;
  {
    OpenBlob open(world.Context(), blob);
    StripeStream stream(open, {.offset = 1000, .size = blob.size - 2000});
    while (true) {
      auto next = world.Run(stream.Next());
      ASSERT_TRUE(next.ok()) << next.status();
      if (next->pieces.empty()) break;
      kept.push_back(*std::move(next));
    }
  }
  // The pieces outlive what they came from.
  world.loop.RunAll();
  EXPECT_TRUE(world.scope.empty());
  for (const BlobPieces& pieces : kept) {
    for (const base::Bytes piece : pieces.pieces) {
      joined.insert(joined.end(), piece.begin(), piece.end());
    }
  }
  EXPECT_EQ(joined, std::vector<std::byte>(world.bytes.begin() + 1000,
                                           world.bytes.end() - 1000));
}

TEST(BlobReaderTest, AStreamReadsFourStripesAheadAndNoMore) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(8 * 4 * kSmallUnit);
  int reads = 0;
  world.fates = [&](int, const Io& io) {
    reads += io.kind == IoKind::kRead ? 1 : 0;
    return Fate();
  };
  OpenBlob open(world.Context(), blob);
  StripeStream stream(open, {.offset = 0, .size = blob.size});
  for (int stripe = 0; stripe < 8; ++stripe) {
    EXPECT_TRUE(world.Run(stream.Next()).ok());
    world.loop.RunAll();
    // The footers, and the shards of each stripe.
    EXPECT_EQ(reads, 4 + 4 * std::min(8, stripe + 5));
  }
}

TEST(BlobReaderTest, ManyStreamsTogetherReadNoFurtherAheadThanTheyMay) {
  constexpr std::uint32_t kUnit = 4 * kSmallUnit;
  constexpr std::uint64_t kStripeSize = 4 * kUnit;
  constexpr std::uint64_t kLeaves = StripePool::kReadAheadMax / kStripeSize;
  BlobWorld world(kFourAndTwo, 1, kUnit);
  const StoredBlob blob = world.Write(10 * kStripeSize);
  std::uint64_t reads = 0;
  world.fates = [&](int, const Io& io) {
    reads += io.kind == IoKind::kRead && io.size == kUnit ? 1 : 0;
    return Fate();
  };
  OpenBlob open(world.Context(), blob);
  std::deque<StripeStream> streams;
  for (std::uint64_t i = 0; i < kLeaves; ++i) {
    streams.emplace_back(open, BlobRange{.size = blob.size});
  }
  for (std::uint64_t taken = 1; taken <= 3; ++taken) {
    for (StripeStream& stream : streams) {
      ASSERT_TRUE(world.Run(stream.Next()).ok());
    }
    world.loop.RunAll();
    EXPECT_EQ(reads, 4 * (taken * kLeaves + kLeaves));
  }
  // Those that are given up leave room for others.
  streams.clear();
  reads = 0;
  StripeStream last(open, BlobRange{.size = blob.size});
  ASSERT_TRUE(world.Run(last.Next()).ok());
  world.loop.RunAll();
  EXPECT_EQ(reads, 4u * 5);
}

TEST(BlobReaderTest, ALongReadLeavesFewTimers) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(100 * 4 * kSmallUnit);
  world.loop.RunAll();
  EXPECT_TRUE(world.ReadAll(blob).ok());
  const std::uint64_t steps = world.loop.step_count();
  world.loop.RunAll();
  EXPECT_LT(world.loop.step_count() - steps, 10u);
}

TEST(BlobReaderTest, ASmallRangeCostsOneDriveThreeRequests) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(8 * 4 * kSmallUnit);
  int requests = 0;
  world.fates = [&](int, const Io&) {
    ++requests;
    return Fate();
  };
  OpenBlob open(world.Context(), blob);
  EXPECT_TRUE(world.Read(open, 5 * 4 * kSmallUnit + 1000, 1024).ok());
  EXPECT_EQ(requests, 3);  // open, footer, frame
  EXPECT_TRUE(world.Read(open, 6 * 4 * kSmallUnit + 1000, 1024).ok());
  EXPECT_EQ(requests, 4);  // frame
}

TEST(BlobReaderTest, ADegradedReadOfAllAsksNoDriveTwice) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(8 * 4 * kSmallUnit);
  int reads = 0;
  world.fates = [&](int, const Io& io) {
    reads += io.kind == IoKind::kRead ? 1 : 0;
    return Fate();
  };
  EXPECT_TRUE(world.ReadAll(blob, 0b111101).ok());
  EXPECT_EQ(reads, 8 * 4 + 4);  // four shards of each stripe, four footers
}

TEST(BlobReaderTest, RangesOutsideOfTheBlobAreRefused) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(1000);
  OpenBlob open(world.Context(), blob);
  EXPECT_EQ(CodeOf(world.Read(open, 0, 1001)), ErrorCode::kInvalidRange);
  EXPECT_EQ(CodeOf(world.Read(open, 1001, 0)), ErrorCode::kInvalidRange);
  EXPECT_EQ(CodeOf(world.Read(open, ~std::uint64_t{0}, 2)),
            ErrorCode::kInvalidRange);
  EXPECT_TRUE(world.Read(open, 1000, 0).ok());
}

TEST(BlobReaderTest, ABlobThatNoDriveHasIsNotFound) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(300000);
  for (support::SimMedia& media : world.media) media.files.clear();
  const absl::Status status = world.ReadAll(blob);
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  // Drives that are away might have it, if they are enough.
  EXPECT_EQ(CodeOf(world.ReadAll(blob, 0b110000)), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(world.ReadAll(blob, 0b111000)), ErrorCode::kUnrecoverable);
}

TEST(BlobReaderTest, TooManyMissingFilesAreUnrecoverable) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(300000);
  for (std::size_t i = 0; i < 3; ++i) world.media[i].files.clear();
  EXPECT_EQ(CodeOf(world.ReadAll(blob)), ErrorCode::kUnrecoverable);
  EXPECT_EQ(CodeOf(world.ReadAll(blob, 0b011111)), ErrorCode::kUnrecoverable);
  // One of the three is away, and with it the blob would be whole.
  EXPECT_EQ(CodeOf(world.ReadAll(blob, 0b111110)), ErrorCode::kUnavailable);
}

TEST(BlobReaderTest, AMissingFileIsReported) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(300000);
  world.media[2].files.clear();
  EXPECT_TRUE(world.ReadAll(blob).ok());
  ASSERT_EQ(world.reported.size(), 1u);
  EXPECT_EQ(world.reported[0].position, 2);
  EXPECT_TRUE(absl::IsNotFound(world.reported[0].status));
}

// Exactly the frames that more than `parity` drives have lost are lost.
TEST(BlobReaderTest, DamageBeyondParityCostsItsFramesOnly) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  for (int i = 0; i < 3; ++i) {
    world.File(i, blob).Flip(2 * kSmallUnit + 77, i);
  }
  OpenBlob open(world.Context(), blob);
  const std::size_t stripe = 4 * kSmallUnit;
  for (std::size_t shard = 0; shard < 16; ++shard) {
    const bool is_lost = shard / 4 == 2 && shard % 4 < 3;
    const absl::Status status =
        world.Read(open, shard * kSmallUnit, kSmallUnit);
    EXPECT_EQ(CodeOf(status),
              is_lost ? ErrorCode::kUnrecoverable : ErrorCode::kOk)
        << shard;
  }
  EXPECT_TRUE(world.Read(open, 0, 2 * stripe).ok());
  EXPECT_EQ(CodeOf(world.Read(open, 0, blob.size)), ErrorCode::kUnrecoverable);
  EXPECT_TRUE(world.Read(open, 3 * stripe, stripe).ok());
}

// Each frame is decoded from those drives that have it right.
TEST(BlobReaderTest, DamageInDifferentFramesOfAStripeAddsUpToNoLoss) {
  BlobWorld world(kFourAndTwo, 1, 4 * kSmallUnit);
  world.bytes = RandomBytes(world.random, 4 * 4 * kSmallUnit);
  const auto writer = world.Begin(world.Context(), {.id = {.counter = 1}});
  ASSERT_TRUE(world.Append(*writer, world.bytes, world.bytes.size()).ok());
  const auto place = world.Run(writer->Seal());
  ASSERT_TRUE(place.ok()) << place.status();
  const StoredBlob blob{
      .id = {.counter = 1}, .size = world.bytes.size(), .place = *place};
  for (int i = 0; i < 6; ++i) {
    const auto frame = static_cast<std::uint64_t>(i) % 4;
    world.File(i, blob).Flip(frame * format::kBlobFrameSize + 5, 1);
  }
  EXPECT_TRUE(world.ReadAll(blob).ok());
}

TEST(BlobReaderTest, AReadThatFailsIsServedByTheOthers) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  for (const IoKind kind : {IoKind::kOpen, IoKind::kRead}) {
    world.reported.clear();
    world.fates = [kind](int position, const Io& io) {
      const bool fails = position < 2 && io.kind == kind;
      return Fate{.kind = fails ? Fate::Kind::kFail : Fate::Kind::kDone};
    };
    EXPECT_TRUE(world.ReadAll(blob).ok());
    ASSERT_GE(world.reported.size(), 2u);
    EXPECT_EQ(CodeOf(world.reported[0].status), ErrorCode::kDriveFailed);
  }
  world.fates = [](int position, const Io& io) {
    const bool fails = position < 3 && io.kind == IoKind::kRead;
    return Fate{.kind = fails ? Fate::Kind::kFail : Fate::Kind::kDone};
  };
  EXPECT_EQ(CodeOf(world.ReadAll(blob)), ErrorCode::kUnavailable);
}

// However many stripes: after the first deadline the drive is not asked.
TEST(BlobReaderTest, HungDrivesCostAHedgeOnce) {
  for (const IoKind kind : {IoKind::kOpen, IoKind::kRead}) {
    BlobWorld world(kFourAndTwo);
    const StoredBlob blob = world.Write(20 * 4 * kSmallUnit);
    const std::uint64_t content_size =
        blob.place.ShapeOf(blob.size).content_size();
    int hung = 0;
    world.fates = [&, kind](int position, const Io& io) {
      const bool hangs =
          position < 2 && io.kind == kind && io.offset < content_size;
      hung += hangs ? 1 : 0;
      return Fate{.kind = hangs ? Fate::Kind::kHang : Fate::Kind::kDone};
    };
    const absl::Time began = world.loop.Steady();
    EXPECT_TRUE(world.ReadAll(blob).ok());
    EXPECT_EQ(hung, kind == IoKind::kOpen ? 2 : 6);  // of three stripes
    EXPECT_LT(world.loop.Steady() - began,
              HedgeDelay::kMin + absl::Milliseconds(15));
    ASSERT_EQ(world.reported.size(), 2u);
    EXPECT_EQ(CodeOf(world.reported[0].status), ErrorCode::kUnavailable);
  }
}

// They have much to do, so they are not asked for more.
TEST(BlobReaderTest, DrivesThatAreAllSlowAreSoonWaitedFor) {
  BlobWorld world(kFourAndTwo);
  constexpr std::uint64_t kStripes = 60;
  const StoredBlob blob = world.Write(kStripes * 4 * kSmallUnit);
  int early = 0;
  int later = 0;  // parity that was read behind the half
  world.fates = [&](int position, const Io& io) {
    if (io.kind != IoKind::kRead) return Fate();
    const bool is_later = io.offset >= kStripes / 2 * kSmallUnit &&
                          io.offset < kStripes * kSmallUnit;
    if (position >= 4) ++(is_later ? later : early);
    return Fate{.latency = 3 * HedgeDelay::kMin};
  };
  EXPECT_TRUE(world.ReadAll(blob).ok());
  EXPECT_GT(early, 0);
  EXPECT_EQ(later, 0);
}

// A drive that is read twice, for its own part and to decode another one's,
// and answers the second first.
TEST(BlobReaderTest, ADriveThatAnswersTheSecondReadFirst) {
  BlobWorld world(kFourAndTwo, 1, 4 * kSmallUnit);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  const std::uint64_t content_size =
      blob.place.ShapeOf(blob.size).content_size();
  for (const Fate::Kind first :
       {Fate::Kind::kDone, Fate::Kind::kHang, Fate::Kind::kFail}) {
    world.fates = [&](int position, const Io& io) {
      const bool reads = io.kind == IoKind::kRead && io.offset < content_size;
      if (reads && position == 1) return Fate{.kind = Fate::Kind::kFail};
      if (reads && position == 0 && io.size == 2 * kSmallUnit) {
        return Fate{.kind = first, .latency = absl::Milliseconds(30)};
      }
      return Fate();
    };
    EXPECT_TRUE(world.ReadAll(blob).ok());
    OpenBlob open(world.Context(), blob);
    const absl::Status status =
        world.Read(open, 2 * kSmallUnit, 10 * kSmallUnit);
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST(BlobReaderTest, ADriveThatIsKnownToBeLateCostsNothing) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(20 * 4 * kSmallUnit);
  world.fates = [](int position, const Io&) {
    return Fate{.kind = position == 1 ? Fate::Kind::kHang : Fate::Kind::kDone};
  };
  BlobContext context = world.Context();
  context.drives[1].is_suspect = true;
  OpenBlob open(context, blob);
  const absl::Time began = world.loop.Steady();
  EXPECT_TRUE(world.Read(open, 0, blob.size).ok());
  EXPECT_LT(world.loop.Steady() - began, absl::Milliseconds(15));
}

TEST(BlobReaderTest, ALateDriveIsWaitedForWhereNobodyElseHasIt) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  world.fates = [](int position, const Io& io) {
    const bool is_late = position < 3 && io.kind == IoKind::kRead;
    return Fate{.latency =
                    is_late ? absl::Milliseconds(300) : absl::Microseconds(5)};
  };
  EXPECT_TRUE(world.ReadAll(blob).ok());
}

TEST(BlobReaderTest, HungDrivesBeyondParityEndAtTheReadDeadline) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  world.fates = [](int position, const Io& io) {
    const bool hangs = position < 3 && io.kind == IoKind::kRead;
    return Fate{.kind = hangs ? Fate::Kind::kHang : Fate::Kind::kDone};
  };
  const absl::Time began = world.loop.Steady();
  EXPECT_EQ(CodeOf(world.ReadAll(blob)), ErrorCode::kUnavailable);
  EXPECT_LT(world.loop.Steady() - began,
            BlobDeadlines().read + absl::Milliseconds(30));
}

// Shards that were healed since the record was written serve as well.
TEST(BlobReaderTest, APositionThatWasNotSealedIsALastResort) {
  BlobWorld world(kFourAndTwo);
  StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  blob.place.sealed = 0b001111;
  EXPECT_TRUE(world.ReadAll(blob, 0b111100).ok());
  world.media[5].files.clear();
  EXPECT_TRUE(world.ReadAll(blob, 0b111101).ok());
  EXPECT_TRUE(world.reported.empty());
}

TEST(BlobReaderTest, OneReadIsEnoughForOneRange) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  std::vector<std::byte> into(1000);
  EXPECT_TRUE(world.Run(ReadBlob(world.Context(), blob, 5000, into)).ok());
  EXPECT_TRUE(std::equal(into.begin(), into.end(), world.bytes.begin() + 5000));
}

TEST(BlobReaderTest, APlaceOfAnotherGeometryIsRefused) {
  BlobWorld world(kFourAndTwo);
  StoredBlob blob = world.Write(1000);
  blob.place.data_shards = 3;
  EXPECT_EQ(CodeOf(world.ReadAll(blob)), ErrorCode::kCorrupt);
  blob.place.data_shards = 0;
  EXPECT_EQ(CodeOf(world.ReadAll(blob)), ErrorCode::kCorrupt);
}

TEST(BlobReaderTest, ReadsAtTheSameTimeShareFilesAndFooters) {
  BlobWorld world(kFourAndTwo);
  const StoredBlob blob = world.Write(4 * 4 * kSmallUnit);
  int opens = 0;
  world.fates = [&](int, const Io& io) {
    opens += io.kind == IoKind::kOpen ? 1 : 0;
    return Fate();
  };
  OpenBlob open(world.Context(), blob);
  std::vector<std::vector<std::byte>> buffers(
      8, std::vector<std::byte>(blob.size / 8));
  std::vector<base::Task<absl::Status>> tasks;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    tasks.push_back(open.Read(i * buffers[i].size(), buffers[i]));
  }
  static constexpr auto kAll =
      [](std::vector<base::Task<absl::Status>> reads,
         base::Executor& executor) -> base::Task<std::vector<absl::Status>> {
    co_await base::OnStrand(executor);
    auto all = base::All(std::move(reads));
    co_return co_await all;
  };
  for (const absl::Status& status :
       world.Run(kAll(std::move(tasks), world.loop))) {
    EXPECT_TRUE(status.ok()) << status;
  }
  std::vector<std::byte> joined;
  for (const auto& buffer : buffers) {
    joined.insert(joined.end(), buffer.begin(), buffer.end());
  }
  EXPECT_EQ(joined, world.bytes);
  EXPECT_EQ(opens, 4);
}

}  // namespace
}  // namespace cairn::set
