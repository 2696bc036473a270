// Threads for calls that block.

#ifndef CAIRN_LIB_DRIVE_THREAD_POOL_H_
#define CAIRN_LIB_DRIVE_THREAD_POOL_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"

#include "base/executor.h"

namespace cairn::drive {

// At most `thread_count_max` threads, each started when there is work and no
// other is free. Idle ones sleep until there is work.
//
// Thread safety: Run() may be called from any thread.
// Lifetime:      destroying the pool runs what waits, and joins the threads.
// Limits:        the closures wait in a queue without a bound; whoever gives
//                them bounds what is in flight.
class ThreadPool {
 public:
  // Starts the first thread. `name` is that of all: see StartThread().
  //
  // Errors: kUnavailable.
  static absl::StatusOr<std::unique_ptr<ThreadPool>> Start(
      std::string name, int thread_count_max);

  ThreadPool(std::string name, int thread_count_max);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  // Runs `closure` on a thread of the pool.
  void Run(base::Closure closure);

 private:
  absl::Status Grow();
  void Work();
  base::Closure Take();

  const std::string name_;
  const std::size_t thread_count_max_;

  std::mutex mutex_;  // Guards all below.
  std::condition_variable changed_;
  std::deque<base::Closure> queue_;
  std::size_t idle_count_ = 0;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_THREAD_POOL_H_
