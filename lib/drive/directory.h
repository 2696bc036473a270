// The directory of a drive, in calls that block.

#ifndef CAIRN_LIB_DRIVE_DIRECTORY_H_
#define CAIRN_LIB_DRIVE_DIRECTORY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "drive/drive.h"
#include "drive/unique_fd.h"

namespace cairn::drive {

struct OpenedFile {
  UniqueFd fd;
  std::uint64_t size = 0;
};

// The calls of Drive on one directory, which stays the same whatever is mounted
// over its path later. Every step of a path is opened relative to the one
// before, and is no symlink.
//
// Holds an exclusive lock on <directory>/lock, which the kernel gives up when
// the Directory is destroyed or the process ends.
//
// Thread safety: all methods may run concurrently.
// Errors:        those of Drive.
class Directory {
 public:
  // Errors: kInvalidArgument for what is no directory, kDriveFailed for one
  //         that is absent or not accessible, kDriveInUse when it is locked.
  static absl::StatusOr<std::unique_ptr<Directory>> Open(std::string path);

  // Of no use before Open().
  explicit Directory(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<OpenedFile> CreateFile(std::string_view path,
                                        std::uint64_t size) const;
  absl::StatusOr<OpenedFile> OpenFile(std::string_view path) const;
  absl::Status Rename(std::string_view from, std::string_view to) const;
  absl::Status Remove(std::string_view path) const;
  absl::StatusOr<std::vector<std::string>> List(
      std::string_view directory) const;
  absl::StatusOr<Space> GetSpace() const;

  // Whether names stand in the directory itself that List() does not show; the
  // "lost+found" of a file system is none.
  absl::StatusOr<bool> HoldsForeignNames() const;

  const std::string& path() const { return path_; }

  // Whether files are read and written past the page cache.
  bool is_direct() const { return is_direct_; }

  // What is mounted there, "ext4"; "unknown" for what is not commonly used.
  std::string_view filesystem_name() const;

 private:
  struct Place;

  absl::Status Lock();
  absl::StatusOr<Place> Find(std::string_view path, bool creates) const;
  absl::Status MakeDirectory(int parent, const std::string& name,
                             std::string_view path) const;
  absl::StatusOr<OpenedFile> Opened(UniqueFd fd, std::string_view path) const;
  std::string Name(std::string_view verb, std::string_view path) const;

  std::string path_;
  UniqueFd root_;
  UniqueFd lock_;
  bool is_direct_ = false;

  mutable std::mutex mutex_;  // Guards all below.
  mutable std::set<std::string, std::less<>> durable_directories_;
};

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_DIRECTORY_H_
