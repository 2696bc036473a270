// A drive of a set: what identifies it, and what it was found to hold.

#ifndef CAIRN_LIB_SET_MEMBER_H_
#define CAIRN_LIB_SET_MEMBER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/random.h"
#include "base/task.h"
#include "drive/drive.h"
#include "format/checkpoint.h"
#include "format/drive_identity.h"
#include "set/drive_log.h"
#include "set/quorum.h"
#include "set/write_context.h"

namespace cairn::set {

inline constexpr std::string_view kIdentityPath = "cairn.format";
inline constexpr std::string_view kCataloguePath = "catalogue";
inline constexpr std::uint64_t kCatalogueSizeMax = 256 << 20;

// A formatted drive that is there.
struct Member {
  drive::Drive* drive = nullptr;
  format::DriveIdentity identity;
  std::unique_ptr<DriveLog> log;
  std::uint32_t promised = 0;
  // Empty when it is damaged or absent; the drive's log still counts.
  std::optional<format::Catalogue> catalogue;
};

// Reads what a drive says it is. nullopt: it was never formatted.
//
// Errors: kCorrupt, kNewerFormat, kDriveFailed.
base::Task<absl::StatusOr<std::optional<format::DriveIdentity>>> ReadIdentity(
    drive::Drive& drive);

// Opens the log of an identified drive and reads its promise and catalogue.
//
// Errors: kCorrupt, kDriveFailed: then the drive counts as failed.
base::Task<absl::StatusOr<Member>> OpenMember(
    drive::Drive& drive, const format::DriveIdentity& identity);

// Whether `members` may make one set together.
//
// Errors: kWrongDeployment (another deployment's or set's drive is among them),
//         kDuplicateDrive (two are clones of one drive), kInvalidArgument (of
//         none).
absl::Status CheckMembers(const std::vector<Member>& members);

// The newest catalogue of any of them.
//
// Errors: kUnrecoverable when none can be read.
absl::StatusOr<format::Catalogue> NewestCatalogue(
    const std::vector<Member>& members);

// What a new set is to be.
struct FormatOptions {
  Geometry geometry;
  std::uint64_t log_size = 64 << 20;
};

// Identities for the drives of a new set.
std::vector<format::DriveIdentity> NewIdentities(const FormatOptions& options,
                                                 base::Random& random);

// An identity for a drive that is to take over `position` of the set that
// `member` belongs to.
format::DriveIdentity ReplacementIdentity(const format::DriveIdentity& member,
                                          int position, base::Random& random);

// Makes an empty drive what `identity` says: log, catalogue, and last, so that
// a crash leaves a drive that is not formatted, the identity itself.
base::Task<absl::Status> FormatDrive(drive::Drive& drive,
                                     const format::DriveIdentity& identity);

// Stores `catalogue` as the drive's, durably and atomically.
//
// Errors: kDriveFailed, also when the drive is late; kDriveFull.
base::Task<absl::Status> WriteCatalogue(const WriteContext& context,
                                        Member& member,
                                        const format::Catalogue& catalogue);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_MEMBER_H_
