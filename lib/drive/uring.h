// io_uring, as the strand sees it.

#ifndef CAIRN_LIB_DRIVE_URING_H_
#define CAIRN_LIB_DRIVE_URING_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "drive/drive.h"
#include "drive/transfer.h"
#include "drive/unique_fd.h"

namespace cairn::drive {

using TransferDone = DoneWith<TransferResult>;

// Asks in `entry` for the next step of a transfer, which stays where it is
// until the step ends.
void PrepareStep(Transfer& transfer, io_uring_sqe* entry);

// A ring that runs transfers. Those that find no place wait in a queue, in
// their order.
//
// Thread safety: the thread that drives the strand, and no other at the time;
//                Wake() from any thread.
// Lifetime:      destroyed only when nothing is in flight.
// Limits:        the kernel finishes a request in the name of the thread that
//                submitted it, which it interrupts for that: system calls of
//                that thread may see EINTR. When that thread ends first,
//                requests that have not begun are begun again here.
class Uring {
 public:
  // Errors: kUnavailable when the kernel has no io_uring, not all of what is
  //         needed, or this process may not use it; the message says which.
  static absl::StatusOr<std::unique_ptr<Uring>> Create();

  explicit Uring(UniqueFd wake_fd);
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;
  ~Uring();

  // Queues a transfer. `done` runs in Reap(), with how it ended.
  void Start(const Transfer& transfer, TransferDone done);

  // Gives what is queued to the kernel.
  void Submit();

  // The same, and waits until something can be reaped, Wake() is called, or
  // `timeout` has passed. May return before that.
  void SubmitAndWait(absl::Duration timeout);

  // Finishes what has ended.
  void Reap();

  // Ends a SubmitAndWait() of now or, when none is running, of later.
  void Wake();

  // Whether anything is queued or in flight.
  bool is_busy() const {
    return !queue_.empty() || free_slots_.size() < slots_.size();
  }

 private:
  struct Request {
    Transfer transfer;
    TransferDone done;
  };

  absl::Status SetUp();
  absl::Status Probe();
  void ListenForWakes();
  void FillRing();
  void Finish(std::uint32_t slot, std::int32_t result);

  io_uring ring_{};
  bool is_set_up_ = false;
  UniqueFd wake_fd_;
  bool listens_for_wakes_ = false;

  // A request has a slot from when it is given to the kernel until it ends.
  std::vector<Request> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::deque<std::uint32_t> again_;  // slots whose next step is to be given
  std::deque<Request> queue_;
};

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_URING_H_
