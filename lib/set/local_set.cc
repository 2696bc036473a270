#include "set/local_set.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/entry.h"
#include "set/rebuild.h"

namespace cairn::set {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

// What a frame of batches of this size takes in the log, at most.
std::uint64_t FrameSizeFor(std::size_t batches_size) {
  constexpr std::size_t kHeaderAndCounts = 2 * format::kSectorSize;
  return base::AlignUp(batches_size + kHeaderAndCounts,
                       format::kFrameAlignment);
}

// The last sixteenth of the ring serves checkpoint, opening and heal.
std::uint64_t RingReserve(const Ring& ring) { return ring.size() / 16; }

}  // namespace

base::Task<absl::StatusOr<std::unique_ptr<LocalSet>>> LocalSet::Open(
    SetEnvironment environment, std::vector<Member> drives,
    OpenOptions open_options, SetOptions options) {
  CAIRN_CO_RETURN_IF_ERROR(CheckMembers(drives));
  const format::DriveIdentity& identity = drives.front().identity;
  const Geometry geometry{.data = static_cast<int>(identity.data_shards),
                          .parity = static_cast<int>(identity.parity_shards)};
  const auto codec = erasure::Codec::Create(
      {.data_shards = geometry.data, .parity_shards = geometry.parity});
  if (!codec.ok()) co_return codec.status();
  const OpenContext context{.gather = {.codec = *codec,
                                       .executor = environment.executor,
                                       .scope = environment.reads},
                            .geometry = geometry,
                            .random = environment.random};
  auto opened = co_await OpenSet(context, drives, open_options);
  if (!opened.ok()) co_return opened.status();
  std::unique_ptr<LocalSet> set(new LocalSet(  // tidy: private constructor
      environment, std::move(drives), *std::move(opened), options));
  co_return set;
}

LocalSet::LocalSet(SetEnvironment environment, std::vector<Member> drives,
                   Opened opened, SetOptions options)
    : environment_(environment),
      geometry_{
          .data = static_cast<int>(drives.front().identity.data_shards),
          .parity = static_cast<int>(drives.front().identity.parity_shards)},
      options_(options),
      drives_(std::move(drives)),
      replicas_(environment.executor, geometry_, options.replicas,
                [this] { ArmQuietTimer(); }),
      epoch_(opened.epoch),
      epoch_id_(opened.epoch_id),
      read_only_(opened.read_only),
      next_(opened.next),
      last_commit_(environment.executor.clock().Steady()),
      group_done_(environment.executor) {
  codec_ = *erasure::Codec::Create(
      {.data_shards = geometry_.data, .parity_shards = geometry_.parity});
  Adopt(opened);
  last_header_.kind = format::FrameKind::kEmpty;
  last_header_.behind_since = replicas_.behind_since();
}

void LocalSet::Adopt(const Opened& opened) {
  for (std::size_t p = 0; p < opened.standings.size(); ++p) {
    const int at = opened.member_at[p];
    DriveLog* log = at < 0 ? nullptr : drives_[Index(at)].log.get();
    if (opened.standings[p].in_service) {
      replicas_.AddCurrent(log, next_.sequence - 1);
    } else {
      replicas_.AddBehind(log, opened.standings[p].behind_since);
    }
  }
  const Ring& ring = drives_.front().log->ring();
  Slot slot = opened.base;
  released_offset_ = slot.offset;
  for (const ScannedFrame& frame : opened.frames) {
    Remember(frame.header, slot);
    slot = SlotAfter(frame.header, ring);
    if (frame.header.kind != format::FrameKind::kCommit) continue;
    const auto metadata = format::DecodeCommitMetadata(frame.metadata);
    if (metadata.ok()) Apply(frame.header.sequence, *metadata);
  }
  if (!opened.undecided.has_value()) return;
  const auto metadata =
      format::DecodeCommitMetadata(opened.undecided->metadata);
  if (!metadata.ok()) return;
  for (const format::Mutation& mutation : metadata->mutations) {
    undecided_keys_.insert(mutation.key);
  }
}

void LocalSet::Apply(std::uint64_t /*sequence*/,
                     const format::CommitMetadata& metadata) {
  for (const format::Mutation& mutation : metadata.mutations) {
    if (mutation.is_tombstone()) {
      index_.erase(mutation.key);
    } else {
      index_.insert_or_assign(mutation.key, mutation.entry);
    }
  }
}

void LocalSet::Remember(const format::FrameHeader& header, const Slot& slot) {
  log_frames_.insert_or_assign(header.sequence,
                               LogFrame{.header = header, .slot = slot});
}

std::optional<std::string> LocalSet::Lookup(std::string_view key) const {
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

bool LocalSet::IsUndecided(std::string_view key) const {
  return undecided_keys_.contains(key);
}

storage::BlobId LocalSet::NewBlobId() {
  return {.epoch = epoch_,
          .random = static_cast<std::uint32_t>(environment_.random.Next()),
          .counter = ++blob_counter_};
}

SetCounters LocalSet::counters() const {
  SetCounters counters = counters_;
  counters.replicas = replicas_.counters();
  return counters;
}

std::shared_ptr<Frame> LocalSet::NewFrame(format::FrameKind kind) const {
  auto frame = std::make_shared<Frame>();
  frame->header.kind = kind;
  frame->header.deployment = drives_.front().identity.deployment;
  frame->header.set = drives_.front().identity.set;
  frame->header.epoch = epoch_;
  frame->header.epoch_id = epoch_id_;
  frame->header.sequence = next_.sequence;
  frame->header.offset = next_.offset;
  frame->header.predecessor = next_.predecessor;
  frame->header.behind_since = replicas_.behind_since();
  return frame;
}

absl::Status LocalSet::CheckRoom(const PendingBatch& pending) const {
  const Ring& ring = drives_.front().log->ring();
  const std::size_t size = Group::SizeOf(pending, geometry_.data);
  if (FrameSizeFor(size) > ring.frame_size_max()) {
    return base::Error(ErrorCode::kBatchTooLarge,
                       "a batch of {} bytes, a frame takes {}", size,
                       ring.frame_size_max());
  }
  const std::uint64_t used = next_.offset - released_offset_;
  if (used + 2 * ring.frame_size_max() + RingReserve(ring) > ring.size()) {
    return base::Error(ErrorCode::kBusy, "the log is full");
  }
  return absl::OkStatus();
}

base::Task<absl::Status> LocalSet::Commit(storage::Batch batch) {
  CAIRN_CO_RETURN_IF_ERROR(CheckWritable());
  Waiting waiting{.pending = {.batch = std::move(batch)}};
  for (const storage::Put& put : waiting.pending.batch.puts) {
    if (put.key.empty() || put.value.empty() ||
        std::holds_alternative<storage::BlobRef>(put.blob)) {
      co_return base::Error(ErrorCode::kInvalidArgument,
                            "a record needs a key and a value");
    }
    if (const auto* blob = std::get_if<storage::SmallBlob>(&put.blob)) {
      if (blob->bytes.empty() ||
          blob->bytes.size() > storage::kSmallBlobSizeMax) {
        co_return base::Error(ErrorCode::kInvalidArgument,
                              "a small blob of {} bytes", blob->bytes.size());
      }
      waiting.pending.stripes.push_back(
          EncodeStripe(*codec_, blob->id, blob->bytes));
    }
  }
  CAIRN_CO_RETURN_IF_ERROR(CheckRoom(waiting.pending));
  queue_.push_back(&waiting);
  if (!is_committing_) scope_.Spawn(CommitGroups());
  while (!waiting.is_done) co_await group_done_;
  co_return waiting.result;
}

absl::Status LocalSet::CheckWritable() const {
  if (read_only_) {
    return base::Error(ErrorCode::kReadOnly,
                       "the set takes no writes: it was opened for reading "
                       "only, or its last commit is not decided");
  }
  return replicas_.CheckQuorum();
}

// None of these was in a frame: nothing has changed.
void LocalSet::RefuseAll(const absl::Status& why) {
  for (Waiting* waiting : std::exchange(queue_, {})) {
    waiting->result = why;
    waiting->is_done = true;
  }
  group_done_.Notify();
}

base::Task<> LocalSet::CommitGroups() {
  is_committing_ = true;
  while (!queue_.empty()) {
    const absl::Status quorum = CheckWritable();
    if (!quorum.ok()) {
      RefuseAll(quorum);
      break;
    }
    co_await CommitGroup();
  }
  is_committing_ = false;
  group_done_.Notify();
  ArmQuietTimer();
}

std::vector<LocalSet::Waiting*> LocalSet::TakeGroup(Group& group) {
  const std::uint64_t size_max = drives_.front().log->ring().frame_size_max();
  std::vector<Waiting*> members;
  std::size_t size = 0;
  while (!queue_.empty()) {
    Waiting* waiting = queue_.front();
    size += Group::SizeOf(waiting->pending, geometry_.data);
    if (FrameSizeFor(size) > size_max && !members.empty()) break;
    queue_.pop_front();
    waiting->result = group.Add(waiting->pending);
    members.push_back(waiting);
  }
  return members;
}

void LocalSet::Finish(const std::vector<Waiting*>& members,
                      const absl::Status& written) {
  for (Waiting* waiting : members) {
    if (!written.ok() && waiting->result.ok()) {
      waiting->result = base::Error(ErrorCode::kOutcomeUnknown,
                                    "too few drives have the commit");
    } else if (!written.ok()) {
      // The conflict was found on what may never have been.
      waiting->result = written;
    }
    waiting->is_done = true;
    ++counters_.batches;
  }
  group_done_.Notify();
}

base::Task<> LocalSet::CommitGroup() {
  Group group(next_.sequence, geometry_.data,
              [this](std::string_view key) { return Lookup(key); });
  const std::vector<Waiting*> members = TakeGroup(group);
  absl::Status written;
  if (!group.empty()) {
    std::shared_ptr<Frame> frame = NewFrame(format::FrameKind::kCommit);
    frame->metadata = format::Encode(group.metadata());
    frame->stripes = group.stripes();
    written = co_await WriteFrame(frame);
    if (written.ok()) {
      Apply(frame->header.sequence, group.metadata());
    } else {
      for (const format::Mutation& mutation : group.metadata().mutations) {
        undecided_keys_.insert(mutation.key);
      }
    }
  }
  Finish(members, written);
}

base::Task<absl::Status> LocalSet::WriteFrame(std::shared_ptr<Frame> frame) {
  frame->Seal(geometry_.data);
  const Slot slot = next_;
  is_frame_in_flight_ = true;
  const absl::Status written = co_await replicas_.Write(frame);
  is_frame_in_flight_ = false;
  group_done_.Notify();
  if (!written.ok()) {
    // Nothing may follow a frame that nobody has decided.
    read_only_ = true;
    co_return written;
  }
  Remember(frame->header, slot);
  next_ = SlotAfter(frame->header, drives_.front().log->ring());
  last_header_ = frame->header;
  last_commit_ = environment_.executor.clock().Steady();
  ++counters_.frames;
  for (int p = 0; p < replicas_.count(); ++p) {
    if (replicas_.service(p) == Service::kBehind) scope_.Spawn(CatchUp(p));
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> LocalSet::WriteEmptyFrame() {
  std::shared_ptr<Frame> frame = NewFrame(format::FrameKind::kEmpty);
  co_return co_await WriteFrame(std::move(frame));
}

absl::StatusOr<storage::Record> LocalSet::MakeRecord(
    std::string_view index_key, const std::string& bytes) const {
  auto entry = format::DecodeEntry(bytes);
  if (!entry.ok()) return entry.status();
  storage::Record record{.key = std::string(index_key.substr(1)),
                         .value = std::move(entry->value),
                         .write_id = entry->write_id};
  if (entry->blob.has_value()) {
    record.blob =
        storage::BlobRef{.id = entry->blob->id,
                         .size = entry->blob->size,
                         .place = format::EncodePlace(entry->blob->place)};
  }
  return record;
}

absl::Status LocalSet::ReadScan(const storage::Scan& scan,
                                storage::ReadResult& result) const {
  const std::string prefix = RecordKey(scan.prefix);
  auto at = index_.lower_bound(prefix);
  if (scan.after >= scan.prefix && !scan.after.empty()) {
    at = index_.upper_bound(RecordKey(scan.after));
  }
  for (; at != index_.end() && at->first.starts_with(prefix); ++at) {
    if (result.scanned.size() == scan.limit) {
      result.more = true;
      break;
    }
    auto record = MakeRecord(at->first, at->second);
    if (!record.ok()) return record.status();
    result.scanned.push_back(*std::move(record));
  }
  for (const std::string& key : undecided_keys_) {
    if (key.starts_with(prefix)) {
      return base::Error(ErrorCode::kUndecided,
                         "a commit in this range is not decided");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<storage::ReadResult> LocalSet::Read(
    const storage::ReadRequest& request) const {
  storage::ReadResult result;
  for (const std::string& key : request.keys) {
    const std::string index_key = RecordKey(key);
    if (IsUndecided(index_key)) {
      return base::Error(ErrorCode::kUndecided,
                         "the last commit of this record is not decided");
    }
    const auto bytes = Lookup(index_key);
    if (!bytes.has_value()) {
      result.records.emplace_back();
      continue;
    }
    auto record = MakeRecord(index_key, *bytes);
    if (!record.ok()) return record.status();
    result.records.emplace_back(*std::move(record));
  }
  for (const std::string& key : request.counters) {
    const auto bytes = Lookup(CounterKey(key));
    std::int64_t value = 0;
    if (bytes.has_value()) {
      const auto entry = format::DecodeEntry(*bytes);
      if (!entry.ok()) return entry.status();
      value = DecodeCounter(entry->value);
    }
    result.counters.push_back(value);
  }
  if (request.scan.has_value()) {
    CAIRN_RETURN_IF_ERROR(ReadScan(*request.scan, result));
  }
  return result;
}

}  // namespace cairn::set
