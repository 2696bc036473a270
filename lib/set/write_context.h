// What files of a set are written with, and how long a drive may take for it.

#ifndef CAIRN_LIB_SET_WRITE_CONTEXT_H_
#define CAIRN_LIB_SET_WRITE_CONTEXT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"
#include "drive/drive.h"

namespace cairn::set {

// Borrowed, and outlives the requests.
struct WriteContext {
  base::Executor& executor;
  base::TaskScope& requests;  // holds those that nobody waits for any more
  // How long a drive may take for a request before it counts as failed.
  absl::Duration deadline = absl::Seconds(10);
  // Told at once of the drive of a position that failed a write or a sync, or
  // was late.
  std::function<void(int position)> on_failure = [](int) {};
  // Whether the drive of a position may be written: not one that has failed,
  // here or in its log.
  std::function<bool(int position)> is_writable = [](int) { return true; };
};

// Runs `request` to its end or for `context.deadline`. A late one goes on by
// itself, so it must own what it touches.
//
// Errors: those of `request`; kDriveFailed when it is late.
base::Task<absl::Status> Within(const WriteContext& context,
                                base::Task<absl::Status> request);

// Removes a file, within the deadline. Errors: NotFound; kDriveFailed.
base::Task<absl::Status> RemoveWithin(const WriteContext& context,
                                      drive::Drive* drive, std::string path);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_WRITE_CONTEXT_H_
