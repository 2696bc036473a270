#include "engine/memory_budget.h"

#include <algorithm>

#include "base/status.h"

namespace cairn::engine {

bool MemoryBudget::TryTake(std::uint64_t bytes) {
  std::uint64_t left = left_.load();
  while (left >= bytes) {
    if (left_.compare_exchange_weak(left, left - bytes)) return true;
  }
  return false;
}

absl::StatusOr<MemoryBudget::Share> MemoryBudget::Take(std::uint64_t bytes) {
  bytes = std::min(bytes, bytes_);
  if (TryTake(bytes)) return Share(this, bytes);
  // Whoever gives back sees this one, or this one sees what was given back.
  waiter_count_.fetch_add(1);
  std::unique_lock lock(mutex_);
  const bool taken =
      changed_.wait_for(lock, patience_, [&] { return TryTake(bytes); });
  waiter_count_.fetch_sub(1);
  if (taken) return Share(this, bytes);
  return base::Error(ErrorCode::kBusy,
                     "calls hold all memory that memory_max leaves them; {} "
                     "bytes were not to be had",
                     bytes);
}

void MemoryBudget::GiveBack(std::uint64_t bytes) {
  left_.fetch_add(bytes);
  if (waiter_count_.load() == 0) return;
  // One that has looked in vain sleeps before this goes on.
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

}  // namespace cairn::engine
