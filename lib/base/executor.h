// Where the protocol runs: closures, one at a time, in the order posted.

#ifndef CAIRN_LIB_BASE_EXECUTOR_H_
#define CAIRN_LIB_BASE_EXECUTOR_H_

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

#include "base/clock.h"

namespace cairn::base {

using Closure = absl::AnyInvocable<void() &&>;

// An Executor is a strand: two of its closures never run at once, so state that
// only they touch needs no lock. Threads and io_uring drive it in production,
// one seeded loop in the simulator.
//
// Thread safety: all methods may run concurrently.
class Executor {
 public:
  virtual ~Executor() = default;

  // Runs `closure` soon. Never runs it before Post() returns.
  virtual void Post(Closure closure) = 0;

  // Runs `closure` at `steady_time` of clock(), or soon when that has passed.
  virtual void PostAt(absl::Time steady_time, Closure closure) = 0;

  virtual const Clock& clock() const = 0;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_EXECUTOR_H_
