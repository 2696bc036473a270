// Memory that calls share: who finds none waits, then is refused.

#ifndef CAIRN_LIB_ENGINE_MEMORY_BUDGET_H_
#define CAIRN_LIB_ENGINE_MEMORY_BUDGET_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"

namespace cairn::engine {

// Counts; it holds no memory itself. In no order: one that wants little may get
// it before one that wants much.
//
// Thread safety: all methods may run concurrently. Takes no lock as long as
//                there is enough.
class MemoryBudget {
 public:
  // What a call has. Gives it back when it is destroyed.
  class Share {
   public:
    Share() = default;
    Share(MemoryBudget* budget, std::uint64_t bytes)
        : budget_(budget), bytes_(bytes) {}
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          bytes_(other.bytes_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Share() {
      if (budget_ != nullptr) budget_->GiveBack(bytes_);
    }

   private:
    MemoryBudget* budget_ = nullptr;
    std::uint64_t bytes_ = 0;
  };

  explicit MemoryBudget(
      std::uint64_t bytes,
      std::chrono::milliseconds patience = std::chrono::seconds(10))
      : bytes_(bytes), patience_(patience), left_(bytes) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // Waits as long as `patience` until there are `bytes`. Whoever wants more
  // than there is in all gets it when nobody else has any.
  //
  // Errors: kBusy.
  absl::StatusOr<Share> Take(std::uint64_t bytes);

  std::uint64_t left() const { return left_.load(); }

 private:
  bool TryTake(std::uint64_t bytes);
  void GiveBack(std::uint64_t bytes);

  const std::uint64_t bytes_;
  const std::chrono::milliseconds patience_;
  std::atomic<std::uint64_t> left_;
  std::atomic<std::uint32_t> waiter_count_ = 0;
  std::mutex mutex_;  // for waiting
  std::condition_variable changed_;
};

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_MEMORY_BUDGET_H_
