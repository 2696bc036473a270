#include "support/sim_drive.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "drive/path.h"

namespace cairn::support {
namespace {

// A sync may be when the file system looks for room, and a hole takes some
// where it makes two extents of one.
bool NeedsRoom(const Io& io) {
  return io.kind == IoKind::kCreate || io.kind == IoKind::kRename ||
         io.kind == IoKind::kSync || io.kind == IoKind::kPunch || io.takes_room;
}

bool Fails(Fate::Kind kind) {
  return kind == Fate::Kind::kFail || kind == Fate::Kind::kFailAfter ||
         kind == Fate::Kind::kFull;
}

// A media file may be removed while it is open; its bytes then go nowhere.
FileImage* Find(SimMedia& media, const std::string& path) {
  const auto found = media.files.find(path);
  return found == media.files.end() ? nullptr : &found->second;
}

}  // namespace

Fate SimDrive::FateOf(Io io) {
  io.drive = options_.name;
  Fate fate = options_.fates(io);
  if (fate.kind == Fate::Kind::kFull && !NeedsRoom(io)) {
    fate.kind = Fate::Kind::kDone;
  }
  return fate;
}

absl::Status SimDrive::FailureOf(Fate::Kind kind, std::string_view path) const {
  return base::Error(kind == Fate::Kind::kFull ? ErrorCode::kDriveFull
                                               : ErrorCode::kDriveFailed,
                     "injected: drive {}, {}", options_.name, path);
}

bool SimDrive::HasRoomFor(std::size_t size) const {
  std::uint64_t used = 0;
  for (const auto& [path, file] : options_.media->files) used += file.room();
  return used + size <= options_.bytes_total;
}

template <typename T>
void SimDrive::Run(const Io& io, std::function<T()> effect,
                   drive::DoneWith<T> done) {
  const Fate fate = FateOf(io);
  if (fate.kind == Fate::Kind::kHang) return;
  T failure(FailureOf(fate.kind, io.path));
  SimLoop& loop = *options_.loop;
  loop.PostAt(loop.Steady() + fate.latency,
              [kind = fate.kind, effect = std::move(effect),
               failure = std::move(failure), done = std::move(done)]() mutable {
                if (Fails(kind) && kind != Fate::Kind::kFailAfter) {
                  std::move(done)(std::move(failure));
                  return;
                }
                T result = effect();
                std::move(done)(kind == Fate::Kind::kFailAfter
                                    ? std::move(failure)
                                    : std::move(result));
              });
}

class SimDrive::OpenFile : public drive::File {
 public:
  OpenFile(SimDrive& drive, std::string path)
      : drive_(drive), path_(std::move(path)) {}

  void Read(std::uint64_t offset, base::MutableBytes into,
            drive::Done done) override {
    CheckAligned(offset, into);
    const Io io{.kind = IoKind::kRead,
                .path = path_,
                .offset = offset,
                .size = into.size()};
    drive_.Run<absl::Status>(
        io,
        [this, offset, into] {
          const FileImage* file = Find(*drive_.options_.media, path_);
          if (file == nullptr || offset + into.size() > file->size()) {
            return absl::OutOfRangeError("short file");
          }
          file->Read(offset, into);
          return absl::OkStatus();
        },
        std::move(done));
  }

  void Write(std::uint64_t offset, drive::Parts from,
             drive::Done done) override {
    CheckAligned(offset, from.first);
    CheckAligned(offset, from.second);
    std::vector<std::byte> bytes(from.first.begin(), from.first.end());
    bytes.insert(bytes.end(), from.second.begin(), from.second.end());
    StartWrite(IoKind::kWrite, offset, bytes, std::move(done));
  }

  void WriteSynced(std::uint64_t offset, base::Bytes from,
                   drive::Done done) override {
    CheckAligned(offset, from);
    CAIRN_CHECK(offset + from.size() <= size());
    StartWrite(IoKind::kWriteSynced, offset, from, std::move(done));
  }

  void Sync(drive::Done done) override {
    const Io io{.kind = IoKind::kSync, .path = path_};
    const Fate fate = drive_.FateOf(io);
    if (fate.kind == Fate::Kind::kHang) return;
    SimLoop& loop = *drive_.options_.loop;
    loop.PostAt(loop.Steady() + fate.latency,
                [this, kind = fate.kind, done = std::move(done)]() mutable {
                  EndSync(kind, std::move(done));
                });
  }

  // Durable at once: so that what should not have been punched is surely gone.
  void Punch(std::uint64_t offset, std::uint64_t size,
             drive::Done done) override {
    const Io io{
        .kind = IoKind::kPunch, .path = path_, .offset = offset, .size = size};
    drive_.Run<absl::Status>(
        io,
        [this, offset, size] {
          FileImage* file = Find(*drive_.options_.media, path_);
          if (file == nullptr || offset >= file->size()) {
            return absl::OkStatus();
          }
          const std::vector<std::byte> zeros(
              std::min(size, file->size() - offset));
          UnsyncedWrite* write = file->Begin(offset, zeros);
          write->in_flight = false;
          file->Sync(write);
          return absl::OkStatus();
        },
        std::move(done));
  }

  std::uint64_t size() const override {
    const FileImage* file = Find(*drive_.options_.media, path_);
    return file == nullptr ? 0 : file->size();
  }

 private:
  static void CheckAligned(std::uint64_t offset, base::Bytes bytes) {
    CAIRN_CHECK(offset % base::kDirectAlignment == 0);
    CAIRN_CHECK(bytes.size() % base::kDirectAlignment == 0);
    CAIRN_CHECK(std::bit_cast<std::uintptr_t>(bytes.data()) %
                    base::kDirectAlignment ==
                0);
  }

  void StartWrite(IoKind kind, std::uint64_t offset, base::Bytes from,
                  drive::Done done) {
    FileImage* file = Find(*drive_.options_.media, path_);
    CAIRN_CHECK(file != nullptr);
    const Io io{.kind = kind,
                .path = path_,
                .offset = offset,
                .size = from.size(),
                .takes_room = !file->HasRoom(offset, from.size())};
    const Fate fate = drive_.FateOf(io);
    if (fate.kind == Fate::Kind::kFull ||
        (io.takes_room && !drive_.HasRoomFor(from.size()))) {
      drive_.options_.loop->Post(
          [status = drive_.FailureOf(Fate::Kind::kFull, path_),
           done = std::move(done)]() mutable {
            std::move(done)(std::move(status));
          });
      return;
    }
    UnsyncedWrite* write = file->Begin(offset, from);
    if (fate.kind == Fate::Kind::kHang) return;
    const Pending pending{.kind = kind, .fate = fate.kind, .write = write};
    SimLoop& loop = *drive_.options_.loop;
    loop.PostAt(loop.Steady() + fate.latency,
                [this, pending, done = std::move(done)]() mutable {
                  EndWrite(pending, std::move(done));
                });
  }

  struct Pending {
    IoKind kind;
    Fate::Kind fate;
    UnsyncedWrite* write;
  };

  void EndWrite(const Pending& pending, drive::Done done) {
    FileImage* file = Find(*drive_.options_.media, path_);
    CAIRN_CHECK(file != nullptr);
    UnsyncedWrite* write = pending.write;
    if (Fails(pending.fate)) {
      // A failed write stays in flight: a crash keeps any part of it. After a
      // failed sync it reads back, and the next power cut may lose it.
      write->in_flight = pending.fate == Fate::Kind::kFail;
      write->lost = true;
      std::move(done)(drive_.FailureOf(pending.fate, path_));
      return;
    }
    write->in_flight = false;
    write->lost = pending.fate == Fate::Kind::kLost;
    if (pending.kind == IoKind::kWriteSynced && !write->lost) file->Sync(write);
    std::move(done)(absl::OkStatus());
  }

  void EndSync(Fate::Kind kind, drive::Done done) {
    FileImage* file = Find(*drive_.options_.media, path_);
    if (Fails(kind)) {
      // What was not synced reads back, and no later sync will save it.
      if (file != nullptr) file->LoseUnsynced();
      std::move(done)(drive_.FailureOf(kind, path_));
      return;
    }
    if (file != nullptr && kind != Fate::Kind::kLost) file->SyncAll();
    std::move(done)(absl::OkStatus());
  }

  SimDrive& drive_;
  std::string path_;
};

void SimDrive::Create(std::string path, std::uint64_t size, FileDone done) {
  CAIRN_CHECK(drive::IsValidPath(path));
  using Result = absl::StatusOr<std::unique_ptr<drive::File>>;
  Run<Result>(
      {.kind = IoKind::kCreate, .path = path},
      [this, path, size]() -> Result {
        const auto [file, is_new] = options_.media->files.try_emplace(path);
        if (!is_new) return absl::AlreadyExistsError(path);
        if (size > 0) file->second.Begin(size, {})->in_flight = false;
        return std::make_unique<OpenFile>(*this, path);
      },
      std::move(done));
}

void SimDrive::Open(std::string path, FileDone done) {
  CAIRN_CHECK(drive::IsValidPath(path));
  using Result = absl::StatusOr<std::unique_ptr<drive::File>>;
  Run<Result>(
      {.kind = IoKind::kOpen, .path = path},
      [this, path]() -> Result {
        if (Find(*options_.media, path) == nullptr) {
          return absl::NotFoundError(path);
        }
        return std::make_unique<OpenFile>(*this, path);
      },
      std::move(done));
}

void SimDrive::Rename(std::string from, std::string to, drive::Done done) {
  CAIRN_CHECK(drive::IsValidPath(from) && drive::IsValidPath(to));
  Run<absl::Status>(
      {.kind = IoKind::kRename, .path = from},
      [this, from, to] {
        auto node = options_.media->files.extract(from);
        if (node.empty()) return absl::NotFoundError(from);
        node.key() = to;
        options_.media->files.erase(to);
        options_.media->files.insert(std::move(node));
        return absl::OkStatus();
      },
      std::move(done));
}

void SimDrive::Remove(std::string path, drive::Done done) {
  CAIRN_CHECK(drive::IsValidPath(path));
  Run<absl::Status>(
      {.kind = IoKind::kRemove, .path = path},
      [this, path] {
        if (options_.media->files.erase(path) == 0) {
          return absl::NotFoundError(path);
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void SimDrive::List(
    std::string directory,
    drive::DoneWith<absl::StatusOr<std::vector<std::string>>> done) {
  CAIRN_CHECK(directory.empty() || drive::IsValidPath(directory));
  using Result = absl::StatusOr<std::vector<std::string>>;
  Run<Result>(
      {.kind = IoKind::kList, .path = directory},
      [this, directory]() -> Result {
        const std::string prefix = directory.empty() ? "" : directory + "/";
        std::set<std::string> names;
        for (const auto& [path, file] : options_.media->files) {
          if (!path.starts_with(prefix)) continue;
          const std::string rest = path.substr(prefix.size());
          const std::size_t slash = rest.find('/');
          names.insert(
              rest.substr(0, slash == std::string::npos ? slash : slash + 1));
        }
        return std::vector<std::string>(names.begin(), names.end());
      },
      std::move(done));
}

void SimDrive::GetSpace(drive::DoneWith<absl::StatusOr<drive::Space>> done) {
  using Result = absl::StatusOr<drive::Space>;
  Run<Result>(
      {.kind = IoKind::kSpace},
      [this]() -> Result {
        std::uint64_t used = 0;
        for (const auto& [path, file] : options_.media->files) {
          used += file.room();
        }
        const std::uint64_t total = options_.bytes_total;
        return drive::Space{.bytes_total = total,
                            .bytes_free = total - std::min(used, total)};
      },
      std::move(done));
}

}  // namespace cairn::support
