// Task<T>: a coroutine that computes a T. The protocol's state machines are
// written as coroutines: each co_await is a state, each completion an event.
//
// A task is lazy: it runs when it is awaited, where whoever awaits it runs.
// Most run on a strand from the beginning, and stay there, because every
// completion arrives on that strand. A chain of tasks that StartOffStrand()
// begins runs on the thread of its caller, without a lock or a hop, until one
// of them needs the strand and says so with OnStrand or Handoff; from then on
// it is on the strand, unless a RoundTrip brings it back. A task holds no
// thread while it waits; a chain that comes back finds its caller where it was
// left.

#ifndef CAIRN_LIB_BASE_TASK_H_
#define CAIRN_LIB_BASE_TASK_H_

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

#include "base/check.h"
#include "base/executor.h"

namespace cairn::base {

// Where a chain of tasks that began off the strand is. What takes it to the
// strand is parked here, and done when every task of the chain has suspended:
// else the strand could go on with one whose caller is still on its way out.
//
// Thread safety: whoever has the chain, one after the other.
class Origin {
 public:
  // Of a chain that never comes back.
  Origin() = default;

  // `on_return` runs on the strand when the chain is to go on off it: then the
  // thread that began it calls GoOn(), which may be before it has returned.
  explicit Origin(absl::AnyInvocable<void()> on_return)
      : on_return_(std::move(on_return)) {}

  // Precondition: the chain is not on the strand.
  void Park(Closure leave) {
    CAIRN_CHECK(!is_on_strand_);
    parked_ = std::move(leave);
  }

  // Does what was parked, if anything was. Nothing that belongs to the chain
  // may be touched afterwards: it may have ended.
  void Leave() {
    if (!parked_) return;
    is_on_strand_ = true;
    Closure leave = std::exchange(parked_, nullptr);
    std::move(leave)();
  }

  // Brings the chain back. Precondition: it is on the strand, and every task of
  // it has suspended.
  void Return(std::coroutine_handle<> coroutine) {
    CAIRN_CHECK(is_on_strand_ && on_return_ != nullptr);
    is_on_strand_ = false;
    returned_ = coroutine;
    on_return_();
  }

  // Runs the chain that came back until it ends or leaves again.
  void GoOn() {
    std::exchange(returned_, nullptr).resume();
    Leave();
  }

  bool is_on_strand() const { return is_on_strand_; }

 private:
  absl::AnyInvocable<void()> on_return_;
  bool is_on_strand_ = false;
  Closure parked_;
  std::coroutine_handle<> returned_;
};

// Who goes on when an answer has come, and where: on the thread that began the
// chain, or on the strand where it began.
class Resumption {
 public:
  Resumption() = default;
  Resumption(std::coroutine_handle<> coroutine, Origin* origin)
      : coroutine_(coroutine), origin_(origin) {}

  // To be called once, on the strand, later than it was given.
  void Resume() const {
    if (origin_ == nullptr) {
      coroutine_.resume();
    } else {
      origin_->Return(coroutine_);
    }
  }

 private:
  std::coroutine_handle<> coroutine_;
  Origin* origin_ = nullptr;
};

namespace internal {

// The part of a promise that does not depend on the result. A child that ends
// before its parent suspended is noticed by the parent, which then goes on
// without suspending: a loop over thousands of tasks that are ready at once
// uses no stack, on any compiler and at any optimisation.
class PromiseBase {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      promise.ended_ = true;
      if (promise.parent_suspended_) promise.parent_.resume();
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return {}; }

  // The library throws nothing; what the standard library throws for want of
  // memory under 64 KiB is the documented exception of promise P8.
  void unhandled_exception() const noexcept {
    CheckFailed(__FILE__, __LINE__, "no exception leaves a task");
  }

  bool ended_ = false;
  bool parent_suspended_ = false;
  std::coroutine_handle<> parent_;
  Origin* origin_ = nullptr;  // null: on the strand from the beginning
};

// The origin of the chain that a coroutine belongs to.
template <typename Promise>
Origin* OriginOf(std::coroutine_handle<Promise> coroutine) {
  if constexpr (std::derived_from<Promise, PromiseBase>) {
    return coroutine.promise().origin_;
  } else {
    return nullptr;
  }
}

// That origin while the chain is off the strand, else null.
template <typename Promise>
Origin* OffStrand(std::coroutine_handle<Promise> coroutine) {
  Origin* origin = OriginOf(coroutine);
  return origin != nullptr && !origin->is_on_strand() ? origin : nullptr;
}

template <typename T>
class Promise : public PromiseBase {
 public:
  template <typename U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T TakeValue() { return *std::move(value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  void return_void() const noexcept {}
  void TakeValue() const noexcept {}
};

}  // namespace internal

// Ownership: the Task owns the coroutine's frame and destroys it, whether it
//            has ended or not; frames of tasks it awaits go with it.
template <typename T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : internal::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <typename Parent>
  bool await_suspend(std::coroutine_handle<Parent> parent) {
    handle_.promise().parent_ = parent;
    handle_.promise().origin_ = internal::OriginOf(parent);
    handle_.resume();
    if (handle_.promise().ended_) return false;
    handle_.promise().parent_suspended_ = true;
    return true;
  }
  T await_resume() { return handle_.promise().TakeValue(); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

// Awaits a callback: `start` is called with a closure that takes the result and
// must be called exactly once, later, on the same strand.
//
//   const absl::Status read = co_await Callback<absl::Status>(
//       [&](auto done) { file.Read(0, buffer, std::move(done)); });
template <typename T>
class [[nodiscard]] Callback {
 public:
  using Done = absl::AnyInvocable<void(T) &&>;

  explicit Callback(absl::AnyInvocable<void(Done) &&> start)
      : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> self) {
    CAIRN_CHECK(internal::OffStrand(self) == nullptr);
    std::move(start_)([this, self](T result) {
      result_.emplace(std::move(result));
      self.resume();
    });
  }
  T await_resume() { return *std::move(result_); }

 private:
  absl::AnyInvocable<void(Done) &&> start_;
  std::optional<T> result_;
};

// Goes on, on the strand of `executor`:
//
//   co_await OnStrand(executor);
//
// Costs nothing when the task is there already.
class [[nodiscard]] OnStrand {
 public:
  explicit OnStrand(Executor& executor) : executor_(executor) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    Origin* origin = internal::OffStrand(self);
    if (origin == nullptr) return false;
    origin->Park([&executor = executor_, self] {
      executor.Post([self] { self.resume(); });
    });
    return true;
  }
  void await_resume() const noexcept {}

 private:
  Executor& executor_;
};

// Suspends the chain of tasks, then calls `give` with the coroutine, on the
// caller's thread or on the strand. Somebody resumes it later, on the strand,
// and never inside `give`.
class [[nodiscard]] Handoff {
 public:
  using Give = absl::AnyInvocable<void(std::coroutine_handle<>) &&>;

  explicit Handoff(Give give) : give_(std::move(give)) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> self) {
    Origin* origin = internal::OffStrand(self);
    if (origin == nullptr) {
      CallGive(self);
    } else {
      origin->Park([this, self] { CallGive(self); });
    }
  }
  void await_resume() const noexcept {}

 private:
  // What is awaited lives in the coroutine, which may end any time.
  void CallGive(std::coroutine_handle<> self) {
    Give give = std::move(give_);
    std::move(give)(self);
  }

  Give give_;
};

// Suspends the chain of tasks, then calls `give` with what resumes it, on the
// caller's thread or on the strand. When it goes on, a chain that began off the
// strand is off it again: what it does then does not hold up the strand, and
// memory goes back to the thread that took it.
class [[nodiscard]] RoundTrip {
 public:
  using Give = absl::AnyInvocable<void(Resumption) &&>;

  explicit RoundTrip(Give give) : give_(std::move(give)) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> self) {
    resumption_ = Resumption(self, internal::OriginOf(self));
    Origin* origin = internal::OffStrand(self);
    if (origin == nullptr) {
      CallGive();
    } else {
      origin->Park([this] { CallGive(); });
    }
  }
  void await_resume() const noexcept {}

 private:
  // As with a Handoff.
  void CallGive() {
    Give give = std::move(give_);
    std::move(give)(resumption_);
  }

  Give give_;
  Resumption resumption_;
};

// Goes on, on the strand, when what was posted before has run:
//
//   co_await Later(executor);
inline Handoff Later(Executor& executor) {
  return Handoff([&executor](std::coroutine_handle<> self) {
    executor.Post([self] { self.resume(); });
  });
}

// Owns tasks that nobody awaits. Destroying the scope destroys those that have
// not ended, so no I/O that writes into their frames may be in flight then.
//
// Thread safety: one strand.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope();

  // Runs `task` until it first suspends, then whenever it can go on.
  void Spawn(Task<> task);

  bool empty() const { return roots_.empty(); }

  // `co_await scope.Empty()` goes on when no task is left. One waiter.
  class EmptyAwaiter {
   public:
    explicit EmptyAwaiter(TaskScope& scope) : scope_(scope) {}
    bool await_ready() const noexcept { return scope_.empty(); }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> self) {
      CAIRN_CHECK(internal::OffStrand(self) == nullptr);
      CAIRN_CHECK(!scope_.waiter_);
      scope_.waiter_ = self;
    }
    void await_resume() const noexcept {}

   private:
    TaskScope& scope_;
  };
  EmptyAwaiter Empty() { return EmptyAwaiter(*this); }

 private:
  struct Root;
  using Roots = std::list<std::coroutine_handle<>>;

  static Root Run(Task<> task, TaskScope& scope, Roots::iterator self);

  void Remove(Roots::iterator root);

  Roots roots_;
  std::coroutine_handle<> waiter_;
};

namespace internal {

// `co_await IsOnStrand()` says where the task is.
class IsOnStrand {
 public:
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    is_on_strand_ = OffStrand(self) == nullptr;
    return false;
  }
  bool await_resume() const noexcept { return is_on_strand_; }

 private:
  bool is_on_strand_ = false;
};

}  // namespace internal

// Runs `tasks` at the same time and returns their results in their order. Off
// the strand one runs after the other, until one of them leaves for it.
template <typename T>
Task<std::vector<T>> All(std::vector<Task<T>> tasks) {
  std::vector<std::optional<T>> results(tasks.size());
  std::size_t begin = 0;
  while (begin < tasks.size() && !co_await internal::IsOnStrand()) {
    Task<T> task = std::move(tasks[begin]);
    results[begin].emplace(co_await task);
    ++begin;
  }
  TaskScope scope;
  static constexpr auto kStore = [](Task<T> task,
                                    std::optional<T>& result) -> Task<> {
    result.emplace(co_await task);
  };
  for (std::size_t i = begin; i < tasks.size(); ++i) {
    scope.Spawn(kStore(std::move(tasks[i]), results[i]));
  }
  if (begin < tasks.size()) co_await scope.Empty();
  std::vector<T> values;
  values.reserve(results.size());
  for (std::optional<T>& result : results) values.push_back(*std::move(result));
  co_return values;
}

namespace internal {

// The coroutine around a task that began off the strand. Its frame destroys
// itself when it ends.
struct OffStrandRoot {
  struct promise_type : PromiseBase {
    OffStrandRoot get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
  };

  std::coroutine_handle<promise_type> handle;
};

template <typename T>
OffStrandRoot RunOffStrand(Task<T> task, std::optional<T>& result,
                           Closure on_end) {
  {
    Task<T> body = std::move(task);
    result.emplace(co_await body);
  }
  std::move(on_end)();
}

}  // namespace internal

// Runs `task` on this thread until it ends or leaves for the strand. When it
// has ended, here or there, `result` is set and then `on_end` is called.
// `origin` and `result` live until then, and until this call has returned.
template <typename T>
void StartOffStrand(Task<T> task, Origin& origin, std::optional<T>& result,
                    Closure on_end) {
  const internal::OffStrandRoot root =
      internal::RunOffStrand(std::move(task), result, std::move(on_end));
  root.handle.promise().origin_ = &origin;
  root.handle.resume();
  // The chain ends on another thread only after it has left.
  origin.Leave();
}

// Lets tasks wait until something is true. Waiters go on in the order in which
// they came, from the executor's queue, never inside Notify().
//
// Thread safety: one strand.
class Signal {
 public:
  explicit Signal(Executor& executor) : executor_(executor) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Wakes every task that waits now.
  void Notify();

  class Awaiter {
   public:
    explicit Awaiter(Signal& signal) : signal_(signal) {}
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> self) {
      CAIRN_CHECK(internal::OffStrand(self) == nullptr);
      signal_.waiters_.push_back(self);
    }
    void await_resume() const noexcept {}

   private:
    Signal& signal_;
  };
  Awaiter operator co_await() { return Awaiter(*this); }

 private:
  Executor& executor_;
  std::list<std::coroutine_handle<>> waiters_;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_TASK_H_
