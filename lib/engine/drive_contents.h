// What a directory that is given as a drive turns out to hold.

#ifndef CAIRN_LIB_ENGINE_DRIVE_CONTENTS_H_
#define CAIRN_LIB_ENGINE_DRIVE_CONTENTS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/task.h"
#include "drive/drive.h"
#include "format/drive_identity.h"

namespace cairn::engine {

enum class ContentsKind {
  kFormatted,
  kEmpty,
  // Left by a formatting that was interrupted: it was never part of a set that
  // was opened, so nothing was ever stored on it.
  kHalfFormatted,
};

struct DriveContents {
  ContentsKind kind = ContentsKind::kEmpty;
  std::optional<format::DriveIdentity> identity;  // of kFormatted
};

// Writes nothing.
//
// Errors: kForeignDrive when it holds what is not Cairn's, or what a set stored
//         without saying who the drive is; kNewerFormat; kCorrupt and
//         kDriveFailed, then the drive counts as failed.
base::Task<absl::StatusOr<DriveContents>> ReadContents(drive::Drive* drive);

// Makes an empty drive half formatted, durably: it stays so until it is
// formatted or unformatted, whatever step of that a crash ends.
base::Task<absl::Status> BeginFormatting(drive::Drive* drive);

// Makes a drive empty on which nothing was stored.
base::Task<absl::Status> Unformat(drive::Drive* drive);

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_DRIVE_CONTENTS_H_
