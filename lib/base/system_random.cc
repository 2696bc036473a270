#include "base/system_random.h"

#include <sys/random.h>

#include "base/check.h"
#include "base/status.h"

namespace cairn::base {

absl::StatusOr<std::unique_ptr<SystemRandom>> SystemRandom::Create() {
  auto random = std::make_unique<SystemRandom>();
  const MutexLock lock(random->mutex_);
  if (random->Fill()) return random;
  return Error(ErrorCode::kUnavailable,
               "the system gives no random numbers: it has no getrandom()");
}

// The kernel gives this many at once or none, and once it has given any it
// always does.
bool SystemRandom::Fill() {
  constexpr std::size_t kSize = sizeof(buffer_);
  left_ = kBufferCount;
  // tidy: this is the Random of production
  const ssize_t size = ::getrandom(buffer_.data(), kSize, 0);
  return size == static_cast<ssize_t>(kSize);
}

std::uint64_t SystemRandom::Next() {
  const MutexLock lock(mutex_);
  if (left_ == 0) CAIRN_CHECK(Fill());
  return buffer_[--left_];
}

}  // namespace cairn::base
