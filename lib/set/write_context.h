// What files of a set are written with, and how long a drive may take for it.

#ifndef CAIRN_LIB_SET_WRITE_CONTEXT_H_
#define CAIRN_LIB_SET_WRITE_CONTEXT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"

namespace cairn::set {

// Borrowed, and outlives the requests.
struct WriteContext {
  base::Executor& executor;
  base::TaskScope& requests;  // holds those that nobody waits for any more
  // How long a drive may take for a request before it counts as failed.
  absl::Duration deadline = absl::Seconds(10);
};

// Runs `request` to its end or for `context.deadline`. A late one goes on by
// itself, so it must own what it touches.
//
// Errors: those of `request`; kDriveFailed when it is late.
base::Task<absl::Status> Within(const WriteContext& context,
                                base::Task<absl::Status> request);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_WRITE_CONTEXT_H_
