#include "set/checkpointer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"
#include "format/entry.h"
#include "index/merge.h"
#include "set/set_contents.h"

namespace cairn::set {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

std::vector<std::uint64_t> SizesOf(const Runs& runs) {
  std::vector<std::uint64_t> sizes;
  for (const auto& run : runs) {
    std::uint64_t size = 0;
    for (const auto& file : run->files()) size += file->footer().file_size;
    sizes.push_back(size);
  }
  return sizes;
}

// A run of nothing, because all was deleted, is no run.
base::Task<absl::Status> FinishRun(index::RunWriter* run) {
  if (run->is_empty()) co_return absl::OkStatus();
  base::Task<absl::Status> finish = run->Finish();
  co_return co_await finish;
}

std::vector<std::string> PathsOf(const index::Run& run) {
  std::vector<std::string> paths;
  for (const auto& file : run.files()) {
    const format::RunFileId& id = file->footer().id;
    paths.push_back(RunPath({.id = id.run, .file = id.file}));
  }
  return paths;
}

}  // namespace

Checkpointer::Checkpointer(CheckpointContext context,
                           format::Catalogue catalogue,
                           format::MemberTable members)
    : context_(std::move(context)),
      catalogue_(std::move(catalogue)),
      members_(std::move(members)),
      turn_(context_.executor) {}

void Checkpointer::Request() {
  if (std::exchange(is_requested_, true)) return;
  scope_.Spawn(RunRequested());
}

base::Task<> Checkpointer::RunRequested() {
  base::Task<absl::Status> checkpoint = Checkpoint();
  const absl::Status status = co_await checkpoint;
  is_requested_ = false;
  context_.committer.OnCheckpointEnd(status);
}

base::Task<> Checkpointer::Idle() {
  base::Task<> take = turn_.Take();
  co_await take;
  turn_.Give();
}

base::Task<absl::Status> Checkpointer::Checkpoint() {
  base::Task<> take = turn_.Take();
  co_await take;
  base::Task<absl::Status> once = CheckpointOnce();
  absl::Status status = co_await once;
  if (status.ok()) {
    base::Task<absl::Status> merge = MergeWhatIsDue();
    status = co_await merge;
  }
  if (!status.ok()) ++counters_.failures;
  base::Task<> remove = RemoveRetired();
  co_await remove;
  turn_.Give();
  co_return status;
}

// Between two frames, so that the overlay holds all of some frames and nothing
// of others.
base::Task<> Checkpointer::Freeze() {
  base::Task<> take = context_.committer.turn().Take();
  co_await take;
  const Slot& next = context_.committer.next();
  frozen_position_ = {.sequence = next.sequence - 1,
                      .next_offset = next.offset,
                      .hash = next.predecessor};
  frozen_epoch_ = next.older.epoch;
  context_.index.Freeze();
  context_.committer.turn().Give();
}

base::Task<absl::Status> Checkpointer::CheckpointOnce() {
  CAIRN_CO_RETURN_IF_ERROR(context_.committer.CheckWritable());
  if (uninstalled_.has_value()) {
    base::Task<absl::Status> install = Install();
    co_return co_await install;
  }
  // While runs cannot be merged no more are added: a lookup would open too
  // many.
  if (context_.index.runs().size() > kRunCountMax) {
    base::Task<absl::Status> merge = MergeWhatIsDue();
    CAIRN_CO_RETURN_IF_ERROR(co_await merge);
  }
  // What an earlier attempt froze is written by this one.
  if (!context_.index.has_frozen()) {
    base::Task<> freeze = Freeze();
    co_await freeze;
  }
  Output output{.targets = CurrentPositions()};
  base::Task<absl::Status> write = WriteFrozen(&output);
  CAIRN_CO_RETURN_IF_ERROR(co_await write);
  CAIRN_CO_RETURN_IF_ERROR(CheckSealed(output));
  format::CatalogueChange change = NewChange();
  change.checkpoint = frozen_position_;
  change.epoch = frozen_epoch_;
  change.members = members_;
  change.added_runs = output.runs;
  change.added_packs = output.packs;
  base::Task<absl::Status> commit = Commit(std::move(change));
  CAIRN_CO_RETURN_IF_ERROR(co_await commit);
  uninstalled_ = {.sealed = output.targets, .replaces_frozen = true};
  base::Task<absl::Status> install = Install();
  co_return co_await install;
}

std::set<int> Checkpointer::CurrentPositions() const {
  std::set<int> positions;
  for (int p = 0; p < context_.replicas.count(); ++p) {
    if (context_.replicas.service(p) == Service::kCurrent) positions.insert(p);
  }
  return positions;
}

std::vector<SetFileTarget> Checkpointer::Targets(
    const std::set<int>& positions) const {
  std::vector<SetFileTarget> targets;
  for (const int p : positions) {
    targets.push_back({.position = p, .drive = context_.drives.at(p).drive});
  }
  return targets;
}

base::Task<absl::Status> Checkpointer::WriteFrozen(Output* output) {
  const index::View& view = *context_.index.view();
  const std::shared_ptr<const index::Overlay> frozen = view.parts().frozen;
  if (frozen->record_count() == 0) co_return absl::OkStatus();
  base::Task<absl::StatusOr<LogReader::Payloads>> read =
      context_.log_reader.ReadAll(*frozen, frozen_position_.sequence);
  const absl::StatusOr<LogReader::Payloads> payloads = co_await read;
  if (!payloads.ok()) co_return payloads.status();

  const std::uint64_t run_id = NewFileId();
  RunFiles files(context_.write, Targets(output->targets), run_id);
  index::RunWriter run({.id = {.deployment = context_.runs.deployment,
                               .set = context_.runs.set,
                               .run = run_id},
                        .from_sequence = catalogue_.checkpoint.sequence,
                        .to_sequence = frozen_position_.sequence},
                       files);
  PackWriter pack(context_.write, context_.codec,
                  {.targets = Targets(output->targets),
                   .pack_id = NewFileId(),
                   .deployment = context_.runs.deployment});
  base::Task<absl::Status> write = WriteRecords(&*payloads, &pack, &run);
  CAIRN_CO_RETURN_IF_ERROR(co_await write);
  base::Task<std::optional<format::PackFile>> finish_pack = pack.Finish();
  const std::optional<format::PackFile> packed = co_await finish_pack;
  base::Task<absl::Status> finish_run = FinishRun(&run);
  CAIRN_CO_RETURN_IF_ERROR(co_await finish_run);
  output->runs = files.files();
  if (packed.has_value()) output->packs.push_back(*packed);
  co_return absl::OkStatus();
}

base::Task<absl::Status> Checkpointer::WriteRecords(
    const LogReader::Payloads* payloads, PackWriter* pack,
    index::RunWriter* run) {
  const std::shared_ptr<const index::View> view = context_.index.view();
  const std::unique_ptr<index::Cursor> cursor =
      view->parts().frozen->NewCursor(frozen_position_.sequence);
  for (cursor->Seek(""); cursor->state() == index::Cursor::State::kRecord;
       cursor->Next()) {
    const index::Record record = cursor->record();
    // What no older run may hold needs nothing that hides it.
    if (record.is_tombstone() && !view->RunsMayContain(record.key, 0)) continue;
    base::Task<absl::StatusOr<std::string>> packing =
        Pack(record, payloads, pack);
    const absl::StatusOr<std::string> entry = co_await packing;
    if (!entry.ok()) co_return entry.status();
    CAIRN_CO_RETURN_IF_ERROR(run->Add({.key = record.key,
                                       .sequence = record.sequence,
                                       .kind = record.kind,
                                       .value = *entry}));
    if (!run->wants_flush()) continue;
    base::Task<absl::Status> flush = run->Flush();
    CAIRN_CO_RETURN_IF_ERROR(co_await flush);
  }
  co_return absl::OkStatus();
}

// The entry of a record with the final place of its blob.
base::Task<absl::StatusOr<std::string>> Checkpointer::Pack(
    index::Record record, const LogReader::Payloads* payloads,
    PackWriter* pack) {
  if (record.is_tombstone()) co_return std::string();
  CAIRN_CO_ASSIGN_OR_RETURN(format::Entry entry,
                            format::DecodeEntry(record.value));
  const auto* at = entry.blob.has_value()
                       ? std::get_if<format::LogPlace>(&entry.blob->place)
                       : nullptr;
  if (at == nullptr) co_return std::string(record.value);
  base::Bytes bytes = base::AsBytes(record.trailer);
  if (bytes.empty()) {
    const auto read = payloads->find(std::pair(at->sequence, at->stripe));
    if (read != payloads->end()) bytes = read->second;
  }
  if (bytes.empty()) {
    entry.blob->place = format::PackPlace{.pack = format::kLostPack};
    co_return format::Encode(entry);
  }
  const format::PackObject object{.blob = entry.blob->id,
                                  .write_id = entry.write_id,
                                  .key = record.key,
                                  .size = bytes.size()};
  std::optional<format::PackPlace> place = pack->Add(object, bytes);
  if (!place.has_value()) {
    base::Task<> flush = pack->Flush();
    co_await flush;
    place = pack->Add(object, bytes);
  }
  CAIRN_CHECK(place.has_value());  // A small blob fits in an empty column.
  entry.blob->place = *place;
  co_return format::Encode(entry);
}

// A drive that lacks a file of the checkpoint failed a write, and is fenced.
absl::Status Checkpointer::CheckSealed(const Output& output) const {
  const auto sealed = std::count_if(
      output.targets.begin(), output.targets.end(),
      [&](int p) { return context_.replicas.service(p) == Service::kCurrent; });
  if (sealed >= context_.replicas.geometry().write_quorum()) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kQuorumLost,
                     "{} drives have the files of a checkpoint, {} are needed",
                     sealed, context_.replicas.geometry().write_quorum());
}

format::CatalogueChange Checkpointer::NewChange() const {
  return {.checkpoint = catalogue_.checkpoint,
          .epoch = catalogue_.epoch,
          .members = catalogue_.members};
}

base::Task<absl::Status> Checkpointer::Commit(format::CatalogueChange change) {
  base::Task<> take = context_.committer.turn().Take();
  co_await take;
  format::Catalogue next;
  base::Task<absl::Status> write = context_.committer.WriteFrame(
      format::FrameKind::kCheckpoint, [&](std::uint64_t sequence) {
        next = format::Apply(catalogue_, change, sequence);
        return format::Encode(format::CheckpointMetadata{
            .change = change, .catalogue_digest = format::Digest(next)});
      });
  const absl::Status written = co_await write;
  context_.committer.turn().Give();
  if (written.ok()) catalogue_ = std::move(next);
  co_return written;
}

bool Checkpointer::IsUpToDate(int position) const {
  const Member* member = context_.members[Index(position)];
  return member != nullptr && member->catalogue == catalogue_;
}

base::Task<absl::Status> Checkpointer::WriteCatalogueAt(
    int position, format::Catalogue catalogue) {
  base::Task<absl::Status> write = WriteCatalogue(
      context_.write, *context_.members[Index(position)], catalogue);
  const absl::Status written = co_await write;
  if (!written.ok()) context_.replicas.Fence(position);
  co_return written;
}

FillRequest Checkpointer::RequestFor(int position) const {
  FillRequest request{.codec = context_.codec,
                      .write = context_.write,
                      .deployment = context_.runs.deployment,
                      .to = {.position = position,
                             .drive = context_.drives.at(position).drive}};
  for (const int p : CurrentPositions()) {
    if (p == position) continue;
    request.peers.push_back(
        {.position = p, .drive = context_.drives.at(p).drive});
  }
  return request;
}

base::Task<absl::Status> Checkpointer::BringUpToDate(int position) {
  // The one whose files it gets: a newer one may be there by then.
  format::Catalogue catalogue = catalogue_;
  base::Task<absl::Status> fill =
      FillRuns(RequestFor(position), catalogue.runs);
  CAIRN_CO_RETURN_IF_ERROR(co_await fill);
  base::Task<absl::Status> write =
      WriteCatalogueAt(position, std::move(catalogue));
  co_return co_await write;
}

// Files of runs are made and removed by whoever has the turn.
base::Task<absl::StatusOr<bool>> Checkpointer::GiveRun(int position,
                                                       format::RunFile run) {
  base::Task<> take = turn_.Take();
  co_await take;
  base::Task<absl::StatusOr<bool>> give = GiveRunNow(position, run);
  absl::StatusOr<bool> given = co_await give;
  turn_.Give();
  co_return given;
}

base::Task<absl::StatusOr<bool>> Checkpointer::GiveRunNow(int position,
                                                          format::RunFile run) {
  if (std::ranges::find(catalogue_.runs, run) == catalogue_.runs.end()) {
    co_return absl::NotFoundError("the run was merged");
  }
  if (context_.replicas.service(position) != Service::kCurrent) {
    co_return base::Error(ErrorCode::kUnavailable,
                          "the drive of position {} does not serve", position);
  }
  base::Task<absl::StatusOr<bool>> fill = FillRun(RequestFor(position), run);
  co_return co_await fill;
}

base::Task<absl::Status> Checkpointer::InstallAt(int position, bool has_files) {
  base::Task<absl::Status> install =
      has_files ? WriteCatalogueAt(position, catalogue_)
                : BringUpToDate(position);
  const absl::Status installed = co_await install;
  // It is in service, and lacks what the others give up the log for.
  if (!installed.ok()) context_.replicas.Fence(position);
  co_return installed;
}

// Every drive in service gets the catalogue: those that have its files at once,
// one that came into service meanwhile its files first. Only then may the log
// be given up.
base::Task<absl::Status> Checkpointer::InstallOn(std::set<int> sealed) {
  std::vector<base::Task<absl::Status>> tasks;
  for (const int p : CurrentPositions()) {
    tasks.push_back(InstallAt(p, sealed.contains(p)));
  }
  base::Task<std::vector<absl::Status>> all = base::All(std::move(tasks));
  co_await all;
  co_return context_.replicas.CheckQuorum();
}

// What the newest frame of a checkpoint says: first on the drives, then for
// readers, and then the log may go.
base::Task<absl::Status> Checkpointer::Install() {
  base::Task<absl::Status> store = InstallOn(uninstalled_->sealed);
  CAIRN_CO_RETURN_IF_ERROR(co_await store);
  base::Task<absl::StatusOr<Runs>> open =
      OpenRuns(context_.runs, catalogue_.runs, context_.index.runs());
  const absl::StatusOr<Runs> runs = co_await open;
  if (!runs.ok()) co_return runs.status();
  context_.pack_reader.SetPacks(catalogue_.packs);
  if (uninstalled_->replaces_frozen) {
    CAIRN_CO_RETURN_IF_ERROR(context_.index.ReplaceFrozen(*runs));
    context_.log_frames.Release(frozen_position_.sequence);
    context_.committer.ReleaseLog(frozen_position_.next_offset);
    ++counters_.checkpoints;
  } else {
    CAIRN_CO_RETURN_IF_ERROR(context_.index.ReplaceRuns(*runs));
    Retire(uninstalled_->retired);
    ++counters_.merges;
  }
  uninstalled_.reset();
  co_return absl::OkStatus();
}

base::Task<absl::Status> Checkpointer::MergeWhatIsDue() {
  while (true) {
    const std::optional<MergePlan> plan =
        PlanMerge(SizesOf(context_.index.runs()));
    if (!plan.has_value()) co_return absl::OkStatus();
    base::Task<absl::Status> merge = MergeOnce(*plan);
    CAIRN_CO_RETURN_IF_ERROR(co_await merge);
  }
}

base::Task<absl::Status> Checkpointer::MergeOnce(MergePlan plan) {
  const auto first =
      context_.index.runs().begin() + static_cast<std::ptrdiff_t>(plan.first);
  const Runs merged(first, first + static_cast<std::ptrdiff_t>(plan.count));
  Output output{.targets = CurrentPositions()};
  base::Task<absl::Status> write = WriteMerged(plan, NewFileId(), &output);
  CAIRN_CO_RETURN_IF_ERROR(co_await write);
  CAIRN_CO_RETURN_IF_ERROR(CheckSealed(output));
  format::CatalogueChange change = NewChange();
  for (const auto& run : merged) {
    change.removed.push_back(run->files().front()->footer().id.run);
  }
  change.added_runs = output.runs;
  base::Task<absl::Status> commit = Commit(std::move(change));
  CAIRN_CO_RETURN_IF_ERROR(co_await commit);
  uninstalled_ = {.sealed = output.targets, .retired = merged};
  base::Task<absl::Status> install = Install();
  co_return co_await install;
}

base::Task<absl::Status> Checkpointer::WriteMerged(MergePlan plan,
                                                   std::uint64_t run_id,
                                                   Output* output) {
  const std::shared_ptr<const index::View> view = context_.index.view();
  const Runs& runs = view->parts().runs;
  std::vector<std::unique_ptr<index::Cursor>> inputs;
  for (std::size_t i = plan.first; i < plan.first + plan.count; ++i) {
    inputs.push_back(runs[i]->NewCursor({.is_cached = false}));
  }
  index::MergeCursor from(std::move(inputs));
  RunFiles files(context_.write, Targets(output->targets), run_id);
  index::RunWriter to(
      {.id = {.deployment = context_.runs.deployment,
              .set = context_.runs.set,
              .run = run_id},
       .from_sequence = runs[plan.first + plan.count - 1]->from_sequence(),
       .to_sequence = runs[plan.first]->to_sequence()},
      files);
  from.Seek("");
  const auto keep = [&](std::string_view key) {
    return view->RunsMayContain(key, plan.first + plan.count);
  };
  base::Task<absl::StatusOr<index::MergeProgress>> merge =
      index::Merge(from, to, {.keep_tombstone = keep});
  const absl::StatusOr<index::MergeProgress> merged = co_await merge;
  if (!merged.ok()) co_return merged.status();
  base::Task<absl::Status> finish = FinishRun(&to);
  CAIRN_CO_RETURN_IF_ERROR(co_await finish);
  output->runs = files.files();
  co_return absl::OkStatus();
}

void Checkpointer::Retire(Runs runs) {
  for (const auto& run : runs) {
    retired_.push_back({.run = run, .paths = PathsOf(*run)});
  }
}

// A file that cannot be removed now is an orphan: the next opening removes it.
base::Task<> Checkpointer::RemoveRetired() {
  std::vector<std::string> paths;
  std::erase_if(retired_, [&](const Retired& retired) {
    if (!retired.run.expired()) return false;
    paths.insert(paths.end(), retired.paths.begin(), retired.paths.end());
    return true;
  });
  for (const std::string& path : paths) {
    context_.drives.Forget(path);
    for (const int p : CurrentPositions()) {
      base::Task<absl::Status> remove =
          RemoveWithin(context_.write, context_.drives.at(p).drive, path);
      const absl::Status removed = co_await remove;
      if (CodeOf(removed) == ErrorCode::kDriveFailed) {
        context_.replicas.Fence(p);
      }
    }
  }
}

}  // namespace cairn::set
