#include "set/local_set.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/status.h"
#include "format/entry.h"
#include "set/index_key.h"
#include "set/orphans.h"

namespace cairn::set {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

Geometry GeometryOf(const format::DriveIdentity& identity) {
  return {.data = static_cast<int>(identity.data_shards),
          .parity = static_cast<int>(identity.parity_shards)};
}

absl::StatusOr<erasure::Codec> CodecFor(const Geometry& geometry) {
  return erasure::Codec::Create(
      {.data_shards = geometry.data, .parity_shards = geometry.parity});
}

std::vector<IndexChange> IndexChanges(const format::CommitMetadata& metadata) {
  std::vector<IndexChange> changes;
  for (const format::Mutation& mutation : metadata.mutations) {
    changes.push_back({.key = mutation.key, .entry = mutation.entry});
  }
  return changes;
}

absl::StatusOr<storage::Record> MakeRecord(std::string_view index_key,
                                           std::string_view bytes) {
  CAIRN_ASSIGN_OR_RETURN(format::Entry entry, format::DecodeEntry(bytes));
  storage::Record record{.key = std::string(index_key.substr(1)),
                         .value = std::move(entry.value),
                         .write_id = entry.write_id};
  if (entry.blob.has_value()) {
    record.blob =
        storage::BlobRef{.id = entry.blob->id,
                         .size = entry.blob->size,
                         .place = format::EncodePlace(entry.blob->place)};
  }
  return record;
}

// What two checkpoints write on a drive, and a merge beside them.
std::uint64_t ReserveFor(std::uint64_t log_size) { return 3 * log_size; }

// Bytes that a batch brings; 0 of one that only deletes, or names large blobs,
// which have their room.
std::uint64_t SizeOfPuts(const storage::Batch& batch) {
  std::uint64_t size = 0;
  for (const storage::Put& put : batch.puts) {
    if (std::holds_alternative<storage::BlobRef>(put.blob)) continue;
    size += put.key.size() + put.value.size();
    const auto* blob = std::get_if<storage::SmallBlob>(&put.blob);
    if (blob != nullptr) size += blob->bytes.size();
  }
  return size;
}

absl::Status UndecidedError() {
  return base::Error(ErrorCode::kUndecided,
                     "the last commit of this record is not decided");
}

}  // namespace

std::vector<SetDrive> LocalSet::DrivesByPosition(
    const std::vector<Member>& drives, const Opened& opened) {
  std::vector<SetDrive> by_position;
  for (const int at : opened.member_at) {
    by_position.push_back(at < 0
                              ? SetDrive()
                              : SetDrive{.drive = drives[Index(at)].drive,
                                         .log = drives[Index(at)].log.get()});
  }
  return by_position;
}

base::Task<absl::StatusOr<std::unique_ptr<LocalSet>>> LocalSet::Open(
    SetEnvironment environment, std::vector<Member> drives,
    OpenOptions open_options, SetOptions options) {
  CAIRN_CO_RETURN_IF_ERROR(CheckMembers(drives));
  const Geometry geometry = GeometryOf(drives.front().identity);
  const auto codec = CodecFor(geometry);
  if (!codec.ok()) co_return codec.status();
  const WriteContext write{.executor = environment.executor,
                           .requests = environment.requests,
                           .deadline = options.replicas.write_deadline};
  const OpenContext context{.gather = {.codec = *codec,
                                       .executor = environment.executor,
                                       .scope = environment.requests},
                            .write = write,
                            .geometry = geometry,
                            .random = environment.random};
  auto opened = co_await OpenSet(context, drives, open_options);
  // Reads that were given up are still at its drives.
  base::TaskScope& given_up = environment.requests;
  if (!opened.ok()) {
    if (!given_up.empty()) co_await given_up.Empty();
    co_return opened.status();
  }
  std::unique_ptr<LocalSet> set(new LocalSet(  // tidy: private constructor
      environment, std::move(drives), *opened, options));
  base::Task<absl::Status> start = set->Start(&*opened);
  const absl::Status started = co_await start;
  if (started.ok()) co_return set;
  if (!given_up.empty()) co_await given_up.Empty();
  co_return started;
}

LocalSet::LocalSet(SetEnvironment environment, std::vector<Member> drives,
                   const Opened& opened, SetOptions options)
    : environment_(environment),
      geometry_(GeometryOf(drives.front().identity)),
      options_(options),
      members_(std::move(drives)),
      codec_(*CodecFor(geometry_)),
      replicas_(environment.executor, geometry_, options.replicas,
                [this] {
                  if (committer_.has_value()) committer_->OnLoss();
                }),
      drives_(DrivesByPosition(members_, opened)),
      read_context_{.executor = environment.executor,
                    .reads = environment.requests,
                    .drives = drives_,
                    .hedge_delay = options.hedge_delay},
      write_context_{.executor = environment.executor,
                     .requests = environment.requests,
                     .deadline = options.replicas.write_deadline,
                     .on_failure = [this](int p) { replicas_.Fence(p); },
                     .is_writable =
                         [this](int p) {
                           return replicas_.service(p) != Service::kFenced;
                         }},
      run_context_{.read = read_context_,
                   .cache = environment.cache,
                   .deployment = members_.front().identity.deployment,
                   .set = members_.front().identity.set},
      gather_context_{.codec = codec_,
                      .executor = environment.executor,
                      .scope = environment.requests},
      log_reader_(gather_context_, log_frames_,
                  [this] { return ReadableLogs(); }),
      pack_reader_(read_context_, codec_, run_context_.deployment),
      blob_random_(static_cast<std::uint32_t>(environment.random.Next())) {
  AddReplicas(opened);
}

LocalSet::~LocalSet() = default;

void LocalSet::AddReplicas(const Opened& opened) {
  for (std::size_t p = 0; p < opened.standings.size(); ++p) {
    DriveLog* log = drives_.at(static_cast<int>(p)).log;
    if (opened.standings[p].in_service) {
      replicas_.AddCurrent(log, opened.next.sequence - 1);
    } else {
      replicas_.AddFenced(log, opened.standings[p].behind_since);
    }
  }
}

CommitterOptions LocalSet::CommitterOptionsFor(const Opened& opened) const {
  return {.quiet_time = options_.quiet_time,
          .ring = members_.front().log->ring(),
          .geometry = geometry_,
          .identity = members_.front().identity,
          .epoch = opened.epoch,
          .epoch_id = opened.epoch_id,
          .next = opened.next,
          .released_offset = opened.base.offset,
          .is_read_only = opened.read_only};
}

CheckpointContext LocalSet::CheckpointContextFor(const Opened& opened) {
  CheckpointContext context{.executor = environment_.executor,
                            .codec = codec_,
                            .write = write_context_,
                            .runs = run_context_,
                            .committer = *committer_,
                            .replicas = replicas_,
                            .index = *index_,
                            .drives = drives_,
                            .log_frames = log_frames_,
                            .log_reader = log_reader_,
                            .pack_reader = pack_reader_};
  for (const int at : opened.member_at) {
    context.members.push_back(at < 0 ? nullptr : &members_[Index(at)]);
  }
  return context;
}

LargeBlobsContext LocalSet::LargeBlobsContextFor() {
  return {.executor = environment_.executor,
          .requests = environment_.requests,
          .codec = codec_,
          .deployment = run_context_.deployment,
          .set = run_context_.set,
          .drives = drives_,
          .replicas = replicas_,
          .committer = *committer_,
          .entries = *entries_,
          .space = *space_,
          .random = blob_random_,
          .unit = options_.blob_unit,
          .open_pack_size = options_.open_pack_size,
          .on_damage = [this](const format::BlobId& id, int position) {
            care_->NoteDamage(id, position);
          }};
}

base::Task<absl::Status> LocalSet::Start(const Opened* opened) {
  pack_reader_.SetPacks(opened->catalogue.packs);
  base::Task<absl::StatusOr<Runs>> open =
      OpenRuns(run_context_, opened->catalogue.runs, {});
  absl::StatusOr<Runs> runs = co_await open;
  if (!runs.ok()) co_return runs.status();
  index_.emplace(run_context_.deployment, *std::move(runs));
  CommitterOptions committer_options = CommitterOptionsFor(*opened);
  committer_options.on_half_full = [this] { checkpointer_->Request(); };
  committer_.emplace(CommitterContext{.executor = environment_.executor,
                                      .replicas = replicas_,
                                      .index = *index_,
                                      .log_frames = log_frames_},
                     std::move(committer_options));
  CAIRN_CO_RETURN_IF_ERROR(Replay(*opened));
  entries_.emplace(codec_, *index_, *committer_);
  space_.emplace(
      SpaceWatchContext{.executor = environment_.executor,
                        .write = write_context_,
                        .drives = drives_,
                        .replicas = replicas_,
                        .reserve = ReserveFor(committer_->ring().size())});
  large_blobs_.emplace(LargeBlobsContextFor());
  care_.emplace(
      BlobCareContext{.executor = environment_.executor,
                      .write = write_context_,
                      .drives = drives_,
                      .blobs = *large_blobs_,
                      .entries = *entries_,
                      .on_room_made = [this] { space_->OnRoomMade(); }});
  checkpointer_.emplace(CheckpointContextFor(*opened), opened->catalogue,
                        opened->members);
  catch_up_.emplace(CatchUpContext{.gather = gather_context_,
                                   .committer = *committer_,
                                   .replicas = replicas_,
                                   .log_frames = log_frames_,
                                   .checkpointer = *checkpointer_,
                                   .logs = [this] { return CurrentLogs(); },
                                   .on_join = [this] { OnJoin(); }});
  committer_->set_on_frame([this] { catch_up_->Start(); });
  if (opened->read_only) co_return absl::OkStatus();
  base::Task<> remove = RemoveOrphans();
  co_await remove;
  committer_->AskForRoom();
  co_return absl::OkStatus();
}

// What the log holds beyond the runs.
absl::Status LocalSet::Replay(const Opened& opened) {
  Slot slot = opened.base;
  for (const ScannedFrame& frame : opened.frames) {
    log_frames_.Remember(frame.header, slot);
    slot = SlotAfter(frame.header, members_.front().log->ring());
    if (frame.header.kind != format::FrameKind::kCommit) continue;
    CAIRN_ASSIGN_OR_RETURN(const format::CommitMetadata metadata,
                           format::DecodeCommitMetadata(frame.metadata));
    index_->Apply(frame.header.sequence, IndexChanges(metadata));
  }
  if (!opened.undecided.has_value() ||
      opened.undecided->header.kind != format::FrameKind::kCommit) {
    return absl::OkStatus();
  }
  CAIRN_ASSIGN_OR_RETURN(
      const format::CommitMetadata metadata,
      format::DecodeCommitMetadata(opened.undecided->metadata));
  for (const format::Mutation& mutation : metadata.mutations) {
    committer_->AddUndecided(mutation.key);
  }
  return absl::OkStatus();
}

// Nothing is undecided now, so what no catalogue names was never committed.
base::Task<> LocalSet::RemoveOrphans() {
  std::vector<base::Task<absl::Status>> tasks;
  for (int p = 0; p < drives_.count(); ++p) {
    if (replicas_.service(p) != Service::kCurrent) continue;
    tasks.push_back(set::RemoveOrphans(drives_.at(p).drive, &catalogue(),
                                       committer_->epoch()));
  }
  base::Task<std::vector<absl::Status>> all = base::All(std::move(tasks));
  for (const absl::Status& status : co_await all) {
    base::IgnoreError(status, "what stays takes room, and nothing else");
  }
}

std::vector<PositionedLog> LocalSet::CurrentLogs() const {
  std::vector<PositionedLog> logs;
  for (int p = 0; p < replicas_.count(); ++p) {
    if (replicas_.service(p) == Service::kCurrent) {
      logs.push_back(replicas_.log(p));
    }
  }
  return logs;
}

// What a drive out of service holds is verified like everything else.
std::vector<PositionedLog> LocalSet::ReadableLogs() const {
  std::vector<PositionedLog> logs;
  for (int p = 0; p < replicas_.count(); ++p) {
    if (replicas_.log(p).log != nullptr) logs.push_back(replicas_.log(p));
  }
  return logs;
}

storage::BlobId LocalSet::NewBlobId() {
  return {.epoch = committer_->epoch(),
          .random = blob_random_,
          .counter = blob_counter_.fetch_add(1) + 1};
}

SetCounters LocalSet::counters() const {
  return {.commits = committer_->counters(),
          .checkpoints = checkpointer_->counters(),
          .replicas = replicas_.counters(),
          .catch_ups = catch_up_->counters(),
          .blobs = care_->counters(),
          .rebuilt_reads = pack_reader_.rebuilt_count()};
}

base::Task<absl::Status> LocalSet::Commit(storage::Batch batch) {
  const std::uint64_t size = SizeOfPuts(batch);
  if (size > 0) CAIRN_CO_RETURN_IF_ERROR(space_->CheckPut(size));
  const Entries::BlobChanges changes = Entries::BlobChangesOf(batch);
  base::Task<absl::Status> commit = entries_->Commit(std::move(batch));
  const absl::Status committed = co_await commit;
  if (!changes.any() || !committed.ok()) co_return committed;
  co_await base::OnStrand(environment_.executor);
  care_->OnCommitted(changes);
  co_return committed;
}

base::Task<absl::Status> LocalSet::ReadScan(index::Snapshot snapshot,
                                            storage::Scan scan,
                                            storage::ReadResult* result) {
  const std::string prefix = RecordKey(scan.prefix);
  if (committer_->HasUndecided(prefix)) co_return UndecidedError();
  base::Task<absl::StatusOr<index::ScanResult>> read = entries_->Scan(
      snapshot, {.prefix = prefix,
                 .after = scan.after.empty() ? "" : RecordKey(scan.after),
                 .limit = std::min(scan.limit, storage::kScanLimitMax)});
  const absl::StatusOr<index::ScanResult> scanned = co_await read;
  if (!scanned.ok()) co_return scanned.status();
  for (const index::ScannedRecord& found : scanned->records) {
    CAIRN_CO_ASSIGN_OR_RETURN(storage::Record record,
                              MakeRecord(found.key, found.value));
    result->scanned.push_back(std::move(record));
  }
  result->more = scanned->more;
  co_return absl::OkStatus();
}

// What the overlay has need not be read from a drive.
void LocalSet::KeepPayload(const storage::Record& record,
                           base::Bytes payload) const {
  if (payload.empty() || environment_.cache.FindBlob(record.blob->id)) return;
  environment_.cache.InsertBlob(
      record.blob->id,
      std::make_shared<const index::LoadedBlob>(
          std::vector<std::byte>(payload.begin(), payload.end())));
}

base::Task<absl::StatusOr<storage::ReadResult>> LocalSet::Read(
    storage::ReadRequest request) {
  const index::Snapshot snapshot = index_->Acquire();
  storage::ReadResult result;
  for (const std::string& key : request.keys) {
    const std::string index_key = RecordKey(key);
    if (committer_->IsUndecided(index_key)) co_return UndecidedError();
    auto lookup = Entries::FindIn(snapshot, index_key);
    const auto found = co_await lookup;
    if (!found.ok()) co_return found.status();
    result.records.emplace_back();
    if (!found->has_value()) continue;
    CAIRN_CO_ASSIGN_OR_RETURN(result.records.back(),
                              MakeRecord(index_key, (*found)->entry));
    if (request.expects_blobs) {
      KeepPayload(*result.records.back(), (*found)->payload);
    }
  }
  for (const std::string& key : request.counters) {
    auto lookup = Entries::FindIn(snapshot, CounterKey(key));
    const auto found = co_await lookup;
    if (!found.ok()) co_return found.status();
    result.counters.push_back(0);
    if (!found->has_value()) continue;
    CAIRN_CO_ASSIGN_OR_RETURN(const format::Entry entry,
                              format::DecodeEntry((*found)->entry));
    result.counters.back() = DecodeCounter(entry.value);
  }
  if (request.scan.has_value()) {
    base::Task<absl::Status> scan =
        ReadScan(snapshot, *std::move(request.scan), &result);
    CAIRN_CO_RETURN_IF_ERROR(co_await scan);
  }
  co_return result;
}

base::Task<absl::StatusOr<index::BlobHandle>> LocalSet::ReadSmallBlob(
    storage::BlobRef blob) {
  if (index::BlobHandle cached = environment_.cache.FindBlob(blob.id)) {
    co_return cached;
  }
  CAIRN_CO_ASSIGN_OR_RETURN(const format::Place place,
                            format::DecodePlace(blob.place));
  co_await base::OnStrand(environment_.executor);
  const auto* in_log = std::get_if<format::LogPlace>(&place);
  const auto* in_pack = std::get_if<format::PackPlace>(&place);
  CAIRN_CHECK(in_log != nullptr || in_pack != nullptr);
  base::Task<absl::StatusOr<std::vector<std::byte>>> read =
      in_log != nullptr ? log_reader_.Read(*in_log)
                        : pack_reader_.Read(*in_pack, blob.size);
  CAIRN_CO_ASSIGN_OR_RETURN(std::vector<std::byte> bytes, co_await read);
  co_return environment_.cache.InsertBlob(
      blob.id, std::make_shared<const index::LoadedBlob>(std::move(bytes)));
}

void LocalSet::StartCare() {
  if (is_read_only()) return;
  care_->Start();
  StartHealPass();
}

// It may lack what was put while it was behind.
void LocalSet::OnJoin() {
  large_blobs_->open_packs().Close();
  if (!care_->is_started()) return;
  care_->LookAtAll();
  StartHealPass();
}

void LocalSet::StartHealPass() {
  wants_heal_pass_ = true;
  if (!std::exchange(runs_heal_pass_, true)) scope_.Spawn(RunHealPasses());
}

std::unique_ptr<HealPass> LocalSet::NewHealPass() {
  return std::make_unique<HealPass>(
      HealContext{.executor = environment_.executor,
                  .codec = codec_,
                  .write = write_context_,
                  .deployment = run_context_.deployment,
                  .drives = drives_,
                  .committer = *committer_,
                  .entries = *entries_,
                  .blobs = *large_blobs_,
                  .care = *care_,
                  .catalogue = [this] { return catalogue(); },
                  .give_run =
                      [this](int position, format::RunFile run) {
                        return checkpointer_->GiveRun(position, run);
                      }});
}

base::Task<> LocalSet::RunHealPasses() {
  while (std::exchange(wants_heal_pass_, false)) {
    const std::unique_ptr<HealPass> pass = NewHealPass();
    while (!pass->done() && !is_closing_) {
      base::Task<absl::Status> step = pass->Step();
      base::IgnoreError(co_await step, "the next opening looks again");
    }
  }
  runs_heal_pass_ = false;
}

base::Task<absl::Status> LocalSet::Checkpoint() {
  co_await base::OnStrand(environment_.executor);
  base::Task<absl::Status> checkpoint = checkpointer_->Checkpoint();
  co_return co_await checkpoint;
}

base::Task<absl::Status> LocalSet::Close() {
  co_await base::OnStrand(environment_.executor);
  is_closing_ = true;
  care_->BeginStop();
  if (!scope_.empty()) co_await scope_.Empty();
  base::Task<> stop = care_->Stop();
  co_await stop;
  large_blobs_->ForgetAll();
  large_blobs_->open_packs().Close();
  base::Task<> idle = checkpointer_->Idle();
  co_await idle;
  base::Task<absl::Status> close = committer_->Close();
  co_return co_await close;
}

// Of what runs by itself, something that does; null when nothing does.
base::TaskScope* LocalSet::FindBusy() {
  for (base::TaskScope* scope :
       {&scope_, &care_->scope(), &space_->scope(), &catch_up_->scope(),
        &checkpointer_->scope(), &committer_->scope(), &replicas_.scope(),
        &environment_.requests}) {
    if (!scope->empty()) return scope;
  }
  return nullptr;
}

base::Task<> LocalSet::Settle() {
  co_await base::OnStrand(environment_.executor);
  catch_up_->Stop();
  // What was posted before may begin something. Whoever ends last is still
  // below on the stack.
  co_await base::Later(environment_.executor);
  while (base::TaskScope* busy = FindBusy()) {
    co_await busy->Empty();
    co_await base::Later(environment_.executor);
  }
}

}  // namespace cairn::set
