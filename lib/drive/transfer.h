// One request of a file on its way through the kernel, which may take it in
// several steps.

#ifndef CAIRN_LIB_DRIVE_TRANSFER_H_
#define CAIRN_LIB_DRIVE_TRANSFER_H_

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "drive/drive.h"

namespace cairn::drive {

enum class TransferKind { kRead, kWrite, kWriteSynced, kSync, kPunch };

// How a transfer ended: 0, a value of errno, or kEndOfFile.
using TransferResult = int;
inline constexpr TransferResult kEndOfFile = -1;

// What fallocate() is asked for.
extern const int kPunchMode;

struct Transfer {
  TransferKind kind = TransferKind::kRead;
  int fd = -1;
  std::uint64_t offset = 0;
  base::MutableBytes into;      // kRead
  Parts from;                   // kWrite, kWriteSynced
  std::uint64_t hole_size = 0;  // kPunch
  std::size_t size_done = 0;
  std::array<iovec, 2> vectors{};  // what is left of `from`, during a step

  // What the next step asks for. A read is bounded, because the kernel's counts
  // are; a write that is larger than they are ends in part.
  std::size_t step_size() const;
  std::uint64_t step_offset() const { return offset + size_done; }
  std::span<const iovec> MakeVectors();

  // Takes what the kernel returned for a step, a count of bytes or -errno, and
  // says how the transfer ended; nothing while another step is needed.
  //
  // A step that ended between two multiples of the alignment is repeated from
  // the lower one, as direct I/O must be. What was interrupted or refused
  // before it began is repeated, but a sync that was interrupted is not: the
  // pages may be marked clean.
  std::optional<TransferResult> Advance(std::int64_t result);
};

// Does one step in a call that blocks, and returns what Advance() takes.
std::int64_t Step(Transfer& transfer);

// Does all steps.
TransferResult Perform(Transfer transfer);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_TRANSFER_H_
