// Where the protocol runs: closures, one at a time, in the order posted.

#ifndef CAIRN_LIB_BASE_EXECUTOR_H_
#define CAIRN_LIB_BASE_EXECUTOR_H_

#include <cstdint>
#include <tuple>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

#include "base/clock.h"

namespace cairn::base {

using Closure = absl::AnyInvocable<void() &&>;

// What PostAt() was given. No two of an executor are the same.
struct TimerId {
  absl::Time time;
  std::uint64_t number = 0;  // 0: nothing was given

  friend bool operator==(const TimerId&, const TimerId&) = default;
  friend bool operator<(const TimerId& a, const TimerId& b) {
    return std::tie(a.time, a.number) < std::tie(b.time, b.number);
  }
};

// An Executor is a strand: two of its closures never run at once, so state that
// only they touch needs no lock. Threads and io_uring drive it in production,
// one seeded loop in the simulator.
//
// Thread safety: all methods may run concurrently.
class Executor {
 public:
  virtual ~Executor() = default;

  // Runs `closure` soon. Never runs it before Post() returns.
  virtual void Post(Closure closure) = 0;

  // Runs `closure` at `steady_time` of clock(), or soon when that has passed.
  virtual TimerId PostAt(absl::Time steady_time, Closure closure) = 0;

  // Drops what PostAt() was given, unless it has run or is about to.
  virtual void Cancel(const TimerId& timer) = 0;

  // Runs `closure` soon, and not on the strand where there is a thread for it.
  // For what would hold up the strand and touches nothing of it: see Offload()
  // in base/offload.h.
  virtual void PostElsewhere(Closure closure) = 0;

  virtual const Clock& clock() const = 0;
};

// A closure that runs at a time, unless the Timer is destroyed before: nothing
// is left behind to wake a strand that has nothing else to do.
class Timer {
 public:
  Timer() = default;
  Timer(Executor& executor, absl::Time steady_time, Closure closure)
      : executor_(&executor),
        id_(executor.PostAt(steady_time, std::move(closure))) {}
  Timer(Timer&& other) noexcept
      : executor_(std::exchange(other.executor_, nullptr)), id_(other.id_) {}
  Timer& operator=(Timer&& other) noexcept {
    std::swap(executor_, other.executor_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Timer() {
    if (executor_ != nullptr) executor_->Cancel(id_);
  }

 private:
  Executor* executor_ = nullptr;
  TimerId id_;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_EXECUTOR_H_
