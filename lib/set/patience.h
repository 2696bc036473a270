// Waiting for a request that may never come back.

#ifndef CAIRN_LIB_SET_PATIENCE_H_
#define CAIRN_LIB_SET_PATIENCE_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"

namespace cairn::set {

// How long, and what holds the request afterwards; borrowed.
struct Patience {
  base::Executor& executor;
  base::TaskScope& scope;
  absl::Duration limit;
};

// Runs `request` to its end; nullopt when that takes longer than the limit.
// Then it goes on by itself, so it must own what it touches.
base::Task<std::optional<absl::Status>> WaitFor(
    Patience patience, base::Task<absl::Status> request);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_PATIENCE_H_
