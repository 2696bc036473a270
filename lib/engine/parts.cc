#include "engine/parts.h"

#include <string>
#include <utility>

#include "base/status.h"
#include "engine/on_strand.h"
#include "engine/options.h"
#include "set/patience.h"

namespace cairn::engine {
namespace {

drive::IoMode ModeOf(IoMode mode) {
  return mode == IoMode::kPosix ? drive::IoMode::kPosix : drive::IoMode::kAuto;
}

absl::StatusOr<std::unique_ptr<drive::Loop>> StartLoop(IoMode mode) {
  auto loop = drive::Loop::Start(ModeOf(mode));
  if (!loop.ok() || mode != IoMode::kIoUring) return loop;
  const absl::Status& uring = (*loop)->uring_status();
  if (uring.ok()) return loop;
  return base::Error(ErrorCode::kInvalidArgument,
                     "IoMode::kIoUring cannot be had: {}",
                     std::string(uring.message()));
}

// All that are formatted have logs of one size.
std::uint64_t LogSizeOf(const std::vector<GivenDrive>& drives) {
  std::uint64_t size = 0;
  for (const GivenDrive& given : drives) {
    if (given.Is(ContentsKind::kFormatted)) size = given.identity().log_size;
  }
  return size;
}

}  // namespace

Parts::Parts(const EngineOptions& options,
             std::unique_ptr<base::SystemRandom> random,
             std::unique_ptr<drive::Loop> loop)
    : random_(std::move(random)),
      loop_(std::move(loop)),
      cache_({.bytes_max = options.cache_bytes}) {}

absl::StatusOr<std::unique_ptr<Parts>> Parts::Open(
    const EngineOptions& options) {
  CAIRN_RETURN_IF_ERROR(Check(options));
  CAIRN_ASSIGN_OR_RETURN(auto random, base::SystemRandom::Create());
  CAIRN_ASSIGN_OR_RETURN(auto loop, StartLoop(options.io));
  std::unique_ptr<Parts> parts(new Parts(  // tidy: private constructor
      options, std::move(random), std::move(loop)));
  const absl::Status opened = parts->OpenSet(options);
  if (opened.ok()) return parts;
  Close(std::move(parts));
  return opened;
}

absl::Status Parts::OpenSet(const EngineOptions& options) {
  CAIRN_ASSIGN_OR_RETURN(drives_, OpenDrives(options.drives, *loop_));
  const set::SetEnvironment environment{.executor = *loop_,
                                        .random = *random_,
                                        .requests = requests_,
                                        .cache = cache_};
  SetOpener opener(options, *loop_, environment, drives_);
  CAIRN_ASSIGN_OR_RETURN(set_, opener.Open());
  CAIRN_RETURN_IF_ERROR(AwaitOnStrand(*loop_, StartCare()));
  local_.emplace(*set_);
  store_.emplace(object::Environment{.meta = *local_,
                                     .blobs = *local_,
                                     .clock = loop_->clock(),
                                     .random = *random_});
  memory_.emplace(options.memory_max -
                  MemoryAtRest(options, set_->geometry().drive_count(),
                               LogSizeOf(drives_)));
  return absl::OkStatus();
}

base::Task<absl::Status> Parts::StartCare() {
  set_->StartCare();
  co_return absl::OkStatus();
}

base::Task<absl::Status> Parts::Shut() {
  store_.reset();
  local_.reset();
  if (set_ == nullptr) {
    co_await requests_.Empty();
    co_return absl::OkStatus();
  }
  base::Task<absl::Status> close = CloseSet(loop_.get(), &set_);
  co_return co_await close;
}

base::Task<bool> Parts::ShutInTime() {
  co_await base::OnStrand(*loop_);
  base::Task<std::optional<absl::Status>> wait = set::WaitFor(
      {.executor = *loop_, .scope = shutting_, .limit = kCloseTimeMax}, Shut());
  const std::optional<absl::Status> shut = co_await wait;
  co_return shut.has_value();
}

void Parts::Close(std::unique_ptr<Parts> parts) {
  if (parts->loop_->Await(parts->ShutInTime())) return;
  // The drive that hangs writes into what is given up here.
  static_cast<void>(parts.release());
}

}  // namespace cairn::engine
