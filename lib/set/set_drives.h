// The drives of a set by position, and their files that are open for reading.

#ifndef CAIRN_LIB_SET_SET_DRIVES_H_
#define CAIRN_LIB_SET_SET_DRIVES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "drive/drive.h"
#include "set/drive_log.h"

namespace cairn::set {

struct SetDrive {
  drive::Drive* drive = nullptr;  // null: nobody holds the position
  DriveLog* log = nullptr;
};

using FilePtr = std::shared_ptr<drive::File>;

// Keeps immutable files open that were read before, a bounded number of them.
//
// Thread safety: one strand.
class SetDrives {
 public:
  static constexpr std::size_t kOpenFilesMax = 256;

  explicit SetDrives(std::vector<SetDrive> drives)
      : drives_(std::move(drives)) {}
  SetDrives(const SetDrives&) = delete;
  SetDrives& operator=(const SetDrives&) = delete;

  int count() const { return static_cast<int>(drives_.size()); }
  const SetDrive& at(int position) const {
    return drives_[static_cast<std::size_t>(position)];
  }

  // Opens a file that must have `size` bytes.
  //
  // Errors: kDriveFailed, kCorrupt for another size; NotFound.
  base::Task<absl::StatusOr<FilePtr>> Open(int position, std::string path,
                                           std::uint64_t size);

  // Keeps the file open no longer than its readers do.
  void Forget(const std::string& path);

 private:
  using Name = std::pair<int, std::string>;

  std::vector<SetDrive> drives_;
  std::map<Name, FilePtr> open_;
  std::deque<Name> order_;  // in which they were opened
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SET_DRIVES_H_
