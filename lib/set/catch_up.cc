#include "set/catch_up.h"

#include <algorithm>
#include <optional>

#include "base/status.h"

namespace cairn::set {

void CatchUp::Start() {
  for (int p = 0; p < replicas_.count(); ++p) {
    if (replicas_.service(p) == Service::kBehind && !running_.contains(p)) {
      scope_.Spawn(Run(p));
    }
  }
}

base::Task<> CatchUp::Run(int position) {
  running_.insert(position);
  base::Task<> idle = replicas_.WaitIdle(position);
  co_await idle;
  std::uint64_t sequence = replicas_.first_lacking(position);
  while (replicas_.service(position) == Service::kBehind) {
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
  if (!checkpointer_.IsUpToDate(position)) {
    base::Task<absl::Status> fill = checkpointer_.BringUpToDate(position);
    CAIRN_CO_RETURN_IF_ERROR(co_await fill);
  }
  // What the catalogue stands for is needed in the log no more.
  *sequence =
      std::max(*sequence, checkpointer_.catalogue().checkpoint.sequence + 1);
  while (*sequence < committer_.next().sequence) {
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
  return sequence <= checkpointer_.catalogue().checkpoint.sequence;
}

base::Task<absl::Status> CatchUp::WriteFrame(int position,
                                             std::uint64_t sequence) {
  const std::optional<LogFrame> known = log_frames_.Find(sequence);
  if (!known.has_value()) {
    co_return absl::NotFoundError("the frame is in the log no more");
  }
  base::Task<absl::StatusOr<Frame>> gather =
      GatherFrame(gather_, logs_(), known->header, known->slot);
  const absl::StatusOr<Frame> frame = co_await gather;
  if (!log_frames_.Find(sequence).has_value()) {
    co_return absl::NotFoundError("the frame is in the log no more");
  }
  if (!frame.ok()) co_return frame.status();
  base::Task<absl::Status> write =
      WriteFrameOn(replicas_.log(position), *frame);
  const absl::Status written = co_await write;
  if (!written.ok()) replicas_.Fence(position);
  co_return written;
}

// Only between two frames, and only when it has everything.
base::Task<> CatchUp::JoinIfLevel(int position, std::uint64_t sequence) {
  base::Task<> take = committer_.turn().Take();
  co_await take;
  if (replicas_.service(position) == Service::kBehind &&
      sequence == committer_.next().sequence &&
      checkpointer_.IsUpToDate(position)) {
    replicas_.CatchUp(position, sequence - 1);
    ++count_;
  }
  committer_.turn().Give();
}

}  // namespace cairn::set
