#include "engine/given_drive.h"

#include <utility>

#include "base/status.h"
#include "base/task.h"
#include "engine/on_strand.h"

namespace cairn::engine {
namespace {

// A drive in this state is not there, or as good as not there.
bool CountsAsMissing(const absl::Status& status) {
  const ErrorCode code = CodeOf(status);
  return code == ErrorCode::kDriveFailed || code == ErrorCode::kCorrupt;
}

absl::StatusOr<GivenDrive> OpenDrive(const std::string& path,
                                     drive::Loop& loop) {
  GivenDrive given{.path = path, .contents = DriveContents()};
  absl::StatusOr<std::unique_ptr<drive::LocalDrive>> drive =
      drive::LocalDrive::Open(path, loop);
  if (drive.ok()) {
    given.drive = *std::move(drive);
    return given;
  }
  if (!CountsAsMissing(drive.status())) return drive.status();
  given.contents = drive.status();
  return given;
}

// Names that a drive does not know make it foreign only while it is empty.
absl::Status CheckForeignNames(const GivenDrive& given) {
  if (!given.contents.ok() || given.Is(ContentsKind::kFormatted)) {
    return absl::OkStatus();
  }
  CAIRN_ASSIGN_OR_RETURN(const bool foreign, given.drive->HoldsForeignNames());
  if (!foreign) return absl::OkStatus();
  return base::Error(ErrorCode::kForeignDrive,
                     "drive \"{}\" holds files that are not Cairn's and is not "
                     "formatted: give an empty directory",
                     given.path);
}

}  // namespace

absl::StatusOr<std::vector<GivenDrive>> OpenDrives(
    const std::vector<std::string>& paths, drive::Loop& loop) {
  std::vector<GivenDrive> drives;
  for (const std::string& path : paths) {
    CAIRN_ASSIGN_OR_RETURN(GivenDrive given, OpenDrive(path, loop));
    drives.push_back(std::move(given));
  }
  std::vector<base::Task<absl::StatusOr<DriveContents>>> reads;
  std::vector<GivenDrive*> read;
  for (GivenDrive& given : drives) {
    if (given.drive == nullptr) continue;
    reads.push_back(ReadContents(given.drive.get()));
    read.push_back(&given);
  }
  std::vector<absl::StatusOr<DriveContents>> contents =
      AwaitOnStrand(loop, base::All(std::move(reads)));
  for (std::size_t i = 0; i < read.size(); ++i) {
    read[i]->contents = std::move(contents[i]);
    const absl::Status& status = read[i]->contents.status();
    if (!status.ok() && !CountsAsMissing(status)) return status;
    CAIRN_RETURN_IF_ERROR(CheckForeignNames(*read[i]));
  }
  return drives;
}

}  // namespace cairn::engine
