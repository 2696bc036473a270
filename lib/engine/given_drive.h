// The directories that an engine is opened with.

#ifndef CAIRN_LIB_ENGINE_GIVEN_DRIVE_H_
#define CAIRN_LIB_ENGINE_GIVEN_DRIVE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "drive/local_drive.h"
#include "drive/loop.h"
#include "engine/drive_contents.h"

namespace cairn::engine {

struct GivenDrive {
  std::string path;
  std::unique_ptr<drive::LocalDrive> drive;  // null: it cannot be opened
  // An error: it counts as missing, for this reason.
  absl::StatusOr<DriveContents> contents;

  bool Is(ContentsKind kind) const {
    return contents.ok() && contents->kind == kind;
  }
  const format::DriveIdentity& identity() const { return *contents->identity; }
};

// Opens and locks the drives at `paths` and reads what they are. Those that
// cannot be opened or read are among them.
//
// Errors: kInvalidArgument for what is no directory, kDriveInUse,
//         kForeignDrive, kNewerFormat; kUnavailable for want of threads.
absl::StatusOr<std::vector<GivenDrive>> OpenDrives(
    const std::vector<std::string>& paths, drive::Loop& loop);

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_GIVEN_DRIVE_H_
