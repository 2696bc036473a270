// A transfer goes on after every partial step, from a multiple of the
// alignment, and ends with the right result whatever the kernel returns.

#include "drive/transfer.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "drive/os_error.h"

namespace cairn::drive {
namespace {

constexpr std::size_t kSize = 4 * base::kDirectAlignment;

Transfer MakeTransfer(TransferKind kind, base::AlignedBuffer& buffer) {
  if (kind == TransferKind::kSync) return {.kind = kind};
  if (kind == TransferKind::kRead) {
    return {.kind = kind, .offset = 8192, .into = buffer.bytes()};
  }
  return {.kind = kind, .offset = 8192, .from = {.first = buffer.bytes()}};
}

struct Case {
  TransferKind kind;
  std::vector<std::int64_t> returned;
  TransferResult result;
  std::uint64_t last_offset;  // of the step that `returned` ends with
};

TEST(TransferTest, EveryReturnValueLeadsOnOrEndsIt) {
  constexpr TransferKind kRead = TransferKind::kRead;
  constexpr TransferKind kWrite = TransferKind::kWrite;
  constexpr TransferKind kWriteSynced = TransferKind::kWriteSynced;
  constexpr TransferKind kSync = TransferKind::kSync;
  const std::vector<Case> cases = {
      {kRead, {16384}, 0, 8192},
      {kRead, {4096, 12288}, 0, 12288},
      {kRead, {5000, 12288}, 0, 12288},
      {kRead, {-EINTR, -EAGAIN, -ECANCELED, 16384}, 0, 8192},
      {kRead, {0}, kEndOfFile, 8192},
      {kRead, {904}, kEndOfFile, 8192},
      {kRead, {12288, 904}, kEndOfFile, 20480},
      {kRead, {4096, -EIO}, EIO, 12288},
      {kWrite, {16384}, 0, 8192},
      {kWrite, {8191, 8192, 4096}, 0, 20480},
      {kWrite, {4096, -ENOSPC}, ENOSPC, 12288},
      {kWrite, {0}, EIO, 8192},
      {kWriteSynced, {-EINTR, 4096, 12288}, 0, 12288},
      {kWriteSynced, {-EIO}, EIO, 8192},
      {kSync, {0}, 0, 0},
      {kSync, {-EIO}, EIO, 0},
      {kSync, {-ECANCELED, -EAGAIN, 0}, 0, 0},
      {kSync, {-EINTR}, EINTR, 0},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(testing::Message() << "case " << i);
    base::AlignedBuffer buffer(kSize);
    Transfer transfer = MakeTransfer(cases[i].kind, buffer);
    std::optional<TransferResult> result;
    std::uint64_t offset = 0;
    for (const std::int64_t returned : cases[i].returned) {
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(transfer.step_offset() % base::kDirectAlignment, 0u);
      offset = transfer.step_offset();
      result = transfer.Advance(returned);
    }
    EXPECT_EQ(result, cases[i].result);
    EXPECT_EQ(offset, cases[i].last_offset);
  }
}

// Of both parts, however much of them is done.
TEST(TransferTest, AStepWritesWhatIsLeft) {
  const base::AlignedBuffer first(kSize);
  const base::AlignedBuffer second(2 * kSize);
  for (std::size_t done = 0; done <= 3 * kSize;
       done += base::kDirectAlignment) {
    Transfer transfer{
        .kind = TransferKind::kWrite,
        .from = {.first = first.bytes(), .second = second.bytes()},
        .size_done = done};
    std::vector<const void*> begins;
    std::size_t size = 0;
    for (const iovec& vector : transfer.MakeVectors()) {
      begins.push_back(vector.iov_base);
      size += vector.iov_len;
    }
    EXPECT_EQ(size, 3 * kSize - done);
    std::vector<const void*> expected;
    if (done < kSize) expected.push_back(first.bytes().data() + done);
    if (done < 3 * kSize) {
      expected.push_back(second.bytes().data() +
                         (std::max(done, kSize) - kSize));
    }
    EXPECT_EQ(begins, expected);
  }
}

TEST(OsErrorTest, SaysWhatToDo) {
  EXPECT_EQ(CodeOf(OsError(ENOSPC, "x")), ErrorCode::kDriveFull);
  EXPECT_EQ(CodeOf(OsError(EDQUOT, "x")), ErrorCode::kDriveFull);
  EXPECT_EQ(CodeOf(OsError(ELOOP, "x")), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(OsError(ENOTDIR, "x")), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(OsError(EISDIR, "x")), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(OsError(EIO, "x")), ErrorCode::kDriveFailed);
  EXPECT_EQ(CodeOf(OsError(EROFS, "x")), ErrorCode::kDriveFailed);
  EXPECT_EQ(OsError(ENOENT, "x").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OsError(EEXIST, "x").code(), absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace cairn::drive
