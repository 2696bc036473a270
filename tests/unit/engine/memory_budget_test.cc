// A budget gives what it has, has whoever finds none wait, and forgets nobody.

#include "engine/memory_budget.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"

namespace cairn::engine {
namespace {

using Share = MemoryBudget::Share;

constexpr std::chrono::milliseconds kNoPatience(0);

TEST(MemoryBudgetTest, WhatWasTakenIsNotThereUntilItIsGivenBack) {
  MemoryBudget budget(100, kNoPatience);
  {
    const absl::StatusOr<Share> share = budget.Take(60);
    ASSERT_TRUE(share.ok());
    EXPECT_EQ(budget.left(), 40u);
    EXPECT_EQ(CodeOf(budget.Take(41).status()), ErrorCode::kBusy);
    EXPECT_TRUE(budget.Take(40).ok());
  }
  EXPECT_EQ(budget.left(), 100u);
}

TEST(MemoryBudgetTest, AShareThatIsMovedIsGivenBackOnce) {
  MemoryBudget budget(100, kNoPatience);
  {
    Share first = *budget.Take(10);
    Share second = std::move(first);
    Share third = *budget.Take(20);
    third = std::move(second);
    EXPECT_EQ(budget.left(), 70u);
  }
  EXPECT_EQ(budget.left(), 100u);
}

TEST(MemoryBudgetTest, WhoWantsMoreThanThereIsGetsAll) {
  MemoryBudget budget(100, kNoPatience);
  const absl::StatusOr<Share> share = budget.Take(1000);
  ASSERT_TRUE(share.ok());
  EXPECT_EQ(budget.left(), 0u);
}

TEST(MemoryBudgetTest, ManyThreadsShareItAndNobodyIsForgotten) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 2000;
  MemoryBudget budget(3, std::chrono::hours(1));
  std::atomic<int> holders = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        const absl::StatusOr<Share> share = budget.Take(1);
        ASSERT_TRUE(share.ok());
        const int now = holders.fetch_add(1) + 1;
        int before = most.load();
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        holders.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most.load(), 3);
  EXPECT_EQ(budget.left(), 3u);
}

}  // namespace
}  // namespace cairn::engine
