#include "base/task.h"

#include <iterator>

namespace cairn::base {

// The coroutine around a spawned task. Its frame destroys itself when it ends;
// the scope destroys it before that only while it is suspended.
struct TaskScope::Root {
  struct promise_type {
    Root get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {
      CheckFailed(__FILE__, __LINE__, "no exception leaves a task");
    }
  };

  std::coroutine_handle<> handle;
};

TaskScope::~TaskScope() {
  while (!roots_.empty()) {
    const std::coroutine_handle<> handle = roots_.front();
    roots_.pop_front();
    handle.destroy();
  }
}

TaskScope::Root TaskScope::Run(Task<> task, TaskScope& scope,
                               Roots::iterator self) {
  {
    Task<> body = std::move(task);
    co_await body;
  }
  scope.Remove(self);
}

void TaskScope::Spawn(Task<> task) {
  const auto self = roots_.insert(roots_.end(), std::coroutine_handle<>());
  *self = Run(std::move(task), *this, self).handle;
  self->resume();
}

void TaskScope::Remove(Roots::iterator root) {
  roots_.erase(root);
  if (!roots_.empty() || !waiter_) return;
  // The waiter may destroy the scope.
  std::exchange(waiter_, {}).resume();
}

void Signal::Notify() {
  std::list<std::coroutine_handle<>> waiters = std::move(waiters_);
  waiters_.clear();
  for (const std::coroutine_handle<> waiter : waiters) {
    executor_.Post([waiter] { waiter.resume(); });
  }
}

}  // namespace cairn::base
