// A drive's log is opened only where its size leaves room for a ring.

#include "set/drive_log.h"

#include <optional>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "set/member.h"
#include "support/sim_drive.h"
#include "support/sim_loop.h"
#include "support/sim_set.h"

namespace cairn::set {
namespace {

base::Task<> OpenLog(drive::Drive* drive, std::optional<ErrorCode>* code) {
  const auto identity = co_await ReadIdentity(*drive);
  CAIRN_CHECK(identity.ok() && identity->has_value());
  const auto log = co_await DriveLog::Open(*drive, **identity);
  *code = CodeOf(log.status());
}

// What opening the log of a drive says that was formatted with this size.
std::optional<ErrorCode> CodeOfSize(std::uint64_t log_size) {
  support::SetImage image =
      support::FormatImage({.data = 1, .parity = 0}, 1, log_size);
  support::InOrder order;
  support::SimLoop loop(order);
  support::SimDrive drive({.media = &image.drives[0], .loop = &loop});
  std::optional<ErrorCode> code;
  base::TaskScope scope;
  scope.Spawn(OpenLog(&drive, &code));
  loop.RunAll();
  return code;
}

TEST(DriveLogTest, ASizeThatNoLogHasIsRefused) {
  EXPECT_EQ(CodeOfSize(kLogSizeMin), ErrorCode::kOk);
  // The first has no ring at all, the next ones none that holds a frame.
  for (const std::uint64_t size :
       {format::kRingOffset, std::uint64_t{64} << 10, kLogSizeMin - (64 << 10),
        kLogSizeMin + 4096}) {
    EXPECT_EQ(CodeOfSize(size), ErrorCode::kCorrupt) << size;
  }
}

}  // namespace
}  // namespace cairn::set
