#include "set/catch_up.h"

#include <algorithm>
#include <optional>

#include "base/status.h"

namespace cairn::set {

void CatchUp::Start() {
  if (is_stopped_) return;
  for (int p = 0; p < context_.replicas.count(); ++p) {
    if (context_.replicas.service(p) == Service::kBehind &&
        !running_.contains(p)) {
      scope_.Spawn(Run(p));
    }
  }
}

base::Task<> CatchUp::Run(int position) {
  running_.insert(position);
  base::Task<> idle = context_.replicas.WaitIdle(position);
  co_await idle;
  std::uint64_t sequence = context_.replicas.first_lacking(position);
  while (!is_stopped_ &&
         context_.replicas.service(position) == Service::kBehind) {
    base::Task<absl::Status> write = WriteFrames(position, &sequence);
    const absl::Status written = co_await write;
    if (!written.ok()) break;
    base::Task<> join = JoinIfLevel(position, sequence);
    co_await join;
  }
  running_.erase(position);
}

// Brings the drive to where the set is now.
base::Task<absl::Status> CatchUp::WriteFrames(int position,
                                              std::uint64_t* sequence) {
  if (!context_.checkpointer.IsUpToDate(position)) {
    base::Task<absl::Status> fill =
        context_.checkpointer.BringUpToDate(position);
    CAIRN_CO_RETURN_IF_ERROR(co_await fill);
    ++counters_.with_files;
  }
  // What the catalogue stands for is needed in the log no more.
  *sequence = std::max(
      *sequence, context_.checkpointer.catalogue().checkpoint.sequence + 1);
  while (!is_stopped_ && *sequence < context_.committer.next().sequence) {
    base::Task<absl::Status> write = WriteFrame(position, *sequence);
    const absl::Status written = co_await write;
    if (absl::IsNotFound(written) && IsInCatalogue(*sequence)) {
      co_return absl::OkStatus();
    }
    CAIRN_CO_RETURN_IF_ERROR(written);
    ++*sequence;
  }
  co_return absl::OkStatus();
}

// A checkpoint gave the frame up meanwhile.
bool CatchUp::IsInCatalogue(std::uint64_t sequence) const {
  return sequence <= context_.checkpointer.catalogue().checkpoint.sequence;
}

base::Task<absl::Status> CatchUp::WriteFrame(int position,
                                             std::uint64_t sequence) {
  const std::optional<LogFrame> known = context_.log_frames.Find(sequence);
  if (!known.has_value()) {
    co_return absl::NotFoundError("the frame is in the log no more");
  }
  base::Task<absl::StatusOr<GatheredFrame>> gather =
      GatherFrame(context_.gather, context_.logs(), known->header, known->slot);
  const absl::StatusOr<GatheredFrame> frame = co_await gather;
  if (!context_.log_frames.Find(sequence).has_value()) {
    co_return absl::NotFoundError("the frame is in the log no more");
  }
  if (!frame.ok()) co_return frame.status();
  if (context_.replicas.service(position) != Service::kBehind) {
    co_return base::Error(ErrorCode::kDriveFailed, "it was fenced meanwhile");
  }
  base::Task<absl::Status> write =
      WriteFrameOn(context_.replicas.log(position), frame->frame);
  const absl::Status written = co_await write;
  if (!written.ok()) context_.replicas.Fence(position);
  co_return written;
}

// Only between two frames, and only when it has everything.
base::Task<> CatchUp::JoinIfLevel(int position, std::uint64_t sequence) {
  base::Task<> take = context_.committer.turn().Take();
  co_await take;
  if (context_.replicas.service(position) == Service::kBehind &&
      sequence == context_.committer.next().sequence &&
      context_.checkpointer.IsUpToDate(position)) {
    context_.replicas.CatchUp(position, sequence - 1);
    ++counters_.drives;
    context_.on_join();
  }
  context_.committer.turn().Give();
}

}  // namespace cairn::set
