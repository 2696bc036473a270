// SimDrive: a drive in memory, on a SimLoop, that fails as told.

#ifndef CAIRN_TESTS_SUPPORT_SIM_DRIVE_H_
#define CAIRN_TESTS_SUPPORT_SIM_DRIVE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drive/drive.h"
#include "support/sim_loop.h"
#include "support/sim_media.h"

namespace cairn::support {

enum class IoKind {
  kRead,
  kWrite,
  kWriteSynced,
  kSync,
  kPunch,
  kCreate,
  kOpen,
  kRename,
  kRemove,
  kList,
  kSpace
};

struct Io {
  std::string_view drive;
  IoKind kind = IoKind::kRead;
  std::string_view path;
  std::uint64_t offset = 0;
  std::size_t size = 0;
  bool takes_room = false;

  bool changes_drive() const {
    return kind != IoKind::kRead && kind != IoKind::kOpen &&
           kind != IoKind::kList && kind != IoKind::kSpace;
  }
};

// What happens to one request. Errors that are injected say "injected".
struct Fate {
  enum class Kind {
    kDone,
    kFail,       // error; a write or sync may have happened or not
    kFailAfter,  // error, and it did happen: it reads back
    kHang,       // never completes, and never happens
    kLost,       // reported as done, and never durable
    kFull,       // kDriveFull, where it needs room; else done
  };

  Kind kind = Kind::kDone;
  absl::Duration latency = absl::Microseconds(100);
};

// Decides over every request as it is made.
using Fates = std::function<Fate(const Io&)>;

struct SimDriveOptions {
  std::string name = "sim";
  SimMedia* media = nullptr;  // outlives the drive
  SimLoop* loop = nullptr;
  Fates fates = [](const Io&) { return Fate(); };
  std::uint64_t bytes_total = std::uint64_t{1} << 40;
};

// Requests change the media as they complete, except that a write is on its way
// from the beginning: a crash in between keeps any part of it.
class SimDrive : public drive::Drive {
 public:
  explicit SimDrive(SimDriveOptions options) : options_(std::move(options)) {}

  using FileDone =
      drive::DoneWith<absl::StatusOr<std::unique_ptr<drive::File>>>;

  void Create(std::string path, std::uint64_t size, FileDone done) override;
  void Open(std::string path, FileDone done) override;
  void Rename(std::string from, std::string to, drive::Done done) override;
  void Remove(std::string path, drive::Done done) override;
  void List(
      std::string directory,
      drive::DoneWith<absl::StatusOr<std::vector<std::string>>> done) override;
  void GetSpace(drive::DoneWith<absl::StatusOr<drive::Space>> done) override;
  std::string_view name() const override { return options_.name; }

 private:
  class OpenFile;

  // Runs `effect` when the request completes, if its fate allows, and then
  // `done` with its result or the injected error.
  template <typename T>
  void Run(const Io& io, std::function<T()> effect, drive::DoneWith<T> done);

  Fate FateOf(Io io);
  bool HasRoomFor(std::size_t size) const;
  // What is said of a request that fails. One that finds no room has not
  // happened.
  absl::Status FailureOf(Fate::Kind kind, std::string_view path) const;

  SimDriveOptions options_;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SIM_DRIVE_H_
