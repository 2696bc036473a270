// Making a file whose name is an id that is never reused.

#ifndef CAIRN_LIB_SET_NEW_FILE_H_
#define CAIRN_LIB_SET_NEW_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/status.h"
#include "base/task.h"
#include "drive/drive.h"
#include "drive/file_task.h"

namespace cairn::set {

// What is there already may be the only copy of something, and is left alone.
//
// Errors: those of drive::Drive::Create(); kDriveFailed instead of
//         AlreadyExists.
inline base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> CreateNew(
    drive::Drive& drive, std::string path, std::uint64_t size = 0) {
  auto file = co_await drive::Create(drive, path, size);
  if (!absl::IsAlreadyExists(file.status())) co_return std::move(file);
  co_return base::Error(ErrorCode::kDriveFailed,
                        "{}: the new file is there already", path);
}

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_NEW_FILE_H_
