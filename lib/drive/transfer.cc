#include "drive/transfer.h"

#include <fcntl.h>
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

ssize_t Call(Transfer& transfer) {
  const auto offset = static_cast<off_t>(transfer.step_offset());
  const std::size_t size = transfer.step_size();
  const std::span<const iovec> vectors = transfer.MakeVectors();
  switch (transfer.kind) {
    case TransferKind::kRead:
      return ::pread(transfer.fd, transfer.into.data() + transfer.size_done,
                     size, offset);
    case TransferKind::kWrite:
      return ::pwritev(transfer.fd, vectors.data(),
                       static_cast<int>(vectors.size()), offset);
    case TransferKind::kWriteSynced:
      return ::pwritev2(transfer.fd, vectors.data(),
                        static_cast<int>(vectors.size()), offset, RWF_DSYNC);
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

std::span<const iovec> Transfer::MakeVectors() {
  std::size_t skipped = size_done;
  std::size_t count = 0;
  for (base::Bytes part : {from.first, from.second}) {
    const std::size_t done = std::min(skipped, part.size());
    skipped -= done;
    part = part.subspan(done);
    if (part.empty()) continue;
    // The kernel only reads from it, but its type has no word for that.
    // tidy: struct iovec serves reads and writes
    vectors[count++] = {.iov_base = const_cast<std::byte*>(part.data()),
                        .iov_len = part.size()};
  }
  return std::span(vectors).first(count);
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

std::int64_t Step(Transfer& transfer) {
  const ssize_t result = Call(transfer);
  return result >= 0 ? result : -errno;
}

TransferResult Perform(Transfer transfer) {
  std::optional<TransferResult> result;
  while (!result.has_value()) result = transfer.Advance(Step(transfer));
  return *result;
}

}  // namespace cairn::drive
