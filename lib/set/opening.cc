#include "set/opening.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "set/evidence.h"
#include "set/frame.h"
#include "set/set_contents.h"
#include "set/table.h"

namespace cairn::set {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

class Opening {
 public:
  Opening(const OpenContext& context, std::vector<Member>& drives,
          OpenOptions options)
      : context_(context),
        geometry_(context.geometry),
        drives_(drives),
        options_(options),
        states_(drives.size()) {}

  base::Task<absl::StatusOr<Opened>> Run();

 private:
  // What is known of one of `drives_`.
  struct DriveState {
    bool is_member = true;   // belongs to the set: what it holds counts
    bool is_fenced = false;  // failed a write: it is only read from
    bool is_ready = false;   // holds the history, synced
    std::vector<std::size_t> lacking;  // frames to write, in order
  };

  // Steps, in their order.
  base::Task<> Scan();
  base::Task<> ScanMembers();
  absl::Status CheckReachable() const;
  absl::Status CheckBehindLast() const;
  base::Task<absl::Status> Promise();
  Decision DecideLast() const;
  base::Task<absl::Status> BringUp();
  absl::Status CheckRoom(const Frame& frame) const;
  base::Task<absl::Status> BeginEpoch();

  base::Task<absl::Status> GatherLast();
  base::Task<absl::Status> BringUpDrive(std::size_t drive);
  base::Task<absl::Status> BringCatalogueUp(std::size_t drive);
  base::Task<absl::Status> BringCataloguesUp();
  base::Task<absl::Status> WriteOnReady(const Frame& frame);
  Frame NewFrame(format::FrameKind kind) const;
  void FindLacking(std::size_t drive);
  std::uint64_t BehindSince(std::size_t position) const;
  Evidence EvidenceFor(const format::MemberTable& table) const;
  int ReadyIn(const format::MemberTable& table) const;
  absl::Status CheckReady() const;
  std::vector<PositionedLog> Sources() const;
  Opened Result() const;
  absl::StatusOr<Opened> ReadOnlyResult();

  const Ring& ring() const { return drives_.front().log->ring(); }
  // The drive that holds `position` of `table`; -1 when it is not here.
  int At(const format::MemberTable& table, std::size_t position) const;
  std::size_t PositionOf(std::size_t drive) const;

  const OpenContext& context_;
  Geometry geometry_;
  std::vector<Member>& drives_;
  OpenOptions options_;
  std::vector<DriveState> states_;

  format::Catalogue catalogue_;
  History history_;
  Tables tables_;
  bool adopts_last_ = false;
  Frame last_frame_;  // when it is adopted
  std::uint32_t epoch_ = 0;
  std::uint64_t epoch_id_ = 0;
  Slot next_;
  format::MemberTable new_members_;
};

int Opening::At(const format::MemberTable& table, std::size_t position) const {
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (states_[i].is_member && !table[position].is_nil() &&
        drives_[i].identity.drive == table[position]) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::size_t Opening::PositionOf(std::size_t drive) const {
  const base::Uuid& uuid = drives_[drive].identity.drive;
  for (const format::MemberTable* table :
       {&new_members_, &tables_.members, &tables_.previous}) {
    const auto found = std::find(table->begin(), table->end(), uuid);
    if (found != table->end()) {
      return static_cast<std::size_t>(found - table->begin());
    }
  }
  CAIRN_CHECK(false);
}

base::Task<> Opening::ScanMembers() {
  std::vector<DriveLog*> logs;
  std::vector<std::size_t> drive_of;
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (!states_[i].is_member) continue;
    logs.push_back(drives_[i].log.get());
    drive_of.push_back(i);
  }
  history_ = co_await ScanLogs(std::move(logs), SlotAfter(catalogue_, ring()));
  const auto spread = [&](auto& list, auto nothing) {
    std::remove_reference_t<decltype(list)> all(drives_.size(), nothing);
    for (std::size_t i = 0; i < list.size(); ++i) all[drive_of[i]] = list[i];
    list = std::move(all);
  };
  for (ScannedFrame& frame : history_.frames) {
    spread(frame.copies, CopyState::kAbsent);
    for (std::vector<bool>& holders : frame.shards) spread(holders, false);
  }
  spread(history_.after_last, CopyState::kAbsent);
}

// Only drives of the table say anything about the history; which table is in
// force, the history says.
base::Task<> Opening::Scan() {
  co_await ScanMembers();
  tables_ = TablesOf(catalogue_, history_.frames);
  bool foreign = false;
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    const bool member = tables_.Contains(drives_[i].identity.drive);
    states_[i].is_member = member;
    foreign = foreign || !member;
  }
  if (!foreign || std::none_of(states_.begin(), states_.end(),
                               [](const auto& s) { return s.is_member; })) {
    co_return;
  }
  co_await ScanMembers();
  tables_ = TablesOf(catalogue_, history_.frames);
}

absl::Status Opening::CheckReachable() const {
  int reachable = 0;
  for (std::size_t p = 0; p < tables_.members.size(); ++p) {
    const int drive = At(tables_.members, p);
    if (drive >= 0 && !states_[Index(drive)].is_fenced) ++reachable;
  }
  int needed = geometry_.write_quorum();
  if (options_.mode == OpenMode::kReadOnly) needed = geometry_.read_quorum();
  if (options_.replacement.has_value()) needed = geometry_.replace_quorum();
  if (reachable >= needed) return absl::OkStatus();
  return base::Error(ErrorCode::kQuorumLost,
                     "{} of the set's {} drives can be used, {} are needed",
                     reachable, geometry_.drive_count(), needed);
}

// A damaged frame behind the last valid one may have been acknowledged.
absl::Status Opening::CheckBehindLast() const {
  int unknown = 0;
  int damaged = 0;
  for (std::size_t p = 0; p < tables_.members.size(); ++p) {
    if (tables_.members[p].is_nil()) continue;
    const int drive = At(tables_.members, p);
    const bool is_damaged =
        drive >= 0 && history_.after_last[Index(drive)] == CopyState::kDamaged;
    damaged += is_damaged ? 1 : 0;
    unknown += is_damaged || drive < 0 ? 1 : 0;
  }
  if (damaged == 0 || unknown < geometry_.write_quorum() ||
      options_.missing_are_gone) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kUndecided,
                     "a damaged frame stands last in the log of {} drives; it "
                     "may have been acknowledged",
                     damaged);
}

base::Task<absl::Status> Opening::Promise() {
  std::uint32_t highest = catalogue_.epoch;
  for (const Member& drive : drives_) {
    highest = std::max(highest, drive.promised);
  }
  for (const ScannedFrame& frame : history_.frames) {
    highest = std::max(highest, frame.header.epoch);
  }
  if (highest == UINT32_MAX) {
    co_return base::Error(ErrorCode::kInternal, "no epoch is left");
  }
  epoch_ = highest + 1;
  epoch_id_ = context_.random.Next();
  std::vector<base::Task<absl::Status>> writes;
  std::vector<std::size_t> drives;
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (!states_[i].is_member) continue;
    writes.push_back(drives_[i].log->WritePromise(epoch_));
    drives.push_back(i);
  }
  const std::vector<absl::Status> results =
      co_await base::All(std::move(writes));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok()) states_[drives[i]].is_fenced = true;
  }
  co_return CheckReachable();
}

Evidence Opening::EvidenceFor(const format::MemberTable& table) const {
  std::vector<int> drives;
  for (std::size_t p = 0; p < table.size(); ++p) {
    drives.push_back(table[p].is_nil() ? kVacant : At(table, p));
  }
  return EvidenceOf(history_.frames.back(), drives);
}

Decision Opening::DecideLast() const {
  if (history_.frames.empty()) return Decision::kAdopt;
  const Evidence now = EvidenceFor(tables_.members);
  const Decision decision =
      tables_.pending()
          ? DecideTableChange(geometry_, now, EvidenceFor(tables_.previous))
          : Decide(geometry_, now);
  if (decision == Decision::kUndecided && options_.missing_are_gone) {
    return Decision::kDrop;
  }
  return decision;
}

// What a drive must be written: the frames that it lacks, those that it may not
// trust since it was fenced, and the last one that it holds. That one may be in
// a cache of the drive only, or read back although its sync failed: nothing
// follows it there, so nothing says that it is durable.
void Opening::FindLacking(std::size_t drive) {
  std::vector<std::size_t>& lacking = states_[drive].lacking;
  lacking.clear();
  if (history_.frames.empty()) return;
  const std::uint64_t since =
      history_.frames.back().header.behind_since[PositionOf(drive)];
  bool trusted = false;
  for (std::size_t i = history_.frames.size(); i-- > 0;) {
    const ScannedFrame& frame = history_.frames[i];
    const bool held = frame.copies[drive] == CopyState::kWhole;
    const bool fenced = since != 0 && frame.header.sequence >= since;
    if (!held || fenced || !trusted) lacking.push_back(i);
    trusted = trusted || (held && !fenced);
  }
  std::reverse(lacking.begin(), lacking.end());
}

std::vector<PositionedLog> Opening::Sources() const {
  std::vector<PositionedLog> logs;
  for (const format::MemberTable* table :
       {&tables_.members, &tables_.previous}) {
    for (std::size_t p = 0; p < table->size(); ++p) {
      const int drive = At(*table, p);
      if (drive < 0) continue;
      logs.push_back({.log = drives_[Index(drive)].log.get(),
                      .position = static_cast<int>(p)});
    }
    if (!tables_.pending()) break;
  }
  return logs;
}

// Reads the adopted frame before anything is written: if it cannot be read in
// full now, it is not adopted now.
base::Task<absl::Status> Opening::GatherLast() {
  if (!adopts_last_) co_return absl::OkStatus();
  const std::size_t last = history_.frames.size() - 1;
  auto frame = co_await GatherFrame(context_.gather, Sources(),
                                    history_.frames[last].header,
                                    history_.SlotAfter(last, ring()));
  if (!frame.ok()) co_return frame.status();
  for (const StripePtr& stripe : frame->frame.stripes) {
    if (!IsWhole(*stripe)) {
      co_return base::Error(ErrorCode::kUndecided,
                            "the last frame cannot be read any more");
    }
  }
  last_frame_ = std::move(frame->frame);
  co_return absl::OkStatus();
}

base::Task<absl::Status> Opening::BringUpDrive(std::size_t drive) {
  Member& member = drives_[drive];
  const PositionedLog to{.log = member.log.get(),
                         .position = static_cast<int>(PositionOf(drive))};
  for (const std::size_t i : states_[drive].lacking) {
    if (adopts_last_ && i + 1 == history_.frames.size()) {
      co_return co_await WriteFrameOn(to, last_frame_);
    }
    const Slot slot = history_.SlotAfter(i, ring());
    auto frame = co_await GatherFrame(context_.gather, Sources(),
                                      history_.frames[i].header, slot);
    if (!frame.ok()) co_return frame.status();
    CAIRN_CO_RETURN_IF_ERROR(co_await WriteFrameOn(to, frame->frame));
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> Opening::BringUp() {
  std::vector<base::Task<absl::Status>> tasks;
  std::vector<std::size_t> drives;
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (!states_[i].is_member || states_[i].is_fenced) continue;
    FindLacking(i);
    tasks.push_back(BringUpDrive(i));
    drives.push_back(i);
  }
  const std::vector<absl::Status> results =
      co_await base::All(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); ++i) {
    states_[drives[i]].is_ready = results[i].ok();
    if (!results[i].ok()) states_[drives[i]].is_fenced = true;
  }
  co_return CheckReady();
}

base::Task<absl::Status> Opening::BringCatalogueUp(std::size_t drive) {
  Member& member = drives_[drive];
  if (member.catalogue == catalogue_) co_return absl::OkStatus();
  FillRequest request{.codec = context_.gather.codec,
                      .write = context_.write,
                      .deployment = member.identity.deployment,
                      .to = {.position = static_cast<int>(PositionOf(drive)),
                             .drive = member.drive}};
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (i == drive || !states_[i].is_member) continue;
    request.peers.push_back({.position = static_cast<int>(PositionOf(i)),
                             .drive = drives_[i].drive});
  }
  base::Task<absl::Status> fill = FillRuns(std::move(request), catalogue_.runs);
  CAIRN_CO_RETURN_IF_ERROR(co_await fill);
  co_return co_await WriteCatalogue(context_.write, member, catalogue_);
}

// Only now, when the frame of the checkpoint stands on a write quorum: nobody
// drops it any more and takes its files for orphans.
base::Task<absl::Status> Opening::BringCataloguesUp() {
  CAIRN_CO_ASSIGN_OR_RETURN(catalogue_,
                            CatalogueAfter(catalogue_, history_.frames));
  std::vector<base::Task<absl::Status>> tasks;
  std::vector<std::size_t> drives;
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (!states_[i].is_ready) continue;
    tasks.push_back(BringCatalogueUp(i));
    drives.push_back(i);
  }
  const std::vector<absl::Status> results =
      co_await base::All(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) continue;
    states_[drives[i]].is_ready = false;
    states_[drives[i]].is_fenced = true;
  }
  co_return CheckReady();
}

int Opening::ReadyIn(const format::MemberTable& table) const {
  int ready = 0;
  for (std::size_t p = 0; p < table.size(); ++p) {
    const int drive = At(table, p);
    if (drive >= 0 && states_[Index(drive)].is_ready) ++ready;
  }
  return ready;
}

absl::Status Opening::CheckReady() const {
  const int ready = ReadyIn(new_members_);
  const int needed = geometry_.write_quorum();
  const bool changes = new_members_ != tables_.members || tables_.pending();
  const int ready_before =
      tables_.pending()
          ? std::min(ReadyIn(tables_.members), ReadyIn(tables_.previous))
          : ReadyIn(tables_.members);
  if (ready >= needed &&
      (!changes || ready_before >= geometry_.replace_quorum())) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kQuorumLost,
                     "{} of {} drives could be brought up to date, {} are "
                     "needed",
                     ready, geometry_.drive_count(), needed);
}

// The first frame that the drive of a position may lack: what was known before,
// and what it was being given when it failed, which may be in its caches only.
std::uint64_t Opening::BehindSince(std::size_t position) const {
  const base::Uuid& uuid = new_members_[position];
  const int here = At(new_members_, position);
  if (uuid.is_nil() || (here >= 0 && states_[Index(here)].is_ready)) return 0;
  if (history_.frames.empty()) return history_.base.sequence;
  const format::FrameHeader& last = history_.frames.back().header;
  std::uint64_t since = last.sequence;
  const bool is_old = tables_.members[position] == uuid;
  if (is_old && last.behind_since[position] != 0) {
    since = std::min(since, last.behind_since[position]);
  }
  if (here >= 0 && !states_[Index(here)].lacking.empty()) {
    const std::size_t first = states_[Index(here)].lacking.front();
    since = std::min(since, history_.frames[first].header.sequence);
  }
  return since;
}

Frame Opening::NewFrame(format::FrameKind kind) const {
  Frame frame;
  frame.header.kind = kind;
  frame.header.deployment = drives_.front().identity.deployment;
  frame.header.set = drives_.front().identity.set;
  frame.header.epoch = epoch_;
  frame.header.epoch_id = epoch_id_;
  frame.header.sequence = next_.sequence;
  frame.header.offset = next_.offset;
  frame.header.predecessor = next_.predecessor;
  for (std::size_t p = 0; p < new_members_.size(); ++p) {
    frame.header.behind_since[p] = BehindSince(p);
  }
  return frame;
}

base::Task<absl::Status> Opening::WriteOnReady(const Frame& frame) {
  std::vector<base::Task<absl::Status>> writes;
  std::vector<std::size_t> drives;
  for (std::size_t i = 0; i < drives_.size(); ++i) {
    if (!states_[i].is_ready) continue;
    const PositionedLog to{.log = drives_[i].log.get(),
                           .position = static_cast<int>(PositionOf(i))};
    writes.push_back(WriteFrameOn(to, frame));
    drives.push_back(i);
  }
  const std::vector<absl::Status> results =
      co_await base::All(std::move(writes));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) continue;
    states_[drives[i]].is_fenced = true;
    states_[drives[i]].is_ready = false;
  }
  co_return CheckReady();
}

// Committing leaves room for openings; that many without a checkpoint between
// them are refused before they write over what is needed.
absl::Status Opening::CheckRoom(const Frame& frame) const {
  if (ring().Holds(SlotAfter(catalogue_, ring()).offset, frame.end())) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kDriveFull,
                     "the log is full: it was opened too often before a "
                     "checkpoint could be taken");
}

base::Task<absl::Status> Opening::BeginEpoch() {
  Frame opening = NewFrame(format::FrameKind::kOpening);
  opening.metadata = format::Encode(format::OpeningMetadata{
      .members = new_members_, .previous_members = tables_.members});
  opening.Seal(geometry_.data);
  CAIRN_CO_RETURN_IF_ERROR(CheckRoom(opening));
  CAIRN_CO_RETURN_IF_ERROR(co_await WriteOnReady(opening));
  next_ = SlotAfter(opening.header, ring());
  Frame empty = NewFrame(format::FrameKind::kEmpty);
  empty.Seal(geometry_.data);
  CAIRN_CO_RETURN_IF_ERROR(CheckRoom(empty));
  CAIRN_CO_RETURN_IF_ERROR(co_await WriteOnReady(empty));
  next_ = SlotAfter(empty.header, ring());
  co_return absl::OkStatus();
}

Opened Opening::Result() const {
  Opened opened{.epoch = epoch_,
                .epoch_id = epoch_id_,
                .next = next_,
                .members = new_members_,
                .catalogue = catalogue_,
                .base = SlotAfter(catalogue_, ring())};
  for (const ScannedFrame& frame : history_.frames) {
    if (frame.header.sequence > catalogue_.checkpoint.sequence) {
      opened.frames.push_back(frame);
    }
  }
  for (std::size_t p = 0; p < new_members_.size(); ++p) {
    const int drive = At(new_members_, p);
    opened.member_at.push_back(drive);
    const bool ready = drive >= 0 && states_[Index(drive)].is_ready;
    opened.standings.push_back(
        {.in_service = ready, .behind_since = BehindSince(p)});
  }
  return opened;
}

absl::StatusOr<Opened> Opening::ReadOnlyResult() {
  std::optional<ScannedFrame> undecided;
  if (!history_.frames.empty()) {
    undecided = std::move(history_.frames.back());
    history_.frames.pop_back();
  }
  CAIRN_ASSIGN_OR_RETURN(catalogue_,
                         CatalogueAfter(catalogue_, history_.frames));
  new_members_ = tables_.members;
  next_ = history_.SlotAfter(history_.frames.size(), ring());
  Opened opened = Result();
  opened.undecided = std::move(undecided);
  opened.read_only = true;
  return opened;
}

base::Task<absl::StatusOr<Opened>> Opening::Run() {
  CAIRN_CO_ASSIGN_OR_RETURN(catalogue_, NewestCatalogue(drives_));
  co_await Scan();
  CAIRN_CO_RETURN_IF_ERROR(CheckReachable());
  CAIRN_CO_RETURN_IF_ERROR(CheckBehindLast());
  if (options_.mode == OpenMode::kReadOnly) co_return ReadOnlyResult();
  CAIRN_CO_RETURN_IF_ERROR(co_await Promise());
  switch (DecideLast()) {
    case Decision::kUndecided:
      co_return ReadOnlyResult();
    case Decision::kAdopt:
      adopts_last_ = !history_.frames.empty();
      break;
    case Decision::kDrop:
      history_.frames.pop_back();
      tables_ = TablesOf(catalogue_, history_.frames);
      break;
  }
  new_members_ = tables_.members;
  if (options_.replacement.has_value()) {
    const Replacement& order = *options_.replacement;
    new_members_[Index(order.position)] = order.to;
    for (std::size_t i = 0; i < drives_.size(); ++i) {
      if (drives_[i].identity.drive == order.to) states_[i].is_member = true;
    }
  }
  if (!(co_await GatherLast()).ok()) co_return ReadOnlyResult();
  CAIRN_CO_RETURN_IF_ERROR(co_await BringUp());
  CAIRN_CO_RETURN_IF_ERROR(co_await BringCataloguesUp());
  next_ = history_.SlotAfter(history_.frames.size(), ring());
  CAIRN_CO_RETURN_IF_ERROR(co_await BeginEpoch());
  co_return Result();
}

}  // namespace

base::Task<absl::StatusOr<Opened>> OpenSet(const OpenContext& context,
                                           std::vector<Member>& drives,
                                           OpenOptions options) {
  CAIRN_CHECK(!drives.empty());
  Opening opening(context, drives, options);
  co_return co_await opening.Run();
}

}  // namespace cairn::set
