#include "drive/os_error.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "base/status.h"

namespace cairn::drive {
namespace {

ErrorCode CodeOfError(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kDriveFull;
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
      return ErrorCode::kCorrupt;
    default:
      return ErrorCode::kDriveFailed;
  }
}

}  // namespace

absl::Status OsError(int error, std::string_view what) {
  const std::string message =
      fmt::format("{}: {}", what, std::generic_category().message(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EEXIST) return absl::AlreadyExistsError(message);
  return base::Error(CodeOfError(error), "{}", message);
}

}  // namespace cairn::drive
