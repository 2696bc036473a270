// The names that a Drive takes.

#ifndef CAIRN_LIB_DRIVE_PATH_H_
#define CAIRN_LIB_DRIVE_PATH_H_

#include <string_view>

namespace cairn::drive {

// The file in a drive's own directory that is locked while the drive is open.
inline constexpr std::string_view kLockName = "lock";

// Whether one component of a path may be called that.
bool IsValidName(std::string_view name);

// Whether Drive takes this path.
bool IsValidPath(std::string_view path);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_PATH_H_
