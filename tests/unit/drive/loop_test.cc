// A Loop runs everything on one strand, whoever drives it: a lone caller does
// so itself, the background thread does when callers come and go, and nobody is
// forgotten. Runs with io_uring, where the kernel allows it, and without.

#include "drive/loop.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/offload.h"
#include "base/task.h"
#include "cairn/status.h"
#include "support/figures.h"
#include "support/sandbox.h"
#include "support/sim_loop.h"

namespace cairn::drive {
namespace {

using base::OnStrand;
using base::Task;

class LoopTest : public testing::TestWithParam<IoMode> {
 protected:
  static std::unique_ptr<Loop> StartLoop() {
    auto loop = Loop::Start(GetParam());
    EXPECT_TRUE(loop.ok()) << loop.status();
    return *std::move(loop);
  }
};

std::string NameOfMode(const testing::TestParamInfo<IoMode>& info) {
  return info.param == IoMode::kPosix ? "Posix" : "Auto";
}

INSTANTIATE_TEST_SUITE_P(Modes, LoopTest,
                         testing::Values(IoMode::kAuto, IoMode::kPosix),
                         NameOfMode);

Task<int> Twice(int value) { co_return 2 * value; }

Task<std::thread::id> ThreadOfStrand(Loop* loop) {
  co_await OnStrand(*loop);
  co_return std::this_thread::get_id();
}

// Goes on at `time`, on the strand.
Task<int> Until(Loop* loop, absl::Time time) {
  co_await OnStrand(*loop);
  base::Callback<int> wait([loop, time](auto done) {
    loop->PostAt(time,
                 [done = std::move(done)]() mutable { std::move(done)(1); });
  });
  const int value = co_await wait;
  co_return value;
}

// Counts on the strand without a lock, in `rounds` turns of it.
Task<int> Count(Loop* loop, int* count, int rounds) {
  co_await OnStrand(*loop);
  for (int i = 0; i < rounds; ++i) {
    base::Callback<int> turn([loop](auto done) {
      loop->Post([done = std::move(done)]() mutable { std::move(done)(1); });
    });
    *count += co_await turn;
  }
  co_return *count;
}

TEST_P(LoopTest, ATaskThatNeedsNoStrandStaysOnItsThread) {
  const auto loop = StartLoop();
  EXPECT_EQ(loop->Await(Twice(21)), 42);
  EXPECT_EQ(loop->counters().background_wake_count, 0u);
}

TEST_P(LoopTest, ALoneCallerDrivesTheStrandItself) {
  const auto loop = StartLoop();
  // The background thread may be about to begin.
  while (loop->Await(ThreadOfStrand(loop.get())) !=
         std::this_thread::get_id()) {
    std::this_thread::yield();
  }
  const LoopCounters before = loop->counters();
  int count = 0;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(loop->Await(ThreadOfStrand(loop.get()),
                          i % 2 == 0 ? WaitKind::kAlone : WaitKind::kGroup),
              std::this_thread::get_id());
    ASSERT_EQ(loop->Await(Count(loop.get(), &count, 3)), 3 * (i + 1));
  }
  const LoopCounters after = loop->counters();
  EXPECT_EQ(after.background_wake_count, before.background_wake_count);
  EXPECT_EQ(after.driver_wake_count, before.driver_wake_count);
  EXPECT_EQ(after.group_wake_count, before.group_wake_count);
}

// The strand goes on meanwhile: what is elsewhere waits for it.
TEST_P(LoopTest, WhatIsOffloadedDoesNotHoldUpTheStrand) {
  static constexpr auto kOffload = [](Loop* on) -> Task<int> {
    co_await OnStrand(*on);
    std::atomic<bool> went_on = false;
    on->Post([&went_on] {
      went_on = true;
      went_on.notify_one();
    });
    auto waiting = base::Offload(*on, [&went_on] {
      went_on.wait(false);
      return 7;
    });
    const int value = co_await waiting;
    co_return value;
  };
  const auto loop = StartLoop();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(loop->Await(kOffload(loop.get())), 7);
}

TEST_P(LoopTest, WhatIsPostedRunsInOrderOnTheBackgroundThread) {
  std::vector<int> order;
  std::thread::id driver;
  {
    const auto loop = StartLoop();
    for (int i = 0; i < 100; ++i) {
      loop->Post([&order, &driver, i] {
        order.push_back(i);
        driver = std::this_thread::get_id();
      });
    }
  }  // Ends only when all have run.
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  }
  EXPECT_NE(driver, std::this_thread::get_id());
}

TEST_P(LoopTest, WhatIsLeftWhenACallerReturnsGoesOnInTheBackground) {
  const auto loop = StartLoop();
  std::atomic<int> ran = 0;
  static constexpr auto kLeaveBehind =
      [](Loop* strand, std::atomic<int>* count) -> Task<int> {
    co_await OnStrand(*strand);
    // The second is posted by the first, after this task has ended.
    strand->Post([strand, count] {
      strand->Post([count] {
        ++*count;
        count->notify_all();
      });
    });
    co_return 1;
  };
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(loop->Await(kLeaveBehind(loop.get(), &ran)), 1);
    ran.wait(i);
    ASSERT_EQ(ran, i + 1);
  }
}

TEST_P(LoopTest, WhatATaskPostsOffTheStrandRunsThoughItEndsThere) {
  const auto loop = StartLoop();
  std::atomic<int> ran = 0;
  static constexpr auto kPostOnly = [](Loop* strand,
                                       std::atomic<int>* count) -> Task<int> {
    strand->Post([count] {
      ++*count;
      count->notify_all();
    });
    co_return 1;
  };
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(loop->Await(kPostOnly(loop.get(), &ran)), 1);
    ran.wait(i);
    ASSERT_EQ(ran, i + 1);
  }
}

TEST_P(LoopTest, TimersRunInTheirOrderAndNotTooEarly) {
  const auto loop = StartLoop();
  const absl::Time start = loop->clock().Steady();
  std::vector<int> order;
  for (const int at : {3, 1, 2, 1}) {
    loop->PostAt(start + absl::Milliseconds(at),
                 [&order, at] { order.push_back(at); });
  }
  loop->Await(Until(loop.get(), start + absl::Milliseconds(5)));
  EXPECT_GE(loop->clock().Steady(), start + absl::Milliseconds(5));
  EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 3}));
}

TEST_P(LoopTest, ATimerThatIsDestroyedDoesNotRun) {
  const auto loop = StartLoop();
  const absl::Time start = loop->clock().Steady();
  std::vector<int> ran;
  const base::Timer kept(*loop, start + absl::Milliseconds(2),
                         [&ran] { ran.push_back(1); });
  {
    const base::Timer destroyed(*loop, start + absl::Milliseconds(2),
                                [&ran] { ran.push_back(2); });
    base::Timer replaced(*loop, start + absl::Milliseconds(1),
                         [&ran] { ran.push_back(3); });
    replaced = base::Timer();
  }
  loop->Await(Until(loop.get(), start + absl::Milliseconds(5)));
  EXPECT_EQ(ran, std::vector<int>{1});
}

TEST_P(LoopTest, ATimerThatNobodyWaitsForRunsInTheBackground) {
  const auto loop = StartLoop();
  std::atomic<int> ran = 0;
  const absl::Time now = loop->clock().Steady();
  // The later one first: the background thread sleeps for it already.
  for (const int at : {20, 2}) {
    loop->PostAt(now + absl::Milliseconds(at), [&ran] {
      ++ran;
      ran.notify_all();
    });
    EXPECT_EQ(loop->Await(Twice(1)), 2);
  }
  ran.wait(0);
  EXPECT_LT(loop->clock().Steady(), now + absl::Seconds(10));
  ran.wait(1);
  EXPECT_GE(loop->clock().Steady(), now + absl::Milliseconds(20));
}

TEST_P(LoopTest, ADriverThatSleepsForItsTimerRunsWhatOthersBring) {
  const auto loop = StartLoop();
  int count = 0;
  std::atomic<bool> is_leading = false;
  static constexpr auto kLead = [](Loop* strand, int* counted,
                                   std::atomic<bool>* leads) -> Task<int> {
    co_await OnStrand(*strand);
    leads->store(true);
    leads->notify_all();
    const int base = *counted;
    while (*counted < base + 100) {
      Task<int> tick =
          Until(strand, strand->clock().Steady() + absl::Milliseconds(1));
      co_await tick;
    }
    co_return *counted;
  };
  std::thread leader(
      [&] { loop->Await(kLead(loop.get(), &count, &is_leading)); });
  is_leading.wait(false);
  for (int i = 0; i < 100; ++i) loop->Await(Count(loop.get(), &count, 1));
  leader.join();
  EXPECT_EQ(loop->Await(Count(loop.get(), &count, 0)), 100);
}

TEST_P(LoopTest, NestedTasksWithHandoffsEndOnTheStrand) {
  const auto loop = StartLoop();
  static constexpr auto kInner = [](Loop* strand) -> Task<int> {
    co_await base::Handoff([strand](std::coroutine_handle<> self) {
      strand->Post([self] { self.resume(); });
    });
    co_return 7;
  };
  static constexpr auto kOuter = [](Loop* strand) -> Task<int> {
    Task<int> inner = kInner(strand);
    const int first = co_await inner;
    Task<int> again = kInner(strand);
    const int second = co_await again;
    co_return first + second;
  };
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(loop->Await(kOuter(loop.get())), 14);
  }
}

Task<std::thread::id> RoundTripOver(Loop* strand) {
  co_await base::RoundTrip([strand](base::Resumption caller) {
    strand->Post([caller] { caller.Resume(); });
  });
  co_return std::this_thread::get_id();
}

// Round trips begun off the strand and on it; how many ended on the thread that
// they are to come back to.
Task<int> RoundTrips(Loop* strand, int rounds) {
  const std::thread::id caller = std::this_thread::get_id();
  int count = 0;
  for (int i = 0; i < rounds; ++i) {
    if (i % 3 == 2) co_await OnStrand(*strand);
    Task<std::thread::id> trip = RoundTripOver(strand);
    const std::thread::id after = co_await trip;
    if (after == caller && std::this_thread::get_id() == caller) ++count;
  }
  co_return count;
}

TEST_P(LoopTest, ARoundTripEndsWhereItsChainBegan) {
  const auto loop = StartLoop();
  for (const WaitKind kind : {WaitKind::kAlone, WaitKind::kGroup}) {
    for (int i = 0; i < 300; ++i) {
      ASSERT_EQ(loop->Await(RoundTrips(loop.get(), i % 7), kind), i % 7);
    }
  }
}

TEST_P(LoopTest, ARoundTripOfAChainThatBeganOnTheStrandEndsThere) {
  const auto loop = StartLoop();
  static constexpr auto kOnStrand = [](Loop* strand) -> Task<int> {
    co_await OnStrand(*strand);
    const std::thread::id before = std::this_thread::get_id();
    bool was_there = false;
    static constexpr auto kTrip = [](Loop* to, std::thread::id there,
                                     bool* was) -> Task<> {
      Task<std::thread::id> trip = RoundTripOver(to);
      *was = co_await trip == there;
    };
    base::TaskScope scope;
    scope.Spawn(kTrip(strand, before, &was_there));
    co_await scope.Empty();
    co_return was_there ? 1 : 0;
  };
  EXPECT_EQ(loop->Await(kOnStrand(loop.get())), 1);
}

// What a task posts when it is back runs, though its caller returns at once.
TEST_P(LoopTest, WhatIsPostedAfterARoundTripRuns) {
  int count = 0;
  {
    const auto loop = StartLoop();
    static constexpr auto kPost = [](Loop* strand, int* counted) -> Task<int> {
      Task<std::thread::id> trip = RoundTripOver(strand);
      co_await trip;
      strand->Post([counted] { ++*counted; });
      co_return 1;
    };
    for (int i = 0; i < 100; ++i) {
      const WaitKind kind = i % 2 == 0 ? WaitKind::kAlone : WaitKind::kGroup;
      loop->Await(kPost(loop.get(), &count), kind);
    }
  }
  EXPECT_EQ(count, 100);
}

// One round of a caller: some turns of the strand, in every mixture of how it
// waits, how long, and whether it needs the strand at all.
int CallAtRandom(Loop& loop, support::SeededRandom& random, int* count) {
  const WaitKind kind = random.OneIn(2) ? WaitKind::kAlone : WaitKind::kGroup;
  switch (random.Choose(8)) {
    case 0:
      loop.Await(Twice(1), kind);
      return 0;
    case 1:
      loop.Await(Until(&loop, loop.clock().Steady() +
                                  absl::Microseconds(random.Choose(50))),
                 kind);
      return 0;
    case 2:
      loop.Post([count] { ++*count; });
      return 1;
    case 3:
    case 4: {
      const int trips = static_cast<int>(random.Choose(4));
      EXPECT_EQ(loop.Await(RoundTrips(&loop, trips), kind), trips);
      return 0;
    }
    default:
      const int rounds = static_cast<int>(random.Choose(4));
      loop.Await(Count(&loop, count, rounds), kind);
      return rounds;
  }
}

TEST_P(LoopTest, NoCallerOfManyIsForgotten) {
  const std::uint64_t seed = support::TestSeed(1);
  const std::uint64_t rounds = support::TestIterations(2000);
  constexpr int kThreadCount = 8;
  int count = 0;  // the strand's
  std::atomic<int> expected = 0;
  {
    const auto loop = StartLoop();
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreadCount; ++i) {
      threads.emplace_back([&, i] {
        support::SeededRandom random(seed + static_cast<std::uint64_t>(i));
        int sum = 0;
        for (std::uint64_t j = 0; j < rounds; ++j) {
          sum += CallAtRandom(*loop, random, &count);
        }
        expected += sum;
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(count, expected);
}

// Callers that come one after another on threads that end at once.
TEST_P(LoopTest, CallersMayEndWhenTheyHaveReturned) {
  int count = 0;
  const auto loop = StartLoop();
  for (int i = 0; i < 200; ++i) {
    std::thread caller([&] { loop->Await(Count(loop.get(), &count, 2)); });
    loop->Await(Count(loop.get(), &count, 2), WaitKind::kGroup);
    caller.join();
  }
  EXPECT_EQ(loop->Await(Count(loop.get(), &count, 0)), 800);
}

// Ends when `size` callers have come, all of them in one turn of the strand.
struct Meeting {
  std::size_t size = 0;
  std::vector<std::coroutine_handle<>> guests;
};

Task<int> Meet(Loop* loop, Meeting* meeting) {
  co_await OnStrand(*loop);
  co_await base::Handoff([meeting](std::coroutine_handle<> self) {
    meeting->guests.push_back(self);
  });
  co_return 1;
}

TEST_P(LoopTest, CallersOfAGroupShareAWakeUp) {
  constexpr std::size_t kGuestCount = 16;
  const auto loop = StartLoop();
  Meeting meeting{.size = kGuestCount};
  const LoopCounters before = loop->counters();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kGuestCount; ++i) {
    threads.emplace_back(
        [&] { loop->Await(Meet(loop.get(), &meeting), WaitKind::kGroup); });
  }
  // The host looks every now and then, until all are there.
  static constexpr auto kHost = [](Loop* strand, Meeting* met) -> Task<int> {
    co_await OnStrand(*strand);
    while (met->guests.size() < met->size) {
      Task<int> tick =
          Until(strand, strand->clock().Steady() + absl::Milliseconds(1));
      co_await tick;
    }
    std::vector<std::coroutine_handle<>> guests = std::move(met->guests);
    for (const std::coroutine_handle<> guest : guests) guest.resume();
    co_return 1;
  };
  loop->Await(kHost(loop.get(), &meeting));
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(loop->counters().group_wake_count - before.group_wake_count, 1u);
}

// GCC tells of its sanitizers in macros, Clang in features.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define CAIRN_IS_SANITIZED
#elif defined(__clang__)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define CAIRN_IS_SANITIZED
#endif
#endif

// The sanitizers make system calls of their own.
#if !defined(CAIRN_IS_SANITIZED)

// Ends the process with 0 when Await() makes no system call.
void AwaitWithoutSystemCalls(IoMode mode, bool needs_strand) {
  auto loop = *Loop::Start(mode);
  loop->Await(Twice(1));
  const std::thread::id self = std::this_thread::get_id();
  while (loop->Await(ThreadOfStrand(loop.get())) != self) {
    std::this_thread::yield();
  }
  // What is allowed is about memory and the end of the process.
  if (!support::AllowSystemCalls(
          {SYS_exit_group, SYS_mmap, SYS_munmap, SYS_madvise})) {
    ::_exit(2);
  }
  int sum = 0;
  for (int i = 0; i < 1000; ++i) {
    sum += loop->Await(Twice(1), WaitKind::kGroup);
    if (needs_strand) loop->Await(ThreadOfStrand(loop.get()));
  }
  ::_exit(sum == 2000 ? 0 : 1);
}

TEST_P(LoopTest, ACallThatNeedsNothingOfTheKernelDoesNotCallIt) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(AwaitWithoutSystemCalls(GetParam(), false),
              testing::ExitedWithCode(0), "");
  EXPECT_EXIT(AwaitWithoutSystemCalls(GetParam(), true),
              testing::ExitedWithCode(0), "");
}

#endif  // !defined(CAIRN_IS_SANITIZED)

// Starts a loop where a system call fails, and runs a task on it.
void StartWhere(int number, int error, IoMode mode,
                const std::function<void(absl::StatusOr<Loop*>)>& check) {
  std::thread sandboxed([&] {
    ASSERT_TRUE(support::FailSystemCalls({{number, error}}));
    const absl::StatusOr<std::unique_ptr<Loop>> loop = Loop::Start(mode);
    if (!loop.ok()) {
      check(loop.status());
      return;
    }
    int count = 0;
    EXPECT_EQ((*loop)->Await(Count(loop->get(), &count, 3)), 3);
    check(loop->get());
  });
  sandboxed.join();
}

TEST(LoopStartTest, WithoutUringItUsesPosixCallsAndSaysWhy) {
  struct Case {
    int number;
    int error;
    std::string_view message;
  };
  const std::vector<Case> cases = {
      {SYS_io_uring_setup, EPERM, "setup: Operation not permitted"},
      {SYS_io_uring_setup, ENOSYS, "setup: Function not implemented"},
      {SYS_io_uring_setup, ENOMEM, "setup: Cannot allocate memory"},
      {SYS_io_uring_enter, EPERM, "enter: Operation not permitted"},
      {SYS_eventfd2, EMFILE, "eventfd: Too many open files"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.message);
    StartWhere(
        one.number, one.error, IoMode::kAuto, [&](absl::StatusOr<Loop*> loop) {
          ASSERT_TRUE(loop.ok()) << loop.status();
          EXPECT_EQ((*loop)->uring(), nullptr);
          EXPECT_EQ(CodeOf((*loop)->uring_status()), ErrorCode::kUnavailable);
          EXPECT_THAT((*loop)->uring_status().message(),
                      testing::HasSubstr(std::string(one.message)));
        });
    StartWhere(one.number, one.error, IoMode::kUring,
               [&](absl::StatusOr<Loop*> loop) {
                 EXPECT_EQ(CodeOf(loop.status()), ErrorCode::kUnavailable);
               });
    StartWhere(one.number, one.error, IoMode::kPosix,
               [&](absl::StatusOr<Loop*> loop) {
                 ASSERT_TRUE(loop.ok()) << loop.status();
                 EXPECT_TRUE((*loop)->uring_status().ok());
               });
  }
}

TEST(LoopStartTest, WithoutAThreadItFails) {
  for (const IoMode mode : {IoMode::kAuto, IoMode::kPosix}) {
    std::thread sandboxed([mode] {
      ASSERT_TRUE(support::FailSystemCalls(
          {{SYS_clone, EAGAIN}, {SYS_clone3, EAGAIN}}));
      EXPECT_EQ(CodeOf(Loop::Start(mode).status()), ErrorCode::kUnavailable);
    });
    sandboxed.join();
  }
}

TEST_P(LoopTest, AwaitOnTheStrandIsRefused) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        auto loop = *Loop::Start(GetParam());
        Loop* strand = loop.get();
        strand->Post([strand] { strand->Await(Twice(1)); });
        loop.reset();
      },
      "driven_loop");
}

}  // namespace
}  // namespace cairn::drive
