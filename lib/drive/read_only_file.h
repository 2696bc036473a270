// Files that are only looked at, by any path: for tools, not for the engine.

#ifndef CAIRN_LIB_DRIVE_READ_ONLY_FILE_H_
#define CAIRN_LIB_DRIVE_READ_ONLY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"

namespace cairn::drive {

// Reads block, and go through the page cache. A symlink at the end of the path
// is not followed.
//
// Thread safety: Read() may run concurrently.
class ReadOnlyFile {
 public:
  // Errors: NotFound; kDriveFailed, also for what is no regular file.
  static absl::StatusOr<ReadOnlyFile> Open(const std::string& path);

  ReadOnlyFile(ReadOnlyFile&& other) noexcept;
  ReadOnlyFile& operator=(ReadOnlyFile&& other) noexcept;
  ~ReadOnlyFile();

  // The size when it was opened.
  std::uint64_t size() const { return size_; }

  // Fills all of `into` from `offset`.
  //
  // Errors: kDriveFailed, also when the file ends before.
  absl::Status Read(std::uint64_t offset, base::MutableBytes into) const;

 private:
  ReadOnlyFile(int descriptor, std::uint64_t size, std::string path);

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string path_;
};

// Whether `path` is a directory. Errors: NotFound, kDriveFailed.
absl::StatusOr<bool> IsDirectory(const std::string& path);

struct DirectoryEntry {
  std::string name;
  std::uint64_t size = 0;  // of a file
  bool is_directory = false;
};

// What is in the directory at `path`, sorted by name; nothing when there is
// none. Errors: kDriveFailed, also when more than `count_max` are there.
absl::StatusOr<std::vector<DirectoryEntry>> ListDirectory(
    const std::string& path, std::size_t count_max);

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_READ_ONLY_FILE_H_
