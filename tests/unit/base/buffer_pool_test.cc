// Buffers that are used again.

#include "base/buffer_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace cairn::base {
namespace {

constexpr std::size_t kSize = 3 * kDirectAlignment;

std::shared_ptr<BufferPool> PoolOf(std::size_t size, std::size_t idle_max) {
  return std::make_shared<BufferPool>(
      BufferPool::Options{.size = size, .idle_max = idle_max});
}

TEST(BufferPoolTest, BuffersDoNotOverlap) {
  for (const std::size_t size :
       {kDirectAlignment, kSize, std::size_t{3} << 19, std::size_t{5} << 20}) {
    const auto pool = PoolOf(size, 0);
    std::vector<AlignedBuffer> buffers;
    for (int i = 0; i < 20; ++i) {
      buffers.push_back(pool->Take());
      std::ranges::fill(buffers.back().bytes(), static_cast<std::byte>(i));
    }
    for (int i = 0; i < 20; ++i) {
      const Bytes bytes = buffers[static_cast<std::size_t>(i)].bytes();
      ASSERT_EQ(bytes.size(), size);
      EXPECT_EQ(std::bit_cast<std::uintptr_t>(bytes.data()) % kDirectAlignment,
                0u);
      EXPECT_TRUE(std::ranges::all_of(bytes, [&](std::byte byte) {
        return byte == static_cast<std::byte>(i);
      }));
    }
  }
}

TEST(BufferPoolTest, WhatIsGivenBackIsTakenAgain) {
  const auto pool = PoolOf(kSize, std::size_t{8} << 20);
  std::set<const std::byte*> seen;
  for (int i = 0; i < 1000; ++i) {
    const AlignedBuffer first = pool->Take();
    const AlignedBuffer second = pool->Take();
    seen.insert(first.bytes().data());
    seen.insert(second.bytes().data());
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(BufferPoolTest, ABufferMayOutliveWhoMadeThePool) {
  auto pool = PoolOf(kSize, 0);
  AlignedBuffer buffer = pool->Take();
  pool.reset();
  std::ranges::fill(buffer.bytes(), std::byte{1});
  const AlignedBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.bytes().size(), kSize);
}

// Whether the system has memory at an address.
bool IsMapped(std::byte* address) {
  constexpr std::uintptr_t kPageSize = 4096;
  std::byte* page =
      address - std::bit_cast<std::uintptr_t>(address) % kPageSize;
  unsigned char is_resident = 0;
  return ::mincore(page, kPageSize, &is_resident) == 0;
}

TEST(BufferPoolTest, WhatIsIdleBeyondItsLimitGoesBackToTheSystem) {
  constexpr std::size_t kLarge = std::size_t{2} << 20;
  const auto pool = PoolOf(kLarge, 3 * kLarge);
  std::vector<AlignedBuffer> buffers;
  std::vector<std::byte*> addresses;
  for (int i = 0; i < 10; ++i) {
    buffers.push_back(pool->Take());
    std::ranges::fill(buffers.back().bytes(), std::byte{1});
    addresses.push_back(buffers.back().bytes().data());
  }
  buffers.clear();
  EXPECT_EQ(std::ranges::count_if(addresses, IsMapped), 3);
}

TEST(BufferPoolTest, ThreadsShareIt) {
  const auto pool = PoolOf(kSize, kSize);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        std::vector<AlignedBuffer> buffers;
        for (int k = 0; k <= i % 5; ++k) {
          buffers.push_back(pool->Take());
          std::ranges::fill(buffers.back().bytes(), static_cast<std::byte>(t));
        }
        for (const AlignedBuffer& buffer : buffers) {
          ASSERT_EQ(buffer.bytes().back(), static_cast<std::byte>(t));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace cairn::base
