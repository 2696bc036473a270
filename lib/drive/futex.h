// Sleeping until a word changes.

#ifndef CAIRN_LIB_DRIVE_FUTEX_H_
#define CAIRN_LIB_DRIVE_FUTEX_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace cairn::drive {

using FutexWord = std::atomic<std::uint32_t>;

// Sleeps while `word` is `expected`, at the longest until `steady_time`. May
// return at any time before that, so the caller looks again.
void FutexWait(const FutexWord& word, std::uint32_t expected,
               absl::Time steady_time = absl::InfiniteFuture());

// Wakes those that sleep on the word at this address, which need not exist any
// more: where it does not, whoever sleeps there now looks again.
void FutexWakeOne(const FutexWord* word);
void FutexWakeAll(const FutexWord* word);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_FUTEX_H_
