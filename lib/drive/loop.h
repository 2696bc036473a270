// The strand in production: threads and io_uring drive it.

#ifndef CAIRN_LIB_DRIVE_LOOP_H_
#define CAIRN_LIB_DRIVE_LOOP_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/system_clock.h"
#include "base/task.h"
#include "drive/futex.h"
#include "drive/thread_pool.h"
#include "drive/uring.h"

namespace cairn::drive {

enum class IoMode {
  kAuto,   // io_uring where the system allows it, else POSIX calls
  kUring,  // io_uring or an error
  kPosix,  // POSIX calls, on threads of each drive
};

// How a caller sleeps when another thread drives the strand.
enum class WaitKind {
  kAlone,  // is woken by itself, as soon as its task has ended or is back
  kGroup,  // is woken, by one call for all, with those of the same time that
           // began to wait at about the same time; for commits
};

// How often a thread had to be woken, for figures.
struct LoopCounters {
  std::uint64_t driver_wake_count = 0;      // of whoever drove, asleep
  std::uint64_t background_wake_count = 0;  // of the loop's own thread
  std::uint64_t group_wake_count = 0;       // of callers, one for many
};

// A strand without a thread of its own as long as it can do without: a caller
// of Await() whose task needs the strand while nobody drives it does so itself,
// that is, runs closures, submits and reaps I/O, until its task has ended or
// come back to it. So a lone caller never waits for another thread. What is
// left then, and what comes while nobody waits, is driven by a thread in the
// background, which sleeps without a timeout when there is nothing to do. While
// somebody drives, other callers sleep.
//
// Exactly one thread drives at a time; the ring is its alone.
//
// Thread safety: all but uring() from any thread.
// Lifetime:      destroyed when no Await() runs, no drive uses it and nothing
//                is posted elsewhere. Closures that were posted run, and I/O in
//                flight ends, before that; timers whose time has not come are
//                dropped.
// Limits:        a caller that drives runs closures of others on its stack.
//                The limits of Uring.
class Loop : public base::Executor {
 public:
  // Errors: kUnavailable when there is no io_uring for kUring, or no thread.
  // With kAuto the want of io_uring is no error; uring_status() says why.
  static absl::StatusOr<std::unique_ptr<Loop>> Start(IoMode mode);

  // `uring` is null for POSIX calls. The loop has yet to be started: Start().
  Loop(std::unique_ptr<Uring> uring, std::unique_ptr<ThreadPool> worker);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() override;

  void Post(base::Closure closure) override;
  base::TimerId PostAt(absl::Time steady_time, base::Closure closure) override;
  void Cancel(const base::TimerId& timer) override;
  void PostElsewhere(base::Closure closure) override {
    worker_->Run(std::move(closure));
  }
  const base::Clock& clock() const override { return clock_; }

  // Runs `task` on this thread until it needs the strand, then on the strand,
  // or here again when it comes back, and returns its result. Makes no system
  // call and takes no lock when the
  // task ends before it needs the strand. Never called on the strand.
  template <typename T>
  T Await(base::Task<T> task, WaitKind kind = WaitKind::kAlone);

  // Null with POSIX calls. For the strand only.
  Uring* uring() { return uring_.get(); }

  // Why there is no io_uring: OK where there is, or nobody asked for it.
  const absl::Status& uring_status() const { return uring_status_; }

  LoopCounters counters() const;

 private:
  class Waiter;
  class Entry;

  // Callers that sleep on one word.
  struct alignas(64) Group {
    FutexWord round = 0;
    std::atomic<std::uint32_t> sleeper_count = 0;
  };
  static constexpr std::uint32_t kGroupCount = 8;

  // What a driver does next.
  enum class Turn { kRun, kSleep, kStop };

  // Who is to be woken, when the lock is free again.
  enum class Sleeper { kNobody, kDriver, kBackground };

  void Begin(Waiter& waiter, WaitKind kind);
  void JoinGroup(Waiter& waiter) const;
  void End(Waiter& waiter);
  void Call(Waiter& waiter, std::uint32_t state);
  void WaitFor(Waiter& waiter);
  void SleepUntilCalled(Waiter& waiter);
  void SleepInGroup(Waiter& waiter);
  void GoOn(Waiter& waiter);

  // Drives until `leader` is called; without one, until nothing is left but
  // timers to come.
  void Drive(const Waiter* leader);
  Turn NextTurn(bool stops_when_idle);
  void RunBatch();
  void SleepAsDriver();
  void WakeGroups();
  void StopDriving();

  void RunBackground();
  bool AwaitWork();

  void Wake(Sleeper sleeper);

  // These are called with mutex_ held.
  Sleeper Rouse();
  Sleeper RouseBackground();
  bool HasWork() const;
  void TakeDueTimers();
  absl::Time FirstTimer() const;

  const base::SystemClock clock_;
  const std::unique_ptr<Uring> uring_;
  std::unique_ptr<ThreadPool> worker_;  // of what is posted elsewhere
  absl::Status uring_status_;

  // Whoever drives, and nobody else.
  std::vector<base::Closure> batch_;
  absl::Time sleep_end_;
  std::uint32_t word_before_sleep_ = 0;
  std::uint32_t called_groups_ = 0;  // a bit for each

  std::array<Group, kGroupCount> groups_;
  std::atomic<std::uint32_t> open_group_ = 0;  // of callers that come now
  FutexWord driver_word_ = 0;
  FutexWord background_word_ = 0;

  mutable std::mutex mutex_;  // Guards all below.
  std::vector<base::Closure> posted_;
  std::map<base::TimerId, base::Closure> timers_;
  std::uint64_t timer_count_ = 0;
  bool is_driven_ = false;
  bool driver_sleeps_ = false;
  bool background_sleeps_ = false;
  absl::Time background_sleep_end_;
  bool is_stopping_ = false;
  LoopCounters counters_;

  std::thread background_;  // last: runs on the others
};

// One call of Await(), on the stack of its caller. The strand calls it when its
// task has ended, or has come back and is to go on there.
class Loop::Waiter {
 public:
  enum State : std::uint32_t { kAwake, kAsleep, kBack, kEnded };

  explicit Waiter(Loop& loop)
      : origin([this, &loop] { loop.Call(*this, kBack); }) {}

  bool is_called() const {
    return state.load(std::memory_order_acquire) >= kBack;
  }
  bool has_ended() const {
    return state.load(std::memory_order_acquire) == kEnded;
  }

  base::Origin origin;
  FutexWord state = kAwake;
  std::optional<std::uint32_t> group;
  // Whether this thread posted without waking anybody, because it is about to
  // drive the strand.
  bool has_posted = false;
};

// The time in which a caller runs its task off the strand.
class Loop::Entry {
 public:
  Entry(const Loop& loop, Waiter& waiter);
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry();

  // The caller of `loop` that is this thread; null if it is none.
  static Waiter* Find(const Loop& loop);

 private:
  const Loop& loop_;
  Waiter& waiter_;
  Entry* const outer_;
};

template <typename T>
T Loop::Await(base::Task<T> task, WaitKind kind) {
  std::optional<T> result;
  Waiter waiter(*this);
  Begin(waiter, kind);
  {
    const Entry entry(*this, waiter);
    base::StartOffStrand(std::move(task), waiter.origin, result,
                         [this, &waiter] { End(waiter); });
  }
  while (!waiter.has_ended() || waiter.has_posted) {
    WaitFor(waiter);
    GoOn(waiter);
  }
  return *std::move(result);
}

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_LOOP_H_
