// Tasks that begin off the strand stay on their caller's thread until they need
// the strand, and are on the strand from then on, however deep they are nested
// and whoever is faster.

#include "base/task.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "base/offload.h"

namespace cairn::base {
namespace {

// A strand on a thread of its own.
class ThreadStrand : public Executor {
 public:
  ThreadStrand() : thread_([this] { Run(); }) {}
  ThreadStrand(const ThreadStrand&) = delete;
  ThreadStrand& operator=(const ThreadStrand&) = delete;
  ~ThreadStrand() override {
    Post(nullptr);
    thread_.join();
    for (std::thread& thread : elsewhere_) thread.join();
  }

  void Post(Closure closure) override {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(closure));
    posted_.notify_one();
  }
  TimerId PostAt(absl::Time /*time*/, Closure closure) override {
    Post(std::move(closure));
    return {};
  }
  void Cancel(const TimerId& /*timer*/) override {}
  void PostElsewhere(Closure closure) override {
    elsewhere_.emplace_back(std::move(closure));
  }
  const Clock& clock() const override { CAIRN_CHECK(false); }

  std::thread::id id() const { return thread_.get_id(); }

 private:
  Closure Take() {
    std::unique_lock lock(mutex_);
    posted_.wait(lock, [this] { return !queue_.empty(); });
    Closure closure = std::move(queue_.front());
    queue_.pop_front();
    return closure;
  }
  void Run() {
    while (Closure closure = Take()) std::move(closure)();
  }

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Closure> queue_;
  std::vector<std::thread> elsewhere_;  // of the strand only
  std::thread thread_;                  // last: runs on the others
};

// Runs a task from this thread until it has ended.
template <typename T>
T Await(Task<T> task) {
  std::mutex mutex;
  std::condition_variable ended;
  bool is_done = false;
  Origin origin;
  std::optional<T> result;
  StartOffStrand(std::move(task), origin, result, [&] {
    const std::lock_guard lock(mutex);
    is_done = true;
    ended.notify_one();
  });
  std::unique_lock lock(mutex);
  ended.wait(lock, [&] { return is_done; });
  return *std::move(result);
}

using Ids = std::pair<std::thread::id, std::thread::id>;

Task<Ids> Nested(int depth, Executor* leave_for) {
  const std::thread::id before = std::this_thread::get_id();
  if (depth > 0) {
    Task<Ids> inner = Nested(depth - 1, leave_for);
    co_await inner;
  } else if (leave_for != nullptr) {
    co_await OnStrand(*leave_for);
  }
  co_return Ids(before, std::this_thread::get_id());
}

TEST(TaskTest, StaysOnTheThreadOfItsCallerWhenItNeedsNoStrand) {
  const Ids ids = Await(Nested(3, nullptr));
  EXPECT_EQ(ids.first, std::this_thread::get_id());
  EXPECT_EQ(ids.second, std::this_thread::get_id());
}

TEST(TaskTest, EveryTaskOfTheChainGoesOnOnTheStrandAfterOneLeft) {
  ThreadStrand strand;
  for (int i = 0; i < 2000; ++i) {
    const Ids ids = Await(Nested(i % 5, &strand));
    ASSERT_EQ(ids.first, std::this_thread::get_id());
    ASSERT_EQ(ids.second, strand.id());
  }
}

TEST(TaskTest, OnStrandIsNothingForAChainThatIsThere) {
  ThreadStrand strand;
  static constexpr auto kTwice = [](Executor* executor) -> Task<int> {
    co_await OnStrand(*executor);
    const std::thread::id first = std::this_thread::get_id();
    co_await OnStrand(*executor);
    co_return first == std::this_thread::get_id() ? 1 : 0;
  };
  EXPECT_EQ(Await(kTwice(&strand)), 1);
}

TEST(TaskTest, HandoffGivesTheCoroutineWhenTheWholeChainHasSuspended) {
  ThreadStrand strand;
  static constexpr auto kInner = [](Executor* executor) -> Task<int> {
    co_await Handoff([executor](std::coroutine_handle<> self) {
      executor->Post([self] { self.resume(); });
    });
    co_return 7;
  };
  static constexpr auto kOuter = [](Executor* executor) -> Task<int> {
    Task<int> inner = kInner(executor);
    const int value = co_await inner;
    co_return value + 1;
  };
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(Await(kOuter(&strand)), 8);
}

TEST(TaskTest, WhatIsOffloadedRunsElsewhereAndComesBackToTheStrand) {
  ThreadStrand strand;
  static constexpr auto kOffload = [](Executor* executor) -> Task<Ids> {
    co_await OnStrand(*executor);
    auto where = Offload(*executor, [] { return std::this_thread::get_id(); });
    const std::thread::id elsewhere = co_await where;
    co_return Ids(elsewhere, std::this_thread::get_id());
  };
  for (int i = 0; i < 100; ++i) {
    const Ids ids = Await(kOffload(&strand));
    ASSERT_NE(ids.first, strand.id());
    ASSERT_NE(ids.first, std::this_thread::get_id());
    ASSERT_EQ(ids.second, strand.id());
  }
}

}  // namespace
}  // namespace cairn::base
