#include "engine/set_opener.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/status.h"
#include "engine/on_strand.h"
#include "engine/options.h"

namespace cairn::engine {
namespace {

absl::Status Foreign(const GivenDrive& given, std::string_view why) {
  return base::Error(ErrorCode::kForeignDrive, "drive \"{}\" {}", given.path,
                     why);
}

set::Geometry GeometryIn(const format::DriveIdentity& identity) {
  return {.data = static_cast<int>(identity.data_shards),
          .parity = static_cast<int>(identity.parity_shards)};
}

bool IsAmong(const std::vector<base::Uuid>& drives, const base::Uuid& drive) {
  return std::find(drives.begin(), drives.end(), drive) != drives.end();
}

bool IsAmong(const std::vector<std::optional<base::Uuid>>& drives,
             const base::Uuid& drive) {
  return std::find(drives.begin(), drives.end(), drive) != drives.end();
}

// Formatted to take over a place, and part of no opening since: nothing is
// stored on it. A drive that has lost its place was once part of one, or among
// those that were formatted together.
bool IsSpare(const set::Member& member) {
  return member.promised == 0 &&
         !IsAmong(member.identity.members, member.identity.drive);
}

// A drive that has lost its place has missed the openings since. So has one
// that was merely away.
bool SomeMissedAnOpening(const std::vector<set::Member>& members) {
  return std::any_of(members.begin(), members.end(),
                     [&](const set::Member& member) {
                       return member.promised != members.front().promised;
                     });
}

// The first error of `results`.
absl::Status FirstError(const std::vector<absl::Status>& results) {
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

base::Task<std::vector<std::optional<base::Uuid>>> ReadHolders(
    base::Executor* executor, const set::LocalSet* set) {
  co_await base::OnStrand(*executor);
  std::vector<std::optional<base::Uuid>> holders;
  for (int p = 0; p < set->replicas().count(); ++p) {
    const set::DriveLog* log = set->replicas().log(p).log;
    holders.emplace_back();
    if (log != nullptr) holders.back() = log->identity().drive;
  }
  co_return holders;
}

}  // namespace

base::Task<absl::Status> CloseSet(base::Executor* executor, SetPtr* set) {
  co_await base::OnStrand(*executor);
  base::Task<absl::Status> close = (*set)->Close();
  const absl::Status closed = co_await close;
  base::Task<> settle = (*set)->Settle();
  co_await settle;
  set->reset();
  // It may have posted what closes its files.
  co_await base::Later(*executor);
  co_return closed;
}

void SetOpener::Close(SetPtr set) {
  base::IgnoreError(loop_.Await(CloseSet(&loop_, &set)),
                    "the opening that follows decides the last frame as well");
}

absl::StatusOr<SetPtr> SetOpener::Open() {
  if (!HasFormatted()) CAIRN_RETURN_IF_ERROR(FormatNew());
  CAIRN_ASSIGN_OR_RETURN(std::vector<set::Member> members, ReadMembers());
  CAIRN_RETURN_IF_ERROR(CheckUsable(members));
  CAIRN_RETURN_IF_ERROR(FinishFormatting(members));
  CAIRN_RETURN_IF_ERROR(CheckEmptyDrives());
  if (!options_.read_only &&
      (!EmptyDrives().empty() || SomeMissedAnOpening(members))) {
    return OpenReplacing(members);
  }
  members.clear();
  return OpenAsIs();
}

// --- Formatting.

bool SetOpener::HasFormatted() const {
  return std::any_of(drives_.begin(), drives_.end(), [](const GivenDrive& d) {
    return d.Is(ContentsKind::kFormatted);
  });
}

std::vector<GivenDrive*> SetOpener::EmptyDrives() {
  std::vector<GivenDrive*> empty;
  for (GivenDrive& given : drives_) {
    if (given.Is(ContentsKind::kEmpty) ||
        given.Is(ContentsKind::kHalfFormatted)) {
      empty.push_back(&given);
    }
  }
  return empty;
}

absl::Status SetOpener::CheckAllEmpty() const {
  for (const GivenDrive& given : drives_) {
    CAIRN_RETURN_IF_ERROR(given.contents.status());
  }
  if (options_.create == CreateMode::kIfEmpty && !options_.read_only) {
    return absl::OkStatus();
  }
  return Foreign(drives_.front(),
                 "is empty, and nothing is to be formatted: mount the drive, "
                 "or open with CreateMode::kIfEmpty");
}

absl::Status SetOpener::FormatNew() {
  CAIRN_RETURN_IF_ERROR(CheckAllEmpty());
  CAIRN_ASSIGN_OR_RETURN(const set::Geometry geometry, GeometryOf(options_));
  CAIRN_RETURN_IF_ERROR(
      CheckMemory(options_, geometry.drive_count(), options_.log_bytes));
  return Format(
      EmptyDrives(),
      set::NewIdentities({.geometry = geometry, .log_size = options_.log_bytes},
                         environment_.random));
}

// Formats each of `drives`, or none.
absl::Status SetOpener::Format(const std::vector<GivenDrive*>& drives,
                               std::vector<format::DriveIdentity> identities) {
  std::vector<base::Task<absl::Status>> begin;
  std::vector<base::Task<absl::Status>> format;
  std::vector<base::Task<absl::Status>> undo;
  for (std::size_t i = 0; i < drives.size(); ++i) {
    drive::Drive* drive = drives[i]->drive.get();
    begin.push_back(BeginFormatting(drive));
    format.push_back(set::FormatDrive(*drive, identities[i]));
    undo.push_back(Unformat(drive));
  }
  absl::Status status =
      FirstError(AwaitOnStrand(loop_, base::All(std::move(begin))));
  if (status.ok()) {
    status = FirstError(AwaitOnStrand(loop_, base::All(std::move(format))));
  }
  if (!status.ok()) {
    base::IgnoreError(
        FirstError(AwaitOnStrand(loop_, base::All(std::move(undo)))),
        "what stays is half formatted, and as good as empty");
    return base::Annotate(status, "formatting");
  }
  for (std::size_t i = 0; i < drives.size(); ++i) {
    drives[i]->contents = DriveContents{.kind = ContentsKind::kFormatted,
                                        .identity = std::move(identities[i])};
  }
  return absl::OkStatus();
}

absl::Status SetOpener::FinishFormatting(
    const std::vector<set::Member>& members) {
  const std::vector<GivenDrive*> rest = EmptyDrives();
  const format::DriveIdentity& known = members.front().identity;
  if (rest.empty() || options_.read_only ||
      options_.create != CreateMode::kIfEmpty ||
      members.size() + rest.size() != known.members.size() ||
      drives_.size() != known.members.size()) {
    return absl::OkStatus();
  }
  std::vector<format::DriveIdentity> missing;
  for (std::size_t p = 0; p < known.members.size(); ++p) {
    missing.push_back(set::ReplacementIdentity(known, static_cast<int>(p),
                                               environment_.random));
    missing.back().drive = known.members[p];
  }
  for (const set::Member& member : members) {
    const base::Uuid& drive = member.identity.drive;
    if (member.promised != 0 || !IsAmong(known.members, drive)) {
      return absl::OkStatus();
    }
    std::erase_if(missing, [&](const auto& m) { return m.drive == drive; });
  }
  for (const GivenDrive* given : rest) {
    if (!given->Is(ContentsKind::kHalfFormatted)) return absl::OkStatus();
  }
  return Format(rest, std::move(missing));
}

// --- Opening.

absl::StatusOr<std::vector<set::Member>> SetOpener::ReadMembers() {
  std::vector<set::Member> members;
  absl::Status why;
  for (GivenDrive& given : drives_) {
    if (!given.Is(ContentsKind::kFormatted)) {
      why.Update(given.contents.status());
      continue;
    }
    absl::StatusOr<set::Member> member =
        AwaitOnStrand(loop_, set::OpenMember(*given.drive, given.identity()));
    if (member.ok()) {
      members.push_back(*std::move(member));
    } else {
      why.Update(base::Annotate(member.status(), given.path));
      given.contents = member.status();
    }
  }
  if (!members.empty()) return members;
  return base::Error(ErrorCode::kQuorumLost, "no drive can be used: {}",
                     std::string(why.message()));
}

absl::Status SetOpener::CheckUsable(
    const std::vector<set::Member>& members) const {
  CAIRN_RETURN_IF_ERROR(set::CheckMembers(members));
  const set::Geometry geometry = GeometryIn(members.front().identity);
  CAIRN_RETURN_IF_ERROR(CheckGeometry(options_, geometry));
  return CheckMemory(options_, geometry.drive_count(),
                     members.front().identity.log_size);
}

absl::Status SetOpener::CheckEmptyDrives() {
  const std::vector<GivenDrive*> empty = EmptyDrives();
  const bool may_replace = options_.replace_missing && !options_.read_only &&
                           options_.create != CreateMode::kNever;
  if (empty.empty() || may_replace) return absl::OkStatus();
  return Foreign(*empty.front(),
                 "is empty while others are formatted: mount the drive, or "
                 "open with replace_missing to have it take a missing one's "
                 "place");
}

absl::StatusOr<SetPtr> SetOpener::OpenOnce(set::OpenOptions options) {
  CAIRN_ASSIGN_OR_RETURN(std::vector<set::Member> members, ReadMembers());
  return AwaitOnStrand(
      loop_, set::LocalSet::Open(environment_, std::move(members), options,
                                 set::SetOptions()));
}

SetOpener::Holders SetOpener::HoldersOf(const set::LocalSet& set) {
  return loop_.Await(ReadHolders(&loop_, &set));
}

absl::StatusOr<SetPtr> SetOpener::OpenAsIs() {
  CAIRN_ASSIGN_OR_RETURN(
      SetPtr set,
      OpenOnce({.mode = options_.read_only ? set::OpenMode::kReadOnly
                                           : set::OpenMode::kWrite}));
  const absl::Status checked = CheckStrangers(HoldersOf(*set));
  if (checked.ok()) return set;
  Close(std::move(set));
  return checked;
}

// Every drive that is formatted has its place.
absl::Status SetOpener::CheckStrangers(const Holders& holders) const {
  for (const GivenDrive& given : drives_) {
    if (given.Is(ContentsKind::kFormatted) &&
        !IsAmong(holders, given.identity().drive)) {
      return Foreign(given,
                     "has no place among the drives: another has taken it. "
                     "Empty it to use it as a new one");
    }
  }
  return absl::OkStatus();
}

// --- Replacing.

absl::StatusOr<SetPtr> SetOpener::OpenReplacing(
    const std::vector<set::Member>& members) {
  CAIRN_ASSIGN_OR_RETURN(SetPtr set,
                         OpenOnce({.mode = set::OpenMode::kReadOnly}));
  const Holders holders = HoldersOf(*set);
  Close(std::move(set));
  CAIRN_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                         Candidates(members, holders));
  if (candidates.empty()) return OpenAsIs();
  const auto present =
      std::count_if(holders.begin(), holders.end(),
                    [](const auto& holder) { return holder.has_value(); });
  const int needed = GeometryIn(members.front().identity).replace_quorum();
  if (present < needed) {
    return base::Error(ErrorCode::kQuorumLost,
                       "{} drives of the set are here, {} are needed to "
                       "replace another",
                       present, needed);
  }
  for (const Candidate& candidate : candidates) {
    if (set != nullptr) Close(std::move(set));
    CAIRN_ASSIGN_OR_RETURN(set, Replace(candidate));
  }
  return set;
}

// Drives that are to take a place, and which. Spare ones go first, each to the
// place that it was formatted for.
absl::StatusOr<std::vector<SetOpener::Candidate>> SetOpener::Candidates(
    const std::vector<set::Member>& members, const Holders& holders) {
  std::set<int> missing;
  for (std::size_t p = 0; p < holders.size(); ++p) {
    if (!holders[p].has_value()) missing.insert(static_cast<int>(p));
  }
  std::set<base::Uuid> spare;
  for (const set::Member& member : members) {
    if (IsSpare(member)) spare.insert(member.identity.drive);
  }
  std::vector<GivenDrive*> in_order;
  for (GivenDrive& given : drives_) {
    if (!given.Is(ContentsKind::kFormatted)) continue;
    const base::Uuid& drive = given.identity().drive;
    if (IsAmong(holders, drive)) continue;
    if (!options_.replace_missing || !spare.contains(drive)) {
      return CheckStrangers(holders);
    }
    in_order.push_back(&given);
  }
  for (GivenDrive* given : EmptyDrives()) in_order.push_back(given);
  std::vector<Candidate> candidates;
  for (GivenDrive* given : in_order) {
    if (missing.empty()) {
      return Foreign(*given, "is one more than drives that are missing");
    }
    auto place = missing.begin();
    if (given->Is(ContentsKind::kFormatted)) {
      const auto own = missing.find(given->identity().position);
      if (own != missing.end()) place = own;
    }
    candidates.push_back({.drive = given, .position = *place});
    missing.erase(place);
  }
  return candidates;
}

absl::StatusOr<SetPtr> SetOpener::Replace(const Candidate& candidate) {
  if (!candidate.drive->Is(ContentsKind::kFormatted)) {
    const auto member = std::find_if(
        drives_.begin(), drives_.end(),
        [](const GivenDrive& d) { return d.Is(ContentsKind::kFormatted); });
    CAIRN_RETURN_IF_ERROR(
        Format({candidate.drive},
               {set::ReplacementIdentity(member->identity(), candidate.position,
                                         environment_.random)}));
  }
  CAIRN_ASSIGN_OR_RETURN(
      SetPtr set, OpenOnce({.replacement = set::Replacement{
                                .position = candidate.position,
                                .to = candidate.drive->identity().drive}}));
  if (!set->is_read_only()) return set;
  Close(std::move(set));
  return base::Error(ErrorCode::kUndecided,
                     "the last commit is not decided: no drive can be replaced "
                     "before it is");
}

}  // namespace cairn::engine
