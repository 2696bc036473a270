#include "set/hedged_reads.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {
namespace {

// A drive that answers without the file, or with another size, is definite.
HedgedReads::State StateAfter(const absl::Status& status) {
  if (status.ok()) return HedgedReads::State::kRead;
  if (absl::IsNotFound(status) || CodeOf(status) == ErrorCode::kCorrupt) {
    return HedgedReads::State::kRefused;
  }
  return HedgedReads::State::kFailed;
}

}  // namespace

HedgedReads::HedgedReads(const ReadContext& context, ReadRange range)
    : context_(context),
      range_(std::move(range)),
      shared_(std::make_shared<Shared>(
          context.executor, static_cast<std::size_t>(context.drives.count()))) {
}

base::Task<> HedgedReads::ReadOne(std::shared_ptr<Shared> shared,
                                  SetDrives* drives, int position,
                                  ReadRange range) {
  base::AlignedBuffer bytes(range.size);
  base::Task<absl::StatusOr<FilePtr>> open =
      drives->Open(position, range.path, range.file_size);
  const absl::StatusOr<FilePtr> file = co_await open;
  absl::Status status = file.status();
  if (file.ok()) {
    status = co_await drive::Read(**file, range.offset, bytes.bytes());
  }
  Attempt& attempt = shared->attempts[static_cast<std::size_t>(position)];
  attempt.state = StateAfter(status);
  attempt.bytes = std::move(bytes);
  ++shared->ended_count;
  shared->progress.Notify();
}

void HedgedReads::Start(int position) {
  CAIRN_CHECK(At(position).state == State::kIdle);
  At(position).state = State::kPending;
  context_.reads.Spawn(ReadOne(shared_, &context_.drives, position, range_));
}

int HedgedReads::pending_count() const {
  return static_cast<int>(std::count_if(
      shared_->attempts.begin(), shared_->attempts.end(),
      [](const Attempt& a) { return a.state == State::kPending; }));
}

base::Task<bool> HedgedReads::Progress(bool hedges) {
  const absl::Time deadline =
      context_.executor.clock().Steady() + context_.hedge_delay;
  base::Timer timer;
  if (hedges) {
    timer = base::Timer(context_.executor, deadline,
                        [weak = std::weak_ptr<Shared>(shared_)] {
                          if (const auto shared = weak.lock()) {
                            shared->progress.Notify();
                          }
                        });
  }
  while (shared_->ended_count == seen_count_) {
    co_await shared_->progress;
    if (hedges && context_.executor.clock().Steady() >= deadline) break;
  }
  co_return std::exchange(seen_count_, shared_->ended_count) !=
      shared_->ended_count;
}

absl::Status HedgedReads::Failure(std::string_view what) const {
  const auto silent =
      std::count_if(shared_->attempts.begin(), shared_->attempts.end(),
                    [](const Attempt& a) { return a.state == State::kFailed; });
  if (silent == 0) {
    return base::Error(ErrorCode::kUnrecoverable, "{} of {}", what,
                       range_.path);
  }
  return base::Error(ErrorCode::kUnavailable, "{} of {}; {} drives say nothing",
                     what, range_.path, silent);
}

}  // namespace cairn::set
