// A drive that is a directory of this machine.

#ifndef CAIRN_LIB_DRIVE_LOCAL_DRIVE_H_
#define CAIRN_LIB_DRIVE_LOCAL_DRIVE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "drive/directory.h"
#include "drive/drive.h"
#include "drive/loop.h"
#include "drive/thread_pool.h"

namespace cairn::drive {

// Reads, writes and syncs go through the loop's ring, or through threads of
// this drive where the loop has none; all else through those threads. They are
// the drive's own, so that one that hangs holds up no other.
//
// Thread safety: all methods run on the strand of the loop.
// Lifetime:      the loop outlives the drive, the drive its files. Destroyed
//                only when no request is in flight, from any thread. Locked
//                until then.
class LocalDrive : public Drive {
 public:
  // Opens the drive at `path`. Blocks; called off the strand.
  //
  // Errors: kInvalidArgument for what is no directory, kDriveFailed for one
  //         that is absent or not accessible, kDriveInUse when somebody has it
  //         open, kUnavailable for want of threads.
  static absl::StatusOr<std::unique_ptr<LocalDrive>> Open(std::string path,
                                                          Loop& loop);

  LocalDrive(Loop& loop, std::unique_ptr<Directory> directory,
             std::unique_ptr<ThreadPool> pool);

  using FileDone = DoneWith<absl::StatusOr<std::unique_ptr<File>>>;

  void Create(std::string path, std::uint64_t size, FileDone done) override;
  void Open(std::string path, FileDone done) override;
  void Rename(std::string from, std::string to, Done done) override;
  void Remove(std::string path, Done done) override;
  void List(std::string directory,
            DoneWith<absl::StatusOr<std::vector<std::string>>> done) override;
  void GetSpace(DoneWith<absl::StatusOr<Space>> done) override;
  std::string_view name() const override { return directory_->path(); }

  // Whether names stand in its directory that List() does not show. Blocks;
  // called off the strand.
  absl::StatusOr<bool> HoldsForeignNames() const {
    return directory_->HoldsForeignNames();
  }

  // Whether reads and writes go past the page cache. Where the file system has
  // no direct I/O, a read returns what was written, which need not be what the
  // drive holds.
  bool is_direct() const { return directory_->is_direct(); }

  // The kind of file system, "ext4"; "unknown" for what is not common.
  std::string_view filesystem_name() const {
    return directory_->filesystem_name();
  }

 private:
  class LocalFile;

  // Runs `work` on a thread of the drive, and `done` with what it returns on
  // the strand.
  template <typename T>
  void Run(absl::AnyInvocable<T() &&> work, DoneWith<T> done);

  absl::StatusOr<std::unique_ptr<File>> MakeFile(
      absl::StatusOr<OpenedFile> opened, std::string path);

  Loop& loop_;
  const std::unique_ptr<const Directory> directory_;
  const std::unique_ptr<ThreadPool> pool_;
};

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_LOCAL_DRIVE_H_
