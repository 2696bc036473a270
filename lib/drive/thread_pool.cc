#include "drive/thread_pool.h"

#include <utility>

#include "base/status.h"
#include "drive/thread.h"

namespace cairn::drive {

absl::StatusOr<std::unique_ptr<ThreadPool>> ThreadPool::Start(
    std::string name, int thread_count_max) {
  auto pool = std::make_unique<ThreadPool>(std::move(name), thread_count_max);
  const std::lock_guard lock(pool->mutex_);
  CAIRN_RETURN_IF_ERROR(pool->Grow());
  return pool;
}

ThreadPool::ThreadPool(std::string name, int thread_count_max)
    : name_(std::move(name)),
      thread_count_max_(static_cast<std::size_t>(thread_count_max)) {}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::Run(base::Closure closure) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(closure));
    if (queue_.size() > idle_count_ && threads_.size() < thread_count_max_) {
      base::IgnoreError(Grow(), "the other threads take it, later");
    }
  }
  changed_.notify_one();
}

absl::Status ThreadPool::Grow() {
  CAIRN_ASSIGN_OR_RETURN(std::thread thread,
                         StartThread(name_, [this] { Work(); }));
  threads_.push_back(std::move(thread));
  return absl::OkStatus();
}

void ThreadPool::Work() {
  while (base::Closure closure = Take()) std::move(closure)();
}

// Waits for a closure; null when the pool stops and none is left.
base::Closure ThreadPool::Take() {
  std::unique_lock lock(mutex_);
  ++idle_count_;
  changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
  --idle_count_;
  if (queue_.empty()) return nullptr;
  base::Closure closure = std::move(queue_.front());
  queue_.pop_front();
  return closure;
}

}  // namespace cairn::drive
