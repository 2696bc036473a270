// What every Drive does, whatever it is made of. A program instantiates
// DriveSuite with its drives.

#ifndef CAIRN_TESTS_CONFORMANCE_DRIVE_SUITE_H_
#define CAIRN_TESTS_CONFORMANCE_DRIVE_SUITE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "base/task.h"
#include "drive/drive.h"
#include "drive/file_task.h"

namespace cairn::conformance {

// An empty drive, and what drives its strand.
class DriveHarness {
 public:
  virtual ~DriveHarness() = default;

  virtual drive::Drive& drive() = 0;

  // Runs `task` on the strand to its end.
  virtual void Run(base::Task<bool> task) = 0;
};

struct DriveCase {
  std::string name;
  // May return null: there is none on this system.
  std::function<std::unique_ptr<DriveHarness>()> make;
};

class DriveSuite : public testing::TestWithParam<DriveCase> {
 protected:
  using OpenedFile = absl::StatusOr<std::unique_ptr<drive::File>>;
  using Names = absl::StatusOr<std::vector<std::string>>;

  void SetUp() override {
    harness_ = GetParam().make();
    if (harness_ == nullptr) GTEST_SKIP() << "not on this system";
  }

  drive::Drive& drive() { return harness_->drive(); }

  template <typename T>
  T Await(base::Callback<T> callback) {
    std::optional<T> result;
    harness_->Run(Store(std::move(callback), result));
    return *std::move(result);
  }
  template <typename T>
  T Await(base::Task<T> task) {
    std::optional<T> result;
    harness_->Run(StoreTask(std::move(task), result));
    return *std::move(result);
  }

  // One call each, to its end.
  OpenedFile Create(std::string path, std::uint64_t size = 0) {
    return Await(drive::Create(drive(), std::move(path), size));
  }
  OpenedFile Open(std::string path) {
    return Await(drive::Open(drive(), std::move(path)));
  }
  absl::Status Rename(std::string from, std::string to) {
    return Await(drive::Rename(drive(), std::move(from), std::move(to)));
  }
  absl::Status Remove(std::string path) {
    return Await(drive::Remove(drive(), std::move(path)));
  }
  Names List(std::string directory) {
    return Await(drive::List(drive(), std::move(directory)));
  }
  absl::StatusOr<drive::Space> GetSpace() {
    return Await(base::Callback<absl::StatusOr<drive::Space>>(
        [this](auto done) { drive().GetSpace(std::move(done)); }));
  }

 private:
  template <typename T>
  static base::Task<bool> Store(base::Callback<T> callback,
                                std::optional<T>& result) {
    result.emplace(co_await callback);
    co_return true;
  }
  template <typename T>
  static base::Task<bool> StoreTask(base::Task<T> task,
                                    std::optional<T>& result) {
    result.emplace(co_await task);
    co_return true;
  }

  std::unique_ptr<DriveHarness> harness_;
};

inline std::string NameOfCase(const testing::TestParamInfo<DriveCase>& info) {
  return info.param.name;
}

}  // namespace cairn::conformance

#endif  // CAIRN_TESTS_CONFORMANCE_DRIVE_SUITE_H_
