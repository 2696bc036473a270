// What a LocalSet does besides commits and reads: the quiet frame, catching up,
// reading back, closing.

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/entry.h"
#include "set/local_set.h"
#include "set/rebuild.h"

namespace cairn::set {

bool LocalSet::WantsEmptyFrame() const {
  return last_header_.kind != format::FrameKind::kEmpty ||
         last_header_.behind_since != replicas_.behind_since();
}

void LocalSet::ArmQuietTimer() {
  if (quiet_timer_armed_ || read_only_ || !WantsEmptyFrame()) return;
  quiet_timer_armed_ = true;
  environment_.executor.PostAt(last_commit_ + options_.quiet_time,
                               [this, alive = std::weak_ptr<bool>(alive_)] {
                                 if (!alive.expired()) OnQuiet();
                               });
}

void LocalSet::OnQuiet() {
  quiet_timer_armed_ = false;
  if (is_committing_ || read_only_ || !WantsEmptyFrame()) return;
  if (environment_.executor.clock().Steady() <
      last_commit_ + options_.quiet_time) {
    ArmQuietTimer();
    return;
  }
  static constexpr auto kWrite = [](LocalSet* self) -> base::Task<> {
    self->is_committing_ = true;
    const absl::Status written = co_await self->WriteEmptyFrame();
    base::IgnoreError(written, "the next commit reports it");
    co_await self->CommitGroups();
  };
  scope_.Spawn(kWrite(this));
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

GatherContext LocalSet::Gathering() const {
  return {.codec = *codec_,
          .executor = environment_.executor,
          .scope = environment_.reads};
}

base::Task<absl::Status> LocalSet::CatchUpOnce(int position,
                                               std::uint64_t sequence) {
  const auto found = log_frames_.find(sequence);
  if (found == log_frames_.end()) {
    co_return base::Error(ErrorCode::kUnavailable,
                          "frame {} is in the log no more", sequence);
  }
  const LogFrame known = found->second;
  auto frame = co_await GatherFrame(Gathering(), CurrentLogs(), known.header,
                                    known.slot);
  if (!frame.ok()) co_return frame.status();
  const absl::Status written =
      co_await WriteFrameOn(replicas_.log(position), *frame);
  if (!written.ok()) replicas_.Fence(position);
  co_return written;
}

base::Task<> LocalSet::CatchUp(int position) {
  if (!catching_up_.insert(position).second) co_return;
  co_await replicas_.WaitIdle(position);
  std::uint64_t sequence = replicas_.first_lacking(position);
  while (replicas_.service(position) == Service::kBehind) {
    if (sequence < next_.sequence) {
      const absl::Status status = co_await CatchUpOnce(position, sequence);
      if (!status.ok()) break;
      ++sequence;
    } else if (is_frame_in_flight_) {
      co_await group_done_;
    } else {
      replicas_.CatchUp(position, sequence - 1);
      ++counters_.catch_ups;
    }
  }
  catching_up_.erase(position);
}

base::Task<absl::StatusOr<std::vector<std::byte>>> LocalSet::ReadSmallBlob(
    storage::BlobRef blob) {
  const auto place = format::DecodePlace(blob.place);
  if (!place.ok()) co_return place.status();
  const auto* at = std::get_if<format::LogPlace>(&*place);
  const auto known =
      at == nullptr ? log_frames_.end() : log_frames_.find(at->sequence);
  if (known == log_frames_.end()) {
    co_return base::Error(ErrorCode::kUnrecoverable,
                          "no frame of the log holds the blob");
  }
  const LogFrame log_frame = known->second;
  const auto frame = co_await GatherFrame(Gathering(), CurrentLogs(),
                                          log_frame.header, log_frame.slot);
  if (!frame.ok()) co_return frame.status();
  std::vector<std::byte> bytes;
  if (at->stripe >= frame->stripes.size() ||
      frame->stripes[at->stripe]->stripe.blob != blob.id) {
    co_return base::Error(ErrorCode::kUnrecoverable,
                          "the frame does not hold the blob");
  }
  const EncodedStripe& stripe = *frame->stripes[at->stripe];
  for (int i = 0; i < geometry_.data; ++i) {
    const std::vector<std::byte>& record =
        stripe.records[static_cast<std::size_t>(i)];
    if (!IsValidRecord(stripe.stripe, i, record)) {
      co_return base::Error(ErrorCode::kUnrecoverable,
                            "more shards of a blob are lost than parity");
    }
    bytes.insert(bytes.end(), record.begin() + format::kShardChecksumSize,
                 record.end());
  }
  bytes.resize(stripe.stripe.size);
  co_return bytes;
}

base::Task<absl::Status> LocalSet::Close() {
  if (read_only_) co_return absl::OkStatus();
  while (is_committing_) co_await group_done_;
  if (WantsEmptyFrame()) {
    is_committing_ = true;
    CAIRN_CO_RETURN_IF_ERROR(co_await WriteEmptyFrame());
  }
  co_await replicas_.Drain();
  co_return absl::OkStatus();
}

}  // namespace cairn::set
