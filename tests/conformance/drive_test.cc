// Every Drive passes the one suite: the simulated one, a directory on io_uring,
// and a directory on POSIX calls.

#include <memory>
#include <utility>

#include "gtest/gtest.h"

#include "base/check.h"
#include "base/task.h"
#include "conformance/drive_suite.h"
#include "drive/local_drive.h"
#include "drive/loop.h"
#include "support/sim_drive.h"
#include "support/sim_loop.h"
#include "support/temp_dir.h"

namespace cairn::conformance {
namespace {

class SimHarness : public DriveHarness {
 public:
  drive::Drive& drive() override { return drive_; }

  void Run(base::Task<bool> task) override {
    static constexpr auto kRun = [](base::Task<bool> inner) -> base::Task<> {
      co_await inner;
    };
    base::TaskScope scope;
    scope.Spawn(kRun(std::move(task)));
    loop_.RunAll();
    CAIRN_CHECK(scope.empty());
  }

 private:
  support::InOrder order_;
  support::SimLoop loop_{order_};
  support::SimMedia media_;
  support::SimDrive drive_{{.media = &media_, .loop = &loop_}};
};

class LocalHarness : public DriveHarness {
 public:
  explicit LocalHarness(std::unique_ptr<drive::Loop> loop)
      : loop_(std::move(loop)),
        drive_(*drive::LocalDrive::Open(directory_.path(), *loop_)) {}

  drive::Drive& drive() override { return *drive_; }

  void Run(base::Task<bool> task) override {
    static constexpr auto kRun =
        [](drive::Loop* loop, base::Task<bool> inner) -> base::Task<bool> {
      co_await base::OnStrand(*loop);
      co_return co_await inner;
    };
    loop_->Await(kRun(loop_.get(), std::move(task)));
  }

 private:
  support::TempDir directory_;
  std::unique_ptr<drive::Loop> loop_;
  std::unique_ptr<drive::LocalDrive> drive_;
};

std::unique_ptr<DriveHarness> MakeLocal(drive::IoMode mode) {
  auto loop = drive::Loop::Start(mode);
  if (!loop.ok()) return nullptr;
  return std::make_unique<LocalHarness>(*std::move(loop));
}

INSTANTIATE_TEST_SUITE_P(
    Drives, DriveSuite,
    testing::Values(
        DriveCase{"Simulated", [] { return std::make_unique<SimHarness>(); }},
        DriveCase{"Uring", [] { return MakeLocal(drive::IoMode::kUring); }},
        DriveCase{"Posix", [] { return MakeLocal(drive::IoMode::kPosix); }}),
    NameOfCase);

}  // namespace
}  // namespace cairn::conformance
