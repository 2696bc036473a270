// Packs: what a tile takes comes back from every position, whole or decoded,
// and damage of any block is noticed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "cairn/status.h"
#include "erasure/codec.h"
#include "format/pack.h"
#include "set/pack_tile.h"
#include "support/sim_loop.h"

namespace cairn::set {
namespace {

const base::Uuid kDeployment{.high = 1, .low = 2};
constexpr std::uint64_t kPack = 9;

struct Packed {
  format::PackObject object;
  std::string key;
  std::vector<std::byte> bytes;
  PackTile::Spot spot;
};

std::vector<std::byte> RandomBytes(support::SeededRandom& random,
                                   std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.Next());
  return bytes;
}

// Fills a tile with `count` objects of mixed sizes.
std::vector<Packed> Fill(PackTile& tile, int count) {
  support::SeededRandom random(11);
  std::vector<Packed> all;
  for (int i = 0; i < count; ++i) {
    Packed packed{.key = fmt::format("key {}", i),
                  .bytes = RandomBytes(random, random.Choose(20000))};
    packed.object = {
        .blob = {.epoch = 1, .counter = static_cast<std::uint64_t>(i)},
        .write_id = {.high = 3, .low = 4},
        .key = packed.key,
        .size = packed.bytes.size()};
    const auto spot = tile.Add(packed.object, packed.bytes);
    EXPECT_TRUE(spot.has_value());
    if (!spot.has_value()) break;
    packed.spot = *spot;
    all.push_back(std::move(packed));
    all.back().object.key = all.back().key;
  }
  return all;
}

format::PackBlockPlace PlaceOf(std::uint32_t position, std::uint64_t block) {
  return {.deployment = kDeployment,
          .pack = kPack,
          .position = position,
          .block = block};
}

// Reads an object as a cold get would: only the blocks that it lies in.
std::vector<std::byte> ReadObject(base::AlignedBuffer& column,
                                  const Packed& packed) {
  const std::uint64_t first =
      packed.spot.offset / format::kPackBlockPayloadSize;
  const std::uint64_t end = packed.spot.offset + packed.bytes.size();
  const std::uint64_t last =
      (end + format::kPackBlockPayloadSize - 1) / format::kPackBlockPayloadSize;
  base::AlignedBuffer blocks((last - first) * format::kPackBlockSize);
  const base::MutableBytes wanted =
      column.bytes().subspan(first * format::kPackBlockSize, blocks.size());
  std::copy(wanted.begin(), wanted.end(), blocks.bytes().begin());
  const auto payload =
      format::OpenBlocks(blocks.bytes(), PlaceOf(packed.spot.column, first));
  EXPECT_TRUE(payload.ok()) << payload.status();
  if (!payload.ok()) return {};
  const base::Bytes bytes = payload->subspan(
      packed.spot.offset - first * format::kPackBlockPayloadSize,
      packed.bytes.size());
  return {bytes.begin(), bytes.end()};
}

TEST(PackTileTest, EveryObjectComesBackFromItsColumn) {
  const auto codec =
      *erasure::Codec::Create({.data_shards = 4, .parity_shards = 2});
  PackTile tile(4);
  const std::vector<Packed> all = Fill(tile, 150);
  auto columns = tile.Seal(codec, PlaceOf(0, 0), PackTile::Columns::kShort);
  ASSERT_EQ(columns.size(), 6u);
  for (const Packed& packed : all) {
    EXPECT_EQ(ReadObject(columns[packed.spot.column], packed), packed.bytes);
  }
}

TEST(PackTileTest, ColumnsAreAboutEven) {
  const auto codec =
      *erasure::Codec::Create({.data_shards = 4, .parity_shards = 2});
  PackTile tile(4);
  std::size_t size = 0;
  for (const Packed& packed : Fill(tile, 100)) size += packed.bytes.size();
  const auto columns = tile.Seal(codec, PlaceOf(0, 0), PackTile::Columns::kShort);
  EXPECT_LT(columns[0].size(), size / 4 * 11 / 10 + 24000);
}

TEST(PackTileTest, AnyTwoLostColumnsAreDecodedFromTheOthers) {
  const auto codec =
      *erasure::Codec::Create({.data_shards = 4, .parity_shards = 2});
  PackTile tile(4);
  Fill(tile, 40);
  auto columns = tile.Seal(codec, PlaceOf(0, 0), PackTile::Columns::kShort);
  std::vector<std::vector<std::byte>> payloads;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const auto payload = format::OpenBlocks(columns[i].bytes(), PlaceOf(i, 0));
    ASSERT_TRUE(payload.ok()) << payload.status();
    payloads.emplace_back(payload->begin(), payload->end());
  }
  for (std::size_t first = 0; first < 6; ++first) {
    for (std::size_t second = 0; second < first; ++second) {
      auto damaged = payloads;
      std::vector<bool> present(6, true);
      present[first] = present[second] = false;
      std::fill(damaged[first].begin(), damaged[first].end(), std::byte{0});
      std::fill(damaged[second].begin(), damaged[second].end(), std::byte{0});
      std::vector<erasure::Shard> shards(damaged.begin(), damaged.end());
      ASSERT_TRUE(codec.Reconstruct(shards, present).ok());
      EXPECT_EQ(damaged, payloads);
    }
  }
}

TEST(PackTileTest, AFullTileTakesNoMore) {
  PackTile tile(1);
  const std::vector<std::byte> bytes(60000);
  int count = 0;
  while (tile.Add({.size = bytes.size()}, bytes).has_value()) ++count;
  EXPECT_EQ(count, static_cast<int>(format::kColumnPayloadMax /
                                    format::PackedSize(0, bytes.size())));
}

TEST(PackBlockTest, EveryFlippedBitAndEveryOtherPlaceIsRefused) {
  const std::vector<std::byte> payload(100, std::byte{0x5a});
  base::AlignedBuffer column(format::ColumnSize(payload.size()));
  format::SealColumn(payload, PlaceOf(1, 3), column.bytes());
  const std::vector<std::byte> sealed(column.bytes().begin(),
                                      column.bytes().end());
  const auto refuses = [&](std::vector<std::byte> bytes,
                           const format::PackBlockPlace& place) {
    return CodeOf(format::OpenBlocks(bytes, place).status()) ==
           ErrorCode::kCorrupt;
  };
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::vector<std::byte> damaged = sealed;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    ASSERT_TRUE(refuses(damaged, PlaceOf(1, 3))) << "bit " << bit;
  }
  EXPECT_FALSE(refuses(sealed, PlaceOf(1, 3)));
  EXPECT_TRUE(refuses(sealed, PlaceOf(2, 3)));
  EXPECT_TRUE(refuses(sealed, PlaceOf(1, 4)));
}

TEST(PackObjectTest, HeadersComeBackAndEveryFlippedBitIsRefused) {
  const format::PackObject object{
      .blob = {.epoch = 1, .random = 2, .counter = 3},
      .write_id = {.high = 4, .low = 5},
      .key = "photos/cat.jpg",
      .size = 77};
  std::vector<std::byte> bytes(format::PackedSize(object.key.size(), 77));
  const std::size_t size = format::PutPackObject(object, bytes);
  const auto read = format::GetPackObject(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, object);
  for (std::size_t bit = 0; bit < size * 8; ++bit) {
    std::vector<std::byte> damaged = bytes;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    ASSERT_EQ(CodeOf(format::GetPackObject(damaged).status()),
              ErrorCode::kCorrupt)
        << "bit " << bit;
  }
}

}  // namespace
}  // namespace cairn::set
