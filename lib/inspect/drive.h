// A drive: what its directory holds, held against its catalogue.

#ifndef CAIRN_LIB_INSPECT_DRIVE_H_
#define CAIRN_LIB_INSPECT_DRIVE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cairn/inspect.h"
#include "format/checkpoint.h"
#include "format/drive_identity.h"

namespace cairn::inspect {

// Files of one kind, of which there may be more than a report can name.
struct FileTally {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

// What was found in a drive's directory.
struct DriveFiles {
  // Takes note of `file`, a path below the drive's.
  void Add(const std::string& file, std::uint64_t size);

  std::string path;
  absl::StatusOr<format::DriveIdentity> identity;
  absl::StatusOr<format::Catalogue> catalogue;
  FileTally blobs;
  FileTally open_packs;
  // All others, by path below the drive's.
  std::map<std::string, std::uint64_t> sizes;
  std::map<std::string, absl::Status> unreadable;  // folders
};

// Reports on the drive without looking into runs, packs, blobs and the log:
// each of them is inspected on its own.
InspectReport ReportDrive(const DriveFiles& files,
                          const InspectOptions& options);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_DRIVE_H_
