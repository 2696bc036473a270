// Threads of Cairn in the process of a host.

#ifndef CAIRN_LIB_DRIVE_THREAD_H_
#define CAIRN_LIB_DRIVE_THREAD_H_

#include <string>
#include <thread>

#include "absl/status/statusor.h"

#include "base/executor.h"

namespace cairn::drive {

// Starts a thread that runs `body`, has `name`, of at most 15 characters, and
// blocks all signals from the beginning: they are the host's.
//
// Errors: kUnavailable when the system has no thread to give.
absl::StatusOr<std::thread> StartThread(std::string name, base::Closure body);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_THREAD_H_
