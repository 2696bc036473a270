#include "drive/uring.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace cairn::drive {
namespace {

constexpr unsigned kEntryCount = 256;
constexpr std::uint32_t kSlotCount = 4096;
// More than can complete at once, so that it never overflows.
constexpr unsigned kCompletionCount = 2 * kSlotCount;
constexpr std::uint64_t kWakeMark = ~std::uint64_t{0};

// Waiting with a timeout, completions that are never dropped, and (of the same
// kernel, 5.13) polls that stay.
constexpr unsigned kFeatures =
    IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP | IORING_FEAT_RSRC_TAGS;

// What is tried again: nothing is lost by it.
bool IsTransient(int error) {
  return error == 0 || error == EINTR || error == ETIME || error == EAGAIN ||
         error == EBUSY || error == ENOMEM;
}

void CheckSubmitted(int result) {
  CAIRN_CHECK(result >= 0 || IsTransient(-result));
}

absl::Status Unavailable(std::string_view what, int error) {
  return base::Error(ErrorCode::kUnavailable, "io_uring: {}: {}", what,
                     std::generic_category().message(error));
}

}  // namespace

void PrepareStep(Transfer& transfer, io_uring_sqe* entry) {
  const auto size = static_cast<unsigned>(transfer.step_size());
  const std::uint64_t offset = transfer.step_offset();
  const std::size_t done = transfer.size_done;
  switch (transfer.kind) {
    case TransferKind::kRead:
      io_uring_prep_read(entry, transfer.fd, transfer.into.data() + done, size,
                         offset);
      break;
    case TransferKind::kWrite:
    case TransferKind::kWriteSynced: {
      const std::span<const iovec> vectors = transfer.MakeVectors();
      io_uring_prep_writev(entry, transfer.fd, vectors.data(),
                           static_cast<unsigned>(vectors.size()), offset);
      if (transfer.kind == TransferKind::kWriteSynced) {
        entry->rw_flags = RWF_DSYNC;
      }
      break;
    }
    case TransferKind::kSync:
      io_uring_prep_fsync(entry, transfer.fd, IORING_FSYNC_DATASYNC);
      break;
    case TransferKind::kPunch:
      io_uring_prep_fallocate(entry, transfer.fd, kPunchMode,
                              static_cast<off_t>(offset),
                              static_cast<off_t>(transfer.hole_size));
      break;
  }
}

absl::StatusOr<std::unique_ptr<Uring>> Uring::Create() {
  UniqueFd wake_fd(::eventfd(0, EFD_CLOEXEC));
  if (!wake_fd.is_open()) return Unavailable("eventfd", errno);
  auto uring = std::make_unique<Uring>(std::move(wake_fd));
  CAIRN_RETURN_IF_ERROR(uring->SetUp());
  return uring;
}

Uring::Uring(UniqueFd wake_fd) : wake_fd_(std::move(wake_fd)) {}

Uring::~Uring() {
  CAIRN_CHECK(!is_busy());
  if (is_set_up_) io_uring_queue_exit(&ring_);
}

absl::Status Uring::SetUp() {
  io_uring_params params{};
  params.flags = IORING_SETUP_CQSIZE;
  params.cq_entries = kCompletionCount;
  const int result = io_uring_queue_init_params(kEntryCount, &ring_, &params);
  if (result < 0) return Unavailable("setup", -result);
  is_set_up_ = true;
  if ((params.features & kFeatures) != kFeatures) {
    return Unavailable("the kernel is too old", ENOSYS);
  }
  CAIRN_RETURN_IF_ERROR(Probe());
  slots_.resize(kSlotCount);
  for (std::uint32_t i = 0; i < kSlotCount; ++i) free_slots_.push_back(i);
  return absl::OkStatus();
}

// A sandbox may allow a ring to be made and no request to be given to it.
absl::Status Uring::Probe() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  io_uring_prep_nop(entry);
  io_uring_sqe_set_data64(entry, kWakeMark);
  const int submitted = io_uring_submit_and_wait(&ring_, 1);
  if (submitted < 0) return Unavailable("enter", -submitted);
  Reap();
  return absl::OkStatus();
}

void Uring::Start(const Transfer& transfer, TransferDone done) {
  queue_.push_back({.transfer = transfer, .done = std::move(done)});
}

// One poll that stays. What is written to wake_fd_ is never read: each write is
// an event.
void Uring::ListenForWakes() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  if (entry == nullptr) return;
  io_uring_prep_poll_multishot(entry, wake_fd_.get(), POLLIN);
  io_uring_sqe_set_data64(entry, kWakeMark);
  listens_for_wakes_ = true;
}

// Moves what waits into the ring, as far as there is room.
void Uring::FillRing() {
  if (!listens_for_wakes_) ListenForWakes();
  while (!again_.empty() || (!queue_.empty() && !free_slots_.empty())) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) return;
    std::uint32_t slot = 0;
    if (!again_.empty()) {
      slot = again_.front();
      again_.pop_front();
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
      slots_[slot] = std::move(queue_.front());
      queue_.pop_front();
    }
    PrepareStep(slots_[slot].transfer, entry);
    io_uring_sqe_set_data64(entry, slot);
  }
}

void Uring::Submit() {
  FillRing();
  if (io_uring_sq_ready(&ring_) > 0) CheckSubmitted(io_uring_submit(&ring_));
}

void Uring::SubmitAndWait(absl::Duration timeout) {
  FillRing();
  // With more than the ring holds, the rest is given at the next turn.
  const bool is_more_waiting =
      !again_.empty() || (!queue_.empty() && !free_slots_.empty());
  if (is_more_waiting) {
    CheckSubmitted(io_uring_submit(&ring_));
    return;
  }
  io_uring_cqe* first = nullptr;
  if (timeout == absl::InfiniteDuration()) {
    CheckSubmitted(io_uring_submit_and_wait(&ring_, 1));
    return;
  }
  const timespec limit = absl::ToTimespec(timeout);
  __kernel_timespec kernel_limit{.tv_sec = limit.tv_sec,
                                 .tv_nsec = limit.tv_nsec};
  CheckSubmitted(io_uring_submit_and_wait_timeout(&ring_, &first, 1,
                                                  &kernel_limit, nullptr));
}

void Uring::Reap() {
  io_uring_cqe* ended = nullptr;
  while (io_uring_peek_cqe(&ring_, &ended) == 0) {
    const std::uint64_t mark = ended->user_data;
    const std::int32_t result = ended->res;
    const bool is_last = (ended->flags & IORING_CQE_F_MORE) == 0;
    io_uring_cqe_seen(&ring_, ended);
    if (mark != kWakeMark) {
      Finish(static_cast<std::uint32_t>(mark), result);
    } else if (is_last) {
      listens_for_wakes_ = false;
    }
  }
}

void Uring::Finish(std::uint32_t slot, std::int32_t result) {
  const std::optional<TransferResult> end =
      slots_[slot].transfer.Advance(result);
  if (!end.has_value()) {
    again_.push_back(slot);
    return;
  }
  TransferDone done = std::move(slots_[slot].done);
  free_slots_.push_back(slot);
  std::move(done)(*end);
}

void Uring::Wake() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, after 2^64 calls.
  CAIRN_CHECK(::write(wake_fd_.get(), &one, sizeof one) == sizeof one);
}

}  // namespace cairn::drive
