#include "set/member.h"

#include <map>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {
namespace {

std::string Text(std::string_view path) { return std::string(path); }

base::Task<std::optional<format::Catalogue>> ReadCatalogue(
    drive::Drive& drive, const base::Uuid& uuid) {
  const auto bytes =
      co_await drive::ReadFile(drive, Text(kCataloguePath), kCatalogueSizeMax);
  if (!bytes.ok()) co_return std::nullopt;
  auto catalogue = format::DecodeCatalogue(bytes->bytes(), uuid);
  if (!catalogue.ok()) co_return std::nullopt;
  co_return *std::move(catalogue);
}

// What an interrupted formatting may have left.
base::Task<absl::Status> RemoveIfPresent(drive::Drive& drive,
                                         std::string_view path) {
  const absl::Status removed = co_await drive::Remove(drive, Text(path));
  if (absl::IsNotFound(removed)) co_return absl::OkStatus();
  co_return removed;
}

}  // namespace

base::Task<absl::StatusOr<std::optional<format::DriveIdentity>>> ReadIdentity(
    drive::Drive& drive) {
  const auto bytes = co_await drive::ReadFile(drive, Text(kIdentityPath),
                                              format::kIdentityBlockSize);
  if (absl::IsNotFound(bytes.status())) {
    co_return std::optional<format::DriveIdentity>();
  }
  if (!bytes.ok()) co_return bytes.status();
  auto identity = format::DecodeDriveIdentity(bytes->bytes());
  if (!identity.ok()) {
    co_return base::Annotate(identity.status(), drive.name());
  }
  co_return std::optional<format::DriveIdentity>(*std::move(identity));
}

base::Task<absl::StatusOr<Member>> OpenMember(
    drive::Drive& drive, const format::DriveIdentity& identity) {
  Member member;
  member.drive = &drive;
  member.identity = identity;
  CAIRN_CO_ASSIGN_OR_RETURN(member.log,
                            co_await DriveLog::Open(drive, identity));
  CAIRN_CO_ASSIGN_OR_RETURN(member.promised,
                            co_await member.log->ReadPromise());
  member.catalogue = co_await ReadCatalogue(drive, identity.drive);
  co_return member;
}

absl::Status CheckMembers(const std::vector<Member>& members) {
  if (members.empty()) {
    return base::Error(ErrorCode::kInvalidArgument, "a set of no drives");
  }
  const format::DriveIdentity& first = members.front().identity;
  std::map<base::Uuid, std::string_view> names;
  for (const Member& member : members) {
    const format::DriveIdentity& identity = member.identity;
    if (identity.deployment != first.deployment ||
        identity.pool != first.pool || identity.set != first.set ||
        identity.data_shards != first.data_shards ||
        identity.parity_shards != first.parity_shards ||
        identity.log_size != first.log_size) {
      return base::Error(
          ErrorCode::kWrongDeployment, "{} belongs to deployment {}, {} to {}",
          member.drive->name(), base::ToString(identity.deployment),
          members.front().drive->name(), base::ToString(first.deployment));
    }
    const auto [known, is_new] =
        names.emplace(identity.drive, member.drive->name());
    if (!is_new) {
      return base::Error(ErrorCode::kDuplicateDrive,
                         "{} and {} are both drive {}: one is a copy",
                         known->second, member.drive->name(),
                         base::ToString(identity.drive));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<format::Catalogue> NewestCatalogue(
    const std::vector<Member>& members) {
  const format::Catalogue* newest = nullptr;
  for (const Member& member : members) {
    if (!member.catalogue.has_value()) continue;
    if (newest == nullptr ||
        newest->changed_by < member.catalogue->changed_by) {
      newest = &*member.catalogue;
    }
  }
  if (newest != nullptr) return *newest;
  return base::Error(ErrorCode::kUnrecoverable,
                     "no drive has a catalogue that can be read");
}

std::vector<format::DriveIdentity> NewIdentities(const FormatOptions& options,
                                                 base::Random& random) {
  format::DriveIdentity common;
  common.deployment = base::NewUuid(random);
  common.data_shards = static_cast<std::uint32_t>(options.geometry.data);
  common.parity_shards = static_cast<std::uint32_t>(options.geometry.parity);
  common.log_size = options.log_size;
  for (int i = 0; i < options.geometry.drive_count(); ++i) {
    common.members.push_back(base::NewUuid(random));
  }
  std::vector<format::DriveIdentity> identities;
  for (const base::Uuid& drive : common.members) {
    format::DriveIdentity identity = common;
    identity.position = static_cast<std::uint8_t>(identities.size());
    identity.drive = drive;
    identity.log = base::NewUuid(random);
    identities.push_back(std::move(identity));
  }
  return identities;
}

format::DriveIdentity ReplacementIdentity(const format::DriveIdentity& member,
                                          int position, base::Random& random) {
  format::DriveIdentity identity = member;
  identity.position = static_cast<std::uint8_t>(position);
  identity.drive = base::NewUuid(random);
  identity.log = base::NewUuid(random);
  return identity;
}

base::Task<absl::Status> FormatDrive(drive::Drive& drive,
                                     const format::DriveIdentity& identity) {
  CAIRN_CO_RETURN_IF_ERROR(co_await RemoveIfPresent(drive, kLogPath));
  CAIRN_CO_RETURN_IF_ERROR(co_await DriveLog::Format(drive, identity));
  const format::Catalogue empty{.members = identity.members};
  const std::vector<std::byte> catalogue =
      format::Encode(empty, identity.drive);
  CAIRN_CO_RETURN_IF_ERROR(
      co_await drive::ReplaceFile(drive, Text(kCataloguePath), catalogue));
  const format::IdentityBlock block = format::Encode(identity);
  co_return co_await drive::ReplaceFile(drive, Text(kIdentityPath), block);
}

base::Task<absl::Status> WriteCatalogue(Member& member,
                                        const format::Catalogue& catalogue) {
  const std::vector<std::byte> bytes =
      format::Encode(catalogue, member.identity.drive);
  CAIRN_CO_RETURN_IF_ERROR(
      co_await drive::ReplaceFile(*member.drive, Text(kCataloguePath), bytes));
  member.catalogue = catalogue;
  co_return absl::OkStatus();
}

}  // namespace cairn::set
