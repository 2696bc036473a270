#include "drive/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace cairn::drive {

static_assert(FutexWord::is_always_lock_free && sizeof(FutexWord) == 4);

void FutexWait(const FutexWord& word, std::uint32_t expected,
               absl::Time steady_time) {
  timespec deadline{};
  const bool is_bounded = steady_time != absl::InfiniteFuture();
  if (is_bounded) deadline = absl::ToTimespec(steady_time);
  // An absolute time of CLOCK_MONOTONIC. Whatever it returns, the caller looks
  // again.
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected,
            is_bounded ? &deadline : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void FutexWakeOne(const FutexWord* word) {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

void FutexWakeAll(const FutexWord* word) {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
}

}  // namespace cairn::drive
