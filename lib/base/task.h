// Task<T>: a coroutine that computes a T. The protocol's state machines are
// written as coroutines: each co_await is a state, each completion an event.
//
// A task is lazy: it runs when it is awaited, on the strand of whoever awaits
// it, and stays there, because every completion arrives on that strand. It
// holds no thread while it waits.

#ifndef CAIRN_LIB_BASE_TASK_H_
#define CAIRN_LIB_BASE_TASK_H_

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
};

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
  bool await_suspend(std::coroutine_handle<> parent) {
    handle_.promise().parent_ = parent;
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
  void await_suspend(std::coroutine_handle<> self) {
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
  auto Empty() {
    struct Awaiter {
      TaskScope& scope;
      bool await_ready() const noexcept { return scope.empty(); }
      void await_suspend(std::coroutine_handle<> self) {
        CAIRN_CHECK(!scope.waiter_);
        scope.waiter_ = self;
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  struct Root;
  using Roots = std::list<std::coroutine_handle<>>;

  static Root Run(Task<> task, TaskScope& scope, Roots::iterator self);

  void Remove(Roots::iterator root);

  Roots roots_;
  std::coroutine_handle<> waiter_;
};

// Runs `tasks` at the same time and returns their results in their order.
template <typename T>
Task<std::vector<T>> All(std::vector<Task<T>> tasks) {
  std::vector<std::optional<T>> results(tasks.size());
  TaskScope scope;
  static constexpr auto kStore = [](Task<T> task,
                                    std::optional<T>& result) -> Task<> {
    result.emplace(co_await task);
  };
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    scope.Spawn(kStore(std::move(tasks[i]), results[i]));
  }
  co_await scope.Empty();
  std::vector<T> values;
  values.reserve(results.size());
  for (std::optional<T>& result : results) values.push_back(*std::move(result));
  co_return values;
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

  auto operator co_await() {
    struct Awaiter {
      Signal& signal;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) {
        signal.waiters_.push_back(self);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  Executor& executor_;
  std::list<std::coroutine_handle<>> waiters_;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_TASK_H_
