// A ThreadPool runs every closure once, at the same time where it may, and none
// is lost when it is destroyed.

#include "drive/thread_pool.h"

#include <sys/syscall.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <memory>
#include <thread>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/sandbox.h"

namespace cairn::drive {
namespace {

TEST(ThreadPoolTest, WhatWaitsRunsBeforeThePoolEnds) {
  std::atomic<int> ran = 0;
  {
    const auto pool = *ThreadPool::Start("test", 3);
    for (int i = 0; i < 1000; ++i) pool->Run([&ran] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadPoolTest, AsManyClosuresRunAtTheSameTimeAsThereMayBeThreads) {
  std::barrier<> meeting(4);
  const auto pool = *ThreadPool::Start("test", 4);
  // Each waits for the three others.
  for (int i = 0; i < 4; ++i) pool->Run([&] { meeting.arrive_and_wait(); });
}

TEST(ThreadPoolTest, WithoutMoreThreadsTheFirstDoesAll) {
  std::atomic<int> ran = 0;
  std::thread sandboxed([&ran] {
    const auto pool = *ThreadPool::Start("test", 4);
    ASSERT_TRUE(
        support::FailSystemCalls({{SYS_clone, EAGAIN}, {SYS_clone3, EAGAIN}}));
    for (int i = 0; i < 100; ++i) pool->Run([&ran] { ++ran; });
    EXPECT_EQ(CodeOf(ThreadPool::Start("test", 1).status()),
              ErrorCode::kUnavailable);
  });
  sandboxed.join();
  EXPECT_EQ(ran, 100);
}

}  // namespace
}  // namespace cairn::drive
