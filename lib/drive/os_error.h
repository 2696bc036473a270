// What the operating system reports, as statuses.

#ifndef CAIRN_LIB_DRIVE_OS_ERROR_H_
#define CAIRN_LIB_DRIVE_OS_ERROR_H_

#include <string_view>

#include "absl/status/status.h"

namespace cairn::drive {

// The error of a call that failed with `error`, a value of errno; `what` says
// what failed and where.
//
// Errors: NotFound for ENOENT, AlreadyExists for EEXIST, without ErrorCode;
//         kDriveFull for want of space; kCorrupt where something of another
//         kind is in the way; kDriveFailed for all else.
absl::Status OsError(int error, std::string_view what);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_OS_ERROR_H_
