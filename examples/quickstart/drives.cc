#include "quickstart/drives.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <system_error>

namespace quickstart {
namespace {

// Files may be made in a directory while it is deleted; then it is not empty.
constexpr int kAttempts = 100;

absl::Status StatusOf(const std::error_code& error, const std::string& path) {
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), path);
}

}  // namespace

DriveNumbers EveryDrive() {
  DriveNumbers numbers(kDriveCount);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

absl::Status Drives::MakeEmpty(const DriveNumbers& numbers) const {
  absl::Status status;
  for (const int number : numbers) {
    std::error_code error;
    std::filesystem::create_directory(PathOf(number), error);
    status.Update(StatusOf(error, PathOf(number)));
  }
  return status;
}

absl::Status Drives::Destroy(const DriveNumbers& numbers) const {
  absl::Status status;
  for (const int number : numbers) {
    std::error_code error;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      std::filesystem::remove_all(PathOf(number), error);
      if (!error) break;
    }
    status.Update(StatusOf(error, PathOf(number)));
  }
  return status;
}

std::vector<std::string> Drives::Without(const DriveNumbers& missing) const {
  std::vector<std::string> paths;
  for (const int number : EveryDrive()) {
    if (std::count(missing.begin(), missing.end(), number) == 0) {
      paths.push_back(PathOf(number));
    }
  }
  return paths;
}

std::string Drives::PathOf(int number) const {
  return directory_ + "/drive" + std::to_string(number);
}

}  // namespace quickstart
