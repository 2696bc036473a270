#include "engine/info.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "base/uuid.h"
#include "set/patience.h"
#include "set/replicas.h"

namespace cairn::engine {
namespace {

constexpr absl::Duration kSpacePatience = absl::Seconds(1);

DriveState StateOf(set::Service service, bool is_read_only) {
  switch (service) {
    case set::Service::kCurrent:
      return DriveState::kServing;
    case set::Service::kBehind:
      return DriveState::kBehind;
    case set::Service::kFenced:
      // An engine that takes no writes has no drive that takes them; none has
      // failed for that.
      return is_read_only ? DriveState::kServing : DriveState::kFenced;
    case set::Service::kAbsent:
      return DriveState::kMissing;
  }
  return DriveState::kMissing;
}

const GivenDrive* FindDrive(const Parts& parts, const base::Uuid& drive) {
  for (const GivenDrive& given : parts.drives()) {
    if (given.Is(ContentsKind::kFormatted) && given.identity().drive == drive) {
      return &given;
    }
  }
  return nullptr;
}

base::Task<absl::Status> ReadSpace(drive::Drive* drive,
                                   std::shared_ptr<drive::Space> space) {
  const absl::StatusOr<drive::Space> read =
      co_await base::Callback<absl::StatusOr<drive::Space>>(
          [drive](auto done) { drive->GetSpace(std::move(done)); });
  if (read.ok()) *space = *read;
  co_return read.status();
}

base::Task<DriveInfo> ReadDriveInfo(Parts* parts, int position) {
  const set::Replicas& replicas = parts->set().replicas();
  DriveInfo info{.state = StateOf(replicas.service(position),
                                  parts->set().is_read_only())};
  const set::DriveLog* log = replicas.log(position).log;
  if (log == nullptr) co_return info;
  const GivenDrive* given = FindDrive(*parts, log->identity().drive);
  if (given == nullptr) co_return info;
  info.path = given->path;
  const auto space = std::make_shared<drive::Space>();
  base::Task<std::optional<absl::Status>> wait =
      set::WaitFor({.executor = parts->loop(),
                    .scope = parts->requests(),
                    .limit = kSpacePatience},
                   ReadSpace(given->drive.get(), space));
  const std::optional<absl::Status> read = co_await wait;
  if (!read.has_value() || !read->ok()) co_return info;
  info.bytes_total = space->bytes_total;
  info.bytes_available = space->bytes_free;
  co_return info;
}

}  // namespace

base::Task<EngineInfo> ReadInfo(Parts* parts) {
  co_await base::OnStrand(parts->loop());
  const set::LocalSet& set = parts->set();
  std::vector<base::Task<DriveInfo>> reads;
  for (int p = 0; p < set.geometry().drive_count(); ++p) {
    reads.push_back(ReadDriveInfo(parts, p));
  }
  base::Task<std::vector<DriveInfo>> all = base::All(std::move(reads));
  EngineInfo info;
  info.drives = co_await all;
  info.deployment = base::ToString(set.deployment());
  info.data = set.geometry().data;
  info.parity = set.geometry().parity;
  info.write_quorum = set.geometry().write_quorum();
  info.read_only = set.is_read_only();
  info.epoch = set.epoch();
  info.last_sequence = set.last_sequence();
  info.run_count = set.run_count();
  info.pack_count = set.catalogue().packs.size();
  co_return info;
}

}  // namespace cairn::engine
