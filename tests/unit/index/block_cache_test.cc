// The cache of blocks keeps within its bytes, keeps what is used, and stays
// whole under many threads.

#include "index/block_cache.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "format/run_block_builder.h"
#include "support/figures.h"
#include "support/sim_loop.h"

namespace cairn::index {
namespace {

// A block whose one value is the number.
BlockHandle MakeBlock(std::uint32_t number) {
  format::RunBlockBuilder builder;
  builder.Begin("");
  const std::string value = std::to_string(number);
  builder.Add({.key = "key", .sequence = 1, .value = value});
  base::AlignedBuffer bytes(builder.EncodedSize(std::nullopt));
  builder.Encode(std::nullopt, {}, bytes.bytes());
  const auto block = format::RunBlock::Decode(bytes.bytes(), {});
  return std::make_shared<const LoadedBlock>(std::move(bytes), *block);
}

std::string ValueOf(const BlockHandle& handle) {
  return std::string(handle->block().Find("key")->value);
}

const std::size_t kBlockSize = MakeBlock(0)->memory_size();

TEST(BlockCacheTest, FindsWhatWasInsertedUnderItsName) {
  BlockCache cache({});
  const std::uint64_t file = cache.NewFile();
  const std::uint64_t other = cache.NewFile();
  EXPECT_NE(file, other);
  EXPECT_EQ(cache.Find({.file = file, .number = 1}), nullptr);
  const BlockHandle block = MakeBlock(1);
  EXPECT_EQ(cache.Insert({.file = file, .number = 1}, block), block);
  EXPECT_EQ(cache.Find({.file = file, .number = 1}), block);
  EXPECT_EQ(cache.Find({.file = file, .number = 2}), nullptr);
  EXPECT_EQ(cache.Find({.file = other, .number = 1}), nullptr);
  EXPECT_EQ(cache.usage().hit_count, 1u);
  EXPECT_EQ(cache.usage().miss_count, 3u);
}

TEST(BlockCacheTest, BlobsAndBlocksOfTheSameNumbersAreTwoThings) {
  BlockCache cache({});
  const auto block = cache.Insert({.file = 1, .number = 2}, MakeBlock(1));
  const format::BlobId id{.epoch = 0, .random = 1, .counter = 2};
  EXPECT_EQ(cache.FindBlob(id), nullptr);
  const std::vector<std::byte> bytes(10, std::byte{7});
  const auto blob =
      cache.InsertBlob(id, std::make_shared<const LoadedBlob>(bytes));
  EXPECT_EQ(cache.FindBlob(id), blob);
  EXPECT_EQ(cache.Find({.file = 1, .number = 2}), block);
  EXPECT_EQ(cache.usage().bytes, block->memory_size() + blob->memory_size());
}

TEST(BlockCacheTest, TheFirstOfTwoIsKept) {
  BlockCache cache({});
  const BlockHandle first = MakeBlock(1);
  cache.Insert({.file = 1}, first);
  EXPECT_EQ(cache.Insert({.file = 1}, MakeBlock(2)), first);
  EXPECT_EQ(cache.usage().count, 1u);
}

TEST(BlockCacheTest, KeepsWithinItsBytes) {
  for (const std::size_t shard_count : {1, 8}) {
    BlockCache cache(
        {.bytes_max = 80 * kBlockSize, .shard_count = shard_count});
    for (std::uint32_t i = 0; i < 1000; ++i) {
      cache.Insert({.file = 1, .number = i}, MakeBlock(i));
      ASSERT_LE(cache.usage().bytes, 80 * kBlockSize);
    }
    EXPECT_GT(cache.usage().count, 60u);
  }
}

TEST(BlockCacheTest, ABlockThatIsLargerThanAShardIsKeptAlone) {
  BlockCache cache({.bytes_max = 1, .shard_count = 1});
  cache.Insert({.number = 1}, MakeBlock(1));
  EXPECT_NE(cache.Find({.number = 1}), nullptr);
  cache.Insert({.number = 2}, MakeBlock(2));
  EXPECT_NE(cache.Find({.number = 2}), nullptr);
  EXPECT_EQ(cache.usage().count, 1u);
}

TEST(BlockCacheTest, AScanDoesNotPushOutWhatIsUsed) {
  BlockCache cache({.bytes_max = 20 * kBlockSize, .shard_count = 1});
  for (std::uint32_t i = 0; i < 10; ++i) {
    cache.Insert({.file = 1, .number = i}, MakeBlock(i));
  }
  for (std::uint32_t i = 0; i < 1000; ++i) {
    cache.Insert({.file = 2, .number = i}, MakeBlock(i));
    // Each is used once in the time in which the scan fills the cache.
    ASSERT_NE(cache.Find({.file = 1, .number = i % 10}), nullptr) << i;
  }
}

TEST(BlockCacheTest, WhatIsNotUsedAnyMoreGoes) {
  BlockCache cache({.bytes_max = 10 * kBlockSize, .shard_count = 1});
  for (std::uint32_t i = 0; i < 10; ++i) {
    cache.Insert({.file = 1, .number = i}, MakeBlock(i));
    for (int use = 0; use < 100; ++use) {
      EXPECT_NE(cache.Find({.file = 1, .number = i}), nullptr);
    }
  }
  for (std::uint32_t i = 0; i < 50; ++i) {
    cache.Insert({.file = 2, .number = i}, MakeBlock(i));
  }
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_EQ(cache.Find({.file = 1, .number = i}), nullptr) << i;
  }
}

TEST(BlockCacheTest, AHeldBlockOutlivesItsPlace) {
  BlockCache cache({.bytes_max = kBlockSize, .shard_count = 1});
  const BlockHandle held = cache.Insert({.number = 7}, MakeBlock(7));
  cache.Erase({.number = 7});
  cache.Erase({.number = 7});
  EXPECT_EQ(cache.Find({.number = 7}), nullptr);
  EXPECT_EQ(cache.usage().bytes, 0u);
  EXPECT_EQ(ValueOf(held), "7");
}

TEST(BlockCacheTest, ManyThreadsFindOnlyTheRightBlocks) {
  BlockCache cache({.bytes_max = 50 * kBlockSize, .shard_count = 4});
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&cache, thread] {
      support::SeededRandom random(thread);
      for (int i = 0; i < 3000; ++i) {
        const auto number = static_cast<std::uint32_t>(random.Choose(100));
        BlockHandle block = cache.Find({.number = number});
        if (block == nullptr) {
          block = cache.Insert({.number = number}, MakeBlock(number));
        }
        ASSERT_EQ(ValueOf(block), std::to_string(number));
        if (random.OneIn(20)) cache.Erase({.number = number});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace cairn::index
