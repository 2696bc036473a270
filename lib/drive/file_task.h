// The calls of Drive and File as tasks.

#ifndef CAIRN_LIB_DRIVE_FILE_TASK_H_
#define CAIRN_LIB_DRIVE_FILE_TASK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "drive/drive.h"

namespace cairn::drive {

using StatusCallback = base::Callback<absl::Status>;

inline StatusCallback Read(File& file, std::uint64_t offset,
                           base::MutableBytes into) {
  return StatusCallback([&file, offset, into](Done done) {
    file.Read(offset, into, std::move(done));
  });
}

inline StatusCallback Write(File& file, std::uint64_t offset, base::Bytes from,
                            base::Bytes behind = {}) {
  return StatusCallback([&file, offset, from, behind](Done done) {
    file.Write(offset, {.first = from, .second = behind}, std::move(done));
  });
}

inline StatusCallback WriteSynced(File& file, std::uint64_t offset,
                                  base::Bytes from) {
  return StatusCallback([&file, offset, from](Done done) {
    file.WriteSynced(offset, from, std::move(done));
  });
}

inline StatusCallback Sync(File& file) {
  return StatusCallback([&file](Done done) { file.Sync(std::move(done)); });
}

inline StatusCallback Punch(File& file, std::uint64_t offset,
                            std::uint64_t size) {
  return StatusCallback([&file, offset, size](Done done) {
    file.Punch(offset, size, std::move(done));
  });
}

using FileCallback = base::Callback<absl::StatusOr<std::unique_ptr<File>>>;

inline FileCallback Create(Drive& drive, std::string path,
                           std::uint64_t size = 0) {
  return FileCallback([&drive, path = std::move(path), size](auto done) {
    drive.Create(path, size, std::move(done));
  });
}

inline FileCallback Open(Drive& drive, std::string path) {
  return FileCallback([&drive, path = std::move(path)](auto done) {
    drive.Open(path, std::move(done));
  });
}

inline StatusCallback Rename(Drive& drive, std::string from, std::string to) {
  return StatusCallback(
      [&drive, from = std::move(from), to = std::move(to)](Done done) {
        drive.Rename(from, to, std::move(done));
      });
}

inline StatusCallback Remove(Drive& drive, std::string path) {
  return StatusCallback([&drive, path = std::move(path)](Done done) {
    drive.Remove(path, std::move(done));
  });
}

inline base::Callback<absl::StatusOr<std::vector<std::string>>> List(
    Drive& drive, std::string directory) {
  return base::Callback<absl::StatusOr<std::vector<std::string>>>(
      [&drive, directory = std::move(directory)](auto done) {
        drive.List(directory, std::move(done));
      });
}

// Replaces the file at `path` by one with these bytes, a multiple of
// base::kDirectAlignment; after a crash it is the old one or the new one.
base::Task<absl::Status> ReplaceFile(Drive& drive, std::string path,
                                     base::Bytes contents);

// Reads a whole file of at most `size_max` bytes, whose size is a multiple of
// base::kDirectAlignment.
//
// Errors: NotFound, kCorrupt when it is larger or its size uneven,
//         kDriveFailed.
base::Task<absl::StatusOr<base::AlignedBuffer>> ReadFile(
    Drive& drive, std::string path, std::uint64_t size_max);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_FILE_TASK_H_
