#include "set/blob_care.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "format/blob_file.h"
#include "format/open_pack.h"
#include "set/blob_heal.h"
#include "set/index_key.h"

namespace cairn::set {
namespace {

// Entries that only the set looks at have no write id: they are compared whole.
constexpr base::Uuid kNoWriteId;

// What has failed so often that it would have to wait longer than this waits
// for LookAtAll().
constexpr absl::Duration kRetryDelayMax = absl::Hours(1);

}  // namespace

void BlobCare::LookAtAll() {
  looks_at_all_ = true;
  has_freed_ = true;
  Wake();
}

// While a drive is away, entries gather that nothing can be done about: they
// are not gone through with every commit. But what the other drives have is
// removed.
void BlobCare::OnCommitted(const Entries::BlobChanges& changes) {
  for (const format::BlobId& id : changes.unsealed) RememberToHeal(id);
  has_freed_ = has_freed_ || (!changes.freed.empty() && AllServe());
  for (const format::BlobId& id : changes.freed) {
    if (!AllServe() && freed_.size() < kNotesMax) freed_.push_back(id);
  }
  Wake();
}

void BlobCare::RememberToHeal(const format::BlobId& id) {
  if (to_heal_.size() < kNotesMax) to_heal_.insert(id);
}

void BlobCare::Wake() {
  is_awake_ = true;
  if (!is_started_ || is_stopping_) return;
  if (!std::exchange(is_running_, true)) scope_.Spawn(Run());
}

base::Task<> BlobCare::Run() {
  while (is_awake_ && !is_stopping_) {
    is_awake_ = false;
    base::Task<> once = RunOnce();
    co_await once;
  }
  is_running_ = false;
}

base::Task<> BlobCare::RunOnce() {
  constexpr std::string_view kLater = "the entries stay for the next time";
  base::Task<absl::Status> notes = WriteNotes();
  base::IgnoreError(co_await notes, "readers will notice again");
  base::Task<absl::Status> heal = std::exchange(looks_at_all_, false)
                                      ? ForEachPage(kHealKey, &BlobCare::Heal)
                                      : HealWhatIsKnown();
  base::IgnoreError(co_await heal, kLater);
  base::Task<> remove = RemoveWhatIsKnown();
  co_await remove;
  if (!std::exchange(has_freed_, false)) co_return;
  base::Task<absl::Status> collect = ForEachPage(kFreedKey, &BlobCare::Collect);
  base::IgnoreError(co_await collect, kLater);
}

base::Task<> BlobCare::RemoveWhatIsKnown() {
  for (const format::BlobId& id : std::exchange(freed_, {})) {
    if (is_stopping_) co_return;
    base::Task<> take = turn_.Take();
    co_await take;
    base::Task<absl::Status> remove = RemoveFromServing(id);
    base::IgnoreError(co_await remove, "its entry stays");
    turn_.Give();
  }
}

base::Task<absl::Status> BlobCare::HealWhatIsKnown() {
  while (!to_heal_.empty() && !is_stopping_) {
    const std::string key = KeyOfBlob(kHealKey, *to_heal_.begin());
    to_heal_.erase(to_heal_.begin());
    base::Task<absl::StatusOr<std::optional<std::string>>> find =
        context_.entries.Find(key);
    CAIRN_CO_ASSIGN_OR_RETURN(const std::optional<std::string> entry,
                              co_await find);
    if (!entry.has_value()) continue;
    Page page;
    page.push_back({.key = key, .value = *entry});
    base::Task<> take = turn_.Take();
    co_await take;
    base::Task<absl::Status> heal = Heal(&page);
    const absl::Status healed = co_await heal;
    turn_.Give();
    CAIRN_CO_RETURN_IF_ERROR(healed);
  }
  co_return absl::OkStatus();
}

base::Task<> BlobCare::Stop() {
  BeginStop();
  if (is_running_) co_await scope_.Empty();
}

void BlobCare::NoteDamage(const format::BlobId& id, int position) {
  if (notes_.size() >= kNotesMax) return;
  notes_[id] |= SetOf(position);
  Wake();
}

bool BlobCare::AllServe() const {
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (!context_.blobs.IsServing(p)) return false;
  }
  return true;
}

base::Task<absl::Status> BlobCare::WriteNotes() {
  while (!notes_.empty()) {
    const auto [id, positions] = *notes_.begin();
    notes_.erase(notes_.begin());
    base::Task<absl::Status> write = WriteNote(id, positions);
    const absl::Status written = co_await write;
    if (CodeOf(written) == ErrorCode::kConflict) continue;
    CAIRN_CO_RETURN_IF_ERROR(written);
    RememberToHeal(id);
  }
  co_return absl::OkStatus();
}

// Only where the blob's own entry is there, and stays until this is written.
base::Task<absl::Status> BlobCare::WriteNote(format::BlobId id,
                                             PositionSet positions) {
  const std::string blob_key = KeyOfBlob(kBlobKey, id);
  const std::string heal_key = KeyOfBlob(kHealKey, id);
  base::Task<absl::StatusOr<std::optional<std::string>>> find_blob =
      context_.entries.Find(blob_key);
  CAIRN_CO_ASSIGN_OR_RETURN(const std::optional<std::string> blob,
                            co_await find_blob);
  if (!blob.has_value()) co_return absl::OkStatus();
  base::Task<absl::StatusOr<std::optional<std::string>>> find_known =
      context_.entries.Find(heal_key);
  CAIRN_CO_ASSIGN_OR_RETURN(std::optional<std::string> known,
                            co_await find_known);
  if (known.has_value()) {
    CAIRN_CO_ASSIGN_OR_RETURN(const PositionSet before,
                              DecodeHealEntry(*known));
    if ((before | positions) == before) co_return absl::OkStatus();
    positions |= before;
  }
  std::vector<EntryChange> changes;
  changes.push_back({.index_key = blob_key, .seen = blob, .entry = *blob});
  changes.push_back({.index_key = heal_key,
                     .seen = std::move(known),
                     .entry = EncodeHealEntry(kNoWriteId, positions)});
  base::Task<absl::Status> change = context_.entries.Change(std::move(changes));
  co_return co_await change;
}

// Somebody else may change the same entries meanwhile.
base::Task<absl::Status> BlobCare::NoteMissing(
    std::vector<format::BlobId> blobs, int position) {
  for (const format::BlobId& id : blobs) {
    absl::Status written;
    do {
      base::Task<absl::Status> write = WriteNote(id, SetOf(position));
      written = co_await write;
    } while (CodeOf(written) == ErrorCode::kConflict);
    CAIRN_CO_RETURN_IF_ERROR(written);
    TryAgainLater(id);
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> BlobCare::ForEachPage(
    char kind, base::Task<absl::Status> (BlobCare::*handle)(const Page*)) {
  std::string after;
  for (bool more = true; more && !is_stopping_;) {
    base::Task<absl::StatusOr<index::ScanResult>> scan = context_.entries.Scan(
        context_.entries.Acquire(),
        {.prefix = std::string(1, kind), .after = after, .limit = kPageSize});
    CAIRN_CO_ASSIGN_OR_RETURN(const index::ScanResult page, co_await scan);
    if (page.records.empty()) break;
    after = page.records.back().key;
    more = page.more;
    base::Task<> take = turn_.Take();
    co_await take;
    base::Task<absl::Status> handling = (this->*handle)(&page.records);
    const absl::Status handled = co_await handling;
    turn_.Give();
    CAIRN_CO_RETURN_IF_ERROR(handled);
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> BlobCare::RemoveFiles(format::BlobId id) {
  if (!AllServe()) {
    co_return base::Error(ErrorCode::kUnavailable,
                          "a drive that may have files is not serving");
  }
  base::Task<absl::Status> remove = RemoveFromServing(id);
  co_return co_await remove;
}

base::Task<absl::Status> BlobCare::RemoveFromServing(format::BlobId id) {
  context_.blobs.Forget(id);
  const std::optional<format::Slice> slice = format::SliceOf(id);
  std::vector<base::Task<absl::Status>> removals;
  std::vector<int> positions;
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (!context_.blobs.IsServing(p)) continue;
    positions.push_back(p);
    removals.push_back(slice.has_value()
                           ? open_packs_.Punch(slice->pack, {*slice}, p)
                           : RemoveWithin(context_.write,
                                          context_.drives.at(p).drive,
                                          format::BlobPath(id)));
  }
  base::Task<std::vector<absl::Status>> all = base::All(std::move(removals));
  const std::vector<absl::Status> removed = co_await all;
  absl::Status status;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (removed[i].ok() || absl::IsNotFound(removed[i])) continue;
    if (CodeOf(removed[i]) == ErrorCode::kDriveFailed) {
      context_.write.on_failure(positions[i]);
    }
    status = removed[i];
  }
  co_return status;
}

base::Task<absl::Status> BlobCare::Collect(const Page* page) {
  std::vector<EntryChange> done;
  for (const index::ScannedRecord& freed : *page) {
    const std::optional<format::BlobId> id = BlobOfKey(freed.key);
    if (!id.has_value()) continue;
    base::Task<absl::Status> remove = RemoveFiles(*id);
    const absl::Status removed = co_await remove;
    // Its entry stays; what others leave may be the room that it needs.
    if (CodeOf(removed) == ErrorCode::kDriveFull) continue;
    CAIRN_CO_RETURN_IF_ERROR(removed);
    done.push_back({.index_key = freed.key, .seen = freed.value});
  }
  if (done.empty()) co_return absl::OkStatus();
  const std::size_t count = done.size();
  base::Task<absl::Status> change = context_.entries.Change(std::move(done));
  const absl::Status changed = co_await change;
  if (changed.ok()) counters_.freed += count;
  context_.on_room_made();
  co_return changed;
}

base::Task<absl::Status> BlobCare::MakeShard(StoredBlob blob, int position) {
  const auto slice = format::SliceOf(blob.id);
  if (slice.has_value()) {
    base::Task<absl::Status> give = open_packs_.GiveFile(slice->pack, position);
    CAIRN_CO_RETURN_IF_ERROR(co_await give);
  }
  base::Task<absl::Status> fill = FillBlob(
      context_.blobs.HealingContext(position), blob,
      {.position = position, .drive = context_.drives.at(position).drive});
  const absl::Status filled = co_await fill;
  if (!absl::IsNotFound(filled)) co_return filled;
  co_return base::Error(ErrorCode::kUnrecoverable,
                        "no drive has the files of a blob");
}

base::Task<absl::StatusOr<BlobCare::Healed>> BlobCare::HealShard(
    format::BlobId id, int position) {
  const std::string key = KeyOfBlob(kBlobKey, id);
  base::Task<absl::StatusOr<std::optional<std::string>>> find =
      context_.entries.Find(key);
  CAIRN_CO_ASSIGN_OR_RETURN(const std::optional<std::string> entry,
                            co_await find);
  if (!entry.has_value()) co_return Healed::kNobodyNamesIt;
  CAIRN_CO_ASSIGN_OR_RETURN(BlobEntry blob, DecodeBlobEntry(*entry));
  base::Task<absl::Status> make =
      MakeShard({.id = id, .size = blob.size, .place = blob.place}, position);
  CAIRN_CO_RETURN_IF_ERROR(co_await make);
  ++counters_.healed;
  context_.blobs.Forget(id);
  if (Contains(blob.place.sealed, position)) co_return Healed::kMade;
  blob.place.sealed |= SetOf(position);
  std::vector<EntryChange> changes;
  changes.push_back({.index_key = key,
                     .seen = entry,
                     .entry = EncodeBlobEntry(kNoWriteId, blob)});
  base::Task<absl::Status> change = context_.entries.Change(std::move(changes));
  CAIRN_CO_RETURN_IF_ERROR(co_await change);
  co_return Healed::kMade;
}

// A drive that was full or slow may have room or time by then.
void BlobCare::TryAgainLater(const format::BlobId& id) {
  if (to_retry_.size() >= kNotesMax || retry_delay_ > kRetryDelayMax) return;
  to_retry_.insert(id);
  if (to_retry_.size() > 1) return;
  retry_ = base::Timer(context_.executor,
                       context_.executor.clock().Steady() + retry_delay_,
                       [this, alive = std::weak_ptr<bool>(alive_)] {
                         if (!alive.expired()) TryAgain();
                       });
}

void BlobCare::TryAgain() {
  retry_delay_ *= 2;
  to_heal_.merge(std::exchange(to_retry_, {}));
  Wake();
}

// Returns the positions that are left.
base::Task<absl::StatusOr<PositionSet>> BlobCare::HealPositions(
    format::BlobId id, PositionSet positions) {
  PositionSet left = positions;
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (!Contains(positions, p) || !context_.blobs.IsServing(p)) continue;
    if (is_stopping_) break;
    base::Task<absl::StatusOr<Healed>> heal = HealShard(id, p);
    const absl::StatusOr<Healed> healed = co_await heal;
    const ErrorCode code = CodeOf(healed.status());
    if (code == ErrorCode::kReadOnly) co_return healed.status();
    if (healed.ok() && *healed == Healed::kNobodyNamesIt) {
      co_return PositionSet{0};
    }
    if (healed.ok()) {
      retry_delay_ = kRetryDelayMin;
      left &= ~SetOf(p);
    } else if (code != ErrorCode::kUnrecoverable) {
      TryAgainLater(id);
    }
  }
  co_return left;
}

base::Task<absl::Status> BlobCare::Heal(const Page* page) {
  std::vector<EntryChange> done;
  for (const index::ScannedRecord& record : *page) {
    const std::optional<format::BlobId> id = BlobOfKey(record.key);
    const absl::StatusOr<PositionSet> positions = DecodeHealEntry(record.value);
    if (!id.has_value() || !positions.ok()) continue;
    base::Task<absl::StatusOr<PositionSet>> heal =
        HealPositions(*id, *positions);
    CAIRN_CO_ASSIGN_OR_RETURN(const PositionSet left, co_await heal);
    if (left == *positions) continue;
    done.push_back(
        {.index_key = record.key,
         .seen = record.value,
         .entry = left == 0 ? "" : EncodeHealEntry(kNoWriteId, left)});
  }
  if (done.empty()) co_return absl::OkStatus();
  base::Task<absl::Status> note = NoteHealed(std::move(done));
  co_return co_await note;
}

// All at once, or one by one where somebody removed one of the blobs meanwhile,
// and its entry with it: the others are healed all the same.
base::Task<absl::Status> BlobCare::NoteHealed(std::vector<EntryChange> done) {
  base::Task<absl::Status> all = context_.entries.Change(done);
  const absl::Status noted = co_await all;
  if (CodeOf(noted) != ErrorCode::kConflict) co_return noted;
  for (EntryChange& one : done) {
    base::Task<absl::Status> change = context_.entries.Change({std::move(one)});
    const absl::Status status = co_await change;
    if (!status.ok() && CodeOf(status) != ErrorCode::kConflict) {
      co_return status;
    }
  }
  co_return absl::OkStatus();
}

}  // namespace cairn::set
