#include "drive/transfer.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cairn::drive {
namespace {

constexpr std::size_t kStepSizeMax = std::size_t{1} << 30;

std::size_t SizeOf(const Transfer& transfer) {
  return transfer.kind == TransferKind::kRead ? transfer.into.size()
                                              : transfer.from.size();
}

// ECANCELED: the thread that gave the request to the ring ended before the
// kernel began with it.
bool NeverBegan(std::int64_t result) {
  return result == -EAGAIN || result == -ECANCELED;
}

// A file system that has no holes gives the room back with the file.
TransferResult AsPunched(std::int64_t error) {
  return error == EOPNOTSUPP ? 0 : static_cast<int>(error);
}

ssize_t WriteSyncedStep(const Transfer& transfer) {
  const base::Bytes bytes =
      transfer.from.subspan(transfer.size_done, transfer.step_size());
  // The kernel only reads from it, but its type has no word for that.
  // tidy: struct iovec serves reads and writes
  const iovec vector{.iov_base = const_cast<std::byte*>(bytes.data()),
                     .iov_len = bytes.size()};
  return ::pwritev2(transfer.fd, &vector, 1,
                    static_cast<off_t>(transfer.step_offset()), RWF_DSYNC);
}

ssize_t Call(const Transfer& transfer) {
  const auto offset = static_cast<off_t>(transfer.step_offset());
  const std::size_t size = transfer.step_size();
  switch (transfer.kind) {
    case TransferKind::kRead:
      return ::pread(transfer.fd, transfer.into.data() + transfer.size_done,
                     size, offset);
    case TransferKind::kWrite:
      return ::pwrite(transfer.fd, transfer.from.data() + transfer.size_done,
                      size, offset);
    case TransferKind::kWriteSynced:
      return WriteSyncedStep(transfer);
    case TransferKind::kSync:
      return ::fdatasync(transfer.fd);
    case TransferKind::kPunch:
      return ::fallocate(transfer.fd, kPunchMode, offset,
                         static_cast<off_t>(transfer.hole_size));
  }
  return -1;
}

}  // namespace

const int kPunchMode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

std::size_t Transfer::step_size() const {
  return std::min(SizeOf(*this) - size_done, kStepSizeMax);
}

std::optional<TransferResult> Transfer::Advance(std::int64_t result) {
  if (NeverBegan(result)) return std::nullopt;
  if (kind == TransferKind::kSync) return static_cast<int>(-result);
  if (result == -EINTR) return std::nullopt;
  if (kind == TransferKind::kPunch) return AsPunched(-result);
  if (result < 0) return static_cast<int>(-result);
  const auto size = static_cast<std::size_t>(result);
  if (size_done + size == SizeOf(*this)) return 0;
  const std::size_t size_kept = size - size % base::kDirectAlignment;
  if (size_kept == 0) return kind == TransferKind::kRead ? kEndOfFile : EIO;
  size_done += size_kept;
  return std::nullopt;
}

std::int64_t Step(const Transfer& transfer) {
  const ssize_t result = Call(transfer);
  return result >= 0 ? result : -errno;
}

TransferResult Perform(Transfer transfer) {
  std::optional<TransferResult> result;
  while (!result.has_value()) result = transfer.Advance(Step(transfer));
  return *result;
}

}  // namespace cairn::drive
