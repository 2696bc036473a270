#include "engine/drive_contents.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "drive/file_task.h"
#include "format/byte_io.h"
#include "set/drive_log.h"
#include "set/member.h"

namespace cairn::engine {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kNewCatalogue = "catalogue.new";
constexpr std::string_view kNewIdentity = "cairn.format.new";

// What formatting makes, in the order in which it is taken away: a drive is not
// formatted from the first one on, and half formatted until the last.
constexpr std::array kFormatFiles = {set::kIdentityPath, kNewIdentity,
                                     set::kCataloguePath, set::kLogPath,
                                     kNewCatalogue};

bool Holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status Foreign(const drive::Drive& drive, std::string_view what) {
  return base::Error(ErrorCode::kForeignDrive, "drive \"{}\" {}", drive.name(),
                     what);
}

// What the slots at the head of a log say.
struct Promises {
  bool any = false;    // valid ones
  bool taken = false;  // one is of an epoch: the set was opened
};

Promises ReadPromises(base::Bytes slots) {
  Promises promises;
  for (std::size_t i = 0; i < format::kPromiseSlotCount; ++i) {
    const base::Bytes slot =
        slots.subspan(i * format::kPromiseSlotSize, format::kPromiseSlotSize);
    format::FieldReader fields(slot);
    fields.Get<std::uint32_t>();  // magic
    fields.Get<std::uint32_t>();  // epoch
    const auto promise = format::DecodePromise(slot, fields.GetUuid());
    if (!promise.ok()) continue;
    promises.any = true;
    promises.taken = promises.taken || promise->epoch > 0;
  }
  return promises;
}

base::Task<absl::StatusOr<Promises>> ReadPromisesOf(drive::Drive* drive) {
  auto file = co_await drive::Open(*drive, std::string(set::kLogPath));
  if (!file.ok()) co_return file.status();
  base::AlignedBuffer slots(format::kRingOffset);
  if ((*file)->size() < slots.size()) co_return Promises();
  CAIRN_CO_RETURN_IF_ERROR(co_await drive::Read(**file, 0, slots.bytes()));
  co_return ReadPromises(slots.bytes());
}

// A drive without an identity may have lost it. Then its log says whether a set
// was ever opened with it; a log that says nothing was not yet written, unless
// the file that is made after it is there.
base::Task<absl::Status> CheckNeverUsed(drive::Drive* drive,
                                        const Names* names) {
  if (!Holds(*names, set::kLogPath)) co_return absl::OkStatus();
  base::Task<absl::StatusOr<Promises>> read = ReadPromisesOf(drive);
  const absl::StatusOr<Promises> promises = co_await read;
  if (!promises.ok()) co_return promises.status();
  const bool is_written = Holds(*names, set::kCataloguePath);
  if (!promises->taken && (promises->any || !is_written)) {
    co_return absl::OkStatus();
  }
  co_return Foreign(*drive,
                    "was part of a store and has lost its cairn.format: "
                    "empty it to have it replaced");
}

base::Task<absl::Status> RemoveIfPresent(drive::Drive* drive,
                                         std::string_view path) {
  const absl::Status removed =
      co_await drive::Remove(*drive, std::string(path));
  if (absl::IsNotFound(removed)) co_return absl::OkStatus();
  co_return removed;
}

}  // namespace

base::Task<absl::StatusOr<DriveContents>> ReadContents(drive::Drive* drive) {
  auto read = set::ReadIdentity(*drive);
  auto identity = co_await read;
  if (!identity.ok()) co_return identity.status();
  if (identity->has_value()) {
    co_return DriveContents{.kind = ContentsKind::kFormatted,
                            .identity = *std::move(identity)};
  }
  const absl::StatusOr<Names> names = co_await drive::List(*drive, "");
  if (!names.ok()) co_return names.status();
  for (const std::string& name : *names) {
    if (std::find(kFormatFiles.begin(), kFormatFiles.end(), name) ==
        kFormatFiles.end()) {
      co_return Foreign(*drive,
                        fmt::format("holds \"{}\" and is not formatted: "
                                    "give an empty directory",
                                    name));
    }
  }
  if (names->empty()) co_return DriveContents();
  base::Task<absl::Status> check = CheckNeverUsed(drive, &*names);
  CAIRN_CO_RETURN_IF_ERROR(co_await check);
  co_return DriveContents{.kind = ContentsKind::kHalfFormatted};
}

// The new catalogue is there from now on until the log is: so one of them
// always is. An old one would say that the log is whole.
base::Task<absl::Status> BeginFormatting(drive::Drive* drive) {
  const auto created =
      co_await drive::Create(*drive, std::string(kNewCatalogue));
  if (!created.ok() && !absl::IsAlreadyExists(created.status())) {
    co_return created.status();
  }
  for (const std::string_view path : {set::kCataloguePath, set::kLogPath}) {
    base::Task<absl::Status> remove = RemoveIfPresent(drive, path);
    CAIRN_CO_RETURN_IF_ERROR(co_await remove);
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> Unformat(drive::Drive* drive) {
  for (const std::string_view path : kFormatFiles) {
    base::Task<absl::Status> remove = RemoveIfPresent(drive, path);
    CAIRN_CO_RETURN_IF_ERROR(co_await remove);
  }
  co_return absl::OkStatus();
}

}  // namespace cairn::engine
