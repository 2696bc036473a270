// Six directories that play the drives.

#ifndef CAIRN_EXAMPLES_QUICKSTART_DRIVES_H_
#define CAIRN_EXAMPLES_QUICKSTART_DRIVES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace quickstart {

inline constexpr int kData = 4;
inline constexpr int kParity = 2;
inline constexpr int kDriveCount = kData + kParity;

// Numbers of drives.
using DriveNumbers = std::vector<int>;

DriveNumbers EveryDrive();

class Drives {
 public:
  // The drives are folders of `directory`, which exists.
  explicit Drives(std::string directory) : directory_(std::move(directory)) {}

  // Puts an empty drive in the place of each.
  absl::Status MakeEmpty(const DriveNumbers& numbers) const;

  // Deletes the directory of each, with everything below, whoever uses it.
  absl::Status Destroy(const DriveNumbers& numbers) const;

  // The directories of all drives but `missing`.
  std::vector<std::string> Without(const DriveNumbers& missing) const;

 private:
  std::string PathOf(int number) const;

  std::string directory_;
};

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_DRIVES_H_
