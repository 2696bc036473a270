// The randomness of the system, for production.

#ifndef CAIRN_LIB_BASE_SYSTEM_RANDOM_H_
#define CAIRN_LIB_BASE_SYSTEM_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"

#include "base/mutex.h"
#include "base/random.h"

namespace cairn::base {

// Numbers of the kernel's generator, asked for many at a time.
//
// Limits: a child that was forked draws the numbers that its parent draws.
class SystemRandom : public Random {
 public:
  // Errors: kUnavailable where the system gives no random numbers.
  static absl::StatusOr<std::unique_ptr<SystemRandom>> Create();

  // Of no use before Create().
  SystemRandom() = default;

  std::uint64_t Next() override;

 private:
  // 256 bytes: as many as the kernel promises to give in one call.
  static constexpr std::size_t kBufferCount = 32;

  bool Fill() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::array<std::uint64_t, kBufferCount> buffer_ ABSL_GUARDED_BY(mutex_){};
  std::size_t left_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_SYSTEM_RANDOM_H_
