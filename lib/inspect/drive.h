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

// What was found in a drive's directory.
struct DriveFiles {
  std::string path;
  absl::StatusOr<format::DriveIdentity> identity;
  absl::StatusOr<format::Catalogue> catalogue;
  // By path below the drive's.
  std::map<std::string, std::uint64_t> sizes;
  std::map<std::string, absl::Status> unreadable;  // folders
};

// Reports on the drive without looking into runs, packs and the log: each of
// them is inspected on its own.
InspectReport ReportDrive(const DriveFiles& files,
                          const InspectOptions& options);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_DRIVE_H_
