#include "quickstart/workers.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace quickstart {
namespace {

constexpr unsigned kThreadsPerCore = 8;

// What the threads share.
struct Shared {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  absl::Status status;  // guarded by `mutex`
};

}  // namespace

absl::Status ForEach(std::size_t count,
                     const std::function<absl::Status(std::size_t)>& work) {
  Shared shared;
  const auto run = [&] {
    for (std::size_t i = shared.next++; i < count; i = shared.next++) {
      const absl::Status status = work(i);
      if (status.ok()) continue;
      const std::lock_guard lock(shared.mutex);
      shared.status.Update(status);
      shared.next = count;
    }
  };
  const unsigned cores = std::max(2u, std::thread::hardware_concurrency());
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < cores * kThreadsPerCore; ++i) {
    threads.emplace_back(run);
  }
  threads.clear();  // waits for them
  return shared.status;
}

}  // namespace quickstart
