// One drive: the only door between Cairn and stable storage.

#ifndef CAIRN_LIB_DRIVE_DRIVE_H_
#define CAIRN_LIB_DRIVE_DRIVE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"

namespace cairn::drive {

template <typename T>
using DoneWith = absl::AnyInvocable<void(T) &&>;
using Done = DoneWith<absl::Status>;

// What one write takes: `first` and, behind it, `second`.
struct Parts {
  base::Bytes first;
  base::Bytes second;

  std::size_t size() const { return first.size() + second.size(); }
};

// An open file. Offsets and sizes are bytes; for the calls below both, and the
// addresses of buffers, are multiples of base::kDirectAlignment, except where
// said. Buffers stay owned by the caller and must live until `done` has run.
//
// A File may be destroyed only when none of its requests is in flight.
class File {
 public:
  virtual ~File() = default;

  // Fills all of `into` from `offset`, past the page cache: what it returns is
  // what the drive holds. A short file is kOutOfRange: it never reports a
  // partial read as success.
  virtual void Read(std::uint64_t offset, base::MutableBytes into,
                    Done done) = 0;

  // Writes all of `from` at `offset`, growing the file if needed. Not durable
  // until Sync() reports OK.
  virtual void Write(std::uint64_t offset, Parts from, Done done) = 0;

  // Write() and make just these bytes durable, in one request. The file must
  // already reach that far, with every byte written before, so that no
  // metadata of the file system changes.
  virtual void WriteSynced(std::uint64_t offset, base::Bytes from,
                           Done done) = 0;

  // Makes every completed write durable, and the file's size. After a failure
  // the contents of the file are unknown: it is never called again on it.
  virtual void Sync(Done done) = 0;

  // Gives the room of `size` bytes from `offset` back, where the file system
  // can. They read as zeros from then on, or as what they were: nobody reads
  // them. The file's size stays.
  virtual void Punch(std::uint64_t offset, std::uint64_t size, Done done) = 0;

  // The size when it was opened, grown by later writes. Need not be aligned.
  virtual std::uint64_t size() const = 0;
};

struct Space {
  std::uint64_t bytes_total = 0;
  std::uint64_t bytes_free = 0;
};

// A drive is one failure domain: a mounted directory. Implementations:
// LocalDrive here (io_uring or plain POSIX calls); SimDrive in tests/support.
// All pass tests/conformance/drive_suite.h.
//
// A path is relative, of at most three components, each [a-z0-9._-]+ and not
// starting with '.', the first not "lock": that is the drive's own. Anything
// else is a CAIRN_CHECK (drive/path.h). No symlink is followed. Files are
// created 0600, directories 0700.
//
// Every call completes through `done`, exactly once, on the executor the drive
// was made with, and never before the call returns. Those that change a
// directory are durable when they report OK; after a crash in between they
// have happened or not.
//
// Errors: kDriveFailed for whatever the operating system reports, kDriveFull
//         for want of space, kCorrupt where something that is no regular file
//         or directory is in the way; absl::StatusCode::kNotFound and
//         kAlreadyExists, without ErrorCode, for absent and existing files.
// Thread safety: all methods run on the executor's strand.
class Drive {
 public:
  virtual ~Drive() = default;

  // Creates a file of `size` zeros that must not exist, and the directories on
  // its path. Its size is durable with the first sync, and its room is taken
  // as it is written: a file system writes side by side what does not grow a
  // file, and one after the other what does.
  virtual void Create(std::string path, std::uint64_t size,
                      DoneWith<absl::StatusOr<std::unique_ptr<File>>> done) = 0;

  virtual void Open(std::string path,
                    DoneWith<absl::StatusOr<std::unique_ptr<File>>> done) = 0;

  // Moves `from` over `to`, replacing it, atomically across a crash.
  virtual void Rename(std::string from, std::string to, Done done) = 0;

  virtual void Remove(std::string path, Done done) = 0;

  // The names in `directory` ("" is the drive's own), sorted; those of
  // directories end in '/'. An absent directory is empty.
  virtual void List(
      std::string directory,
      DoneWith<absl::StatusOr<std::vector<std::string>>> done) = 0;

  virtual void GetSpace(DoneWith<absl::StatusOr<Space>> done) = 0;

  // Where the drive is, for messages.
  virtual std::string_view name() const = 0;
};

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_DRIVE_H_
