#include "drive/local_drive.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "absl/functional/any_invocable.h"

#include "base/check.h"
#include "base/status.h"
#include "drive/os_error.h"
#include "drive/path.h"
#include "drive/transfer.h"

namespace cairn::drive {
namespace {

// Threads of one drive: for its directory, and with POSIX calls for as many
// reads and writes at the same time.
constexpr int kThreadCountMax = 8;

std::string_view VerbOf(TransferKind kind) {
  switch (kind) {
    case TransferKind::kRead:
      return "read";
    case TransferKind::kWrite:
      return "write";
    case TransferKind::kWriteSynced:
      return "write and sync";
    case TransferKind::kSync:
      return "sync";
    case TransferKind::kPunch:
      return "punch a hole into";
  }
  return "";
}

}  // namespace

class LocalDrive::LocalFile : public File {
 public:
  LocalFile(LocalDrive& drive, OpenedFile opened, std::string path)
      : drive_(drive),
        fd_(std::move(opened.fd)),
        size_(opened.size),
        path_(std::move(path)) {}
  LocalFile(const LocalFile&) = delete;
  LocalFile& operator=(const LocalFile&) = delete;

  // The last close of a file that was removed frees its space, which takes the
  // file system time that the strand does not have.
  ~LocalFile() override {
    drive_.pool_->Run([fd = std::move(fd_)] {});
  }

  void Read(std::uint64_t offset, base::MutableBytes into, Done done) override {
    CheckAligned(offset, into);
    Start({.kind = TransferKind::kRead,
           .fd = fd_.get(),
           .offset = offset,
           .into = into},
          std::move(done));
  }

  void Write(std::uint64_t offset, Parts from, Done done) override {
    CheckAligned(offset, from.first);
    CheckAligned(offset, from.second);
    Start({.kind = TransferKind::kWrite,
           .fd = fd_.get(),
           .offset = offset,
           .from = from},
          std::move(done));
  }

  void WriteSynced(std::uint64_t offset, base::Bytes from, Done done) override {
    CheckAligned(offset, from);
    CAIRN_CHECK(offset + from.size() <= size_);
    Start({.kind = TransferKind::kWriteSynced,
           .fd = fd_.get(),
           .offset = offset,
           .from = {.first = from}},
          std::move(done));
  }

  void Sync(Done done) override {
    Start({.kind = TransferKind::kSync, .fd = fd_.get()}, std::move(done));
  }

  void Punch(std::uint64_t offset, std::uint64_t size, Done done) override {
    Start({.kind = TransferKind::kPunch,
           .fd = fd_.get(),
           .offset = offset,
           .hole_size = size},
          std::move(done));
  }

  std::uint64_t size() const override { return size_; }

 private:
  static void CheckAligned(std::uint64_t offset, base::Bytes bytes) {
    CAIRN_CHECK(offset % base::kDirectAlignment == 0);
    CAIRN_CHECK(bytes.size() % base::kDirectAlignment == 0);
    CAIRN_CHECK(std::bit_cast<std::uintptr_t>(bytes.data()) %
                    base::kDirectAlignment ==
                0);
  }

  void Start(const Transfer& transfer, Done done) {
    TransferDone end = [this, kind = transfer.kind,
                        written = transfer.from.size() == 0
                                      ? 0
                                      : transfer.offset + transfer.from.size(),
                        done = std::move(done)](TransferResult result) mutable {
      if (result == 0) size_ = std::max(size_, written);
      std::move(done)(StatusOf(kind, result));
    };
    if (Uring* uring = drive_.loop_.uring()) {
      uring->Start(transfer, std::move(end));
    } else {
      drive_.Run<TransferResult>([transfer] { return Perform(transfer); },
                                 std::move(end));
    }
  }

  absl::Status StatusOf(TransferKind kind, TransferResult result) const {
    if (result == 0) return absl::OkStatus();
    const std::string what =
        fmt::format("{} {}/{}", VerbOf(kind), drive_.name(), path_);
    if (result == kEndOfFile) {
      return absl::OutOfRangeError(what + ": the file ends before that");
    }
    return OsError(result, what);
  }

  LocalDrive& drive_;
  UniqueFd fd_;
  std::uint64_t size_;
  const std::string path_;
};

absl::StatusOr<std::unique_ptr<LocalDrive>> LocalDrive::Open(std::string path,
                                                             Loop& loop) {
  CAIRN_ASSIGN_OR_RETURN(std::unique_ptr<Directory> directory,
                         Directory::Open(std::move(path)));
  CAIRN_ASSIGN_OR_RETURN(std::unique_ptr<ThreadPool> pool,
                         ThreadPool::Start("cairn-drive", kThreadCountMax));
  return std::make_unique<LocalDrive>(loop, std::move(directory),
                                      std::move(pool));
}

LocalDrive::LocalDrive(Loop& loop, std::unique_ptr<Directory> directory,
                       std::unique_ptr<ThreadPool> pool)
    : loop_(loop), directory_(std::move(directory)), pool_(std::move(pool)) {}

template <typename T>
void LocalDrive::Run(absl::AnyInvocable<T() &&> work, DoneWith<T> done) {
  pool_->Run([&loop = loop_, work = std::move(work),
              done = std::move(done)]() mutable {
    loop.Post([result = std::move(work)(), done = std::move(done)]() mutable {
      std::move(done)(std::move(result));
    });
  });
}

absl::StatusOr<std::unique_ptr<File>> LocalDrive::MakeFile(
    absl::StatusOr<OpenedFile> opened, std::string path) {
  if (!opened.ok()) return opened.status();
  return std::make_unique<LocalFile>(*this, *std::move(opened),
                                     std::move(path));
}

void LocalDrive::Create(std::string path, std::uint64_t size, FileDone done) {
  CAIRN_CHECK(IsValidPath(path));
  Run<absl::StatusOr<std::unique_ptr<File>>>(
      [this, path = std::move(path), size] {
        return MakeFile(directory_->CreateFile(path, size), path);
      },
      std::move(done));
}

void LocalDrive::Open(std::string path, FileDone done) {
  CAIRN_CHECK(IsValidPath(path));
  Run<absl::StatusOr<std::unique_ptr<File>>>(
      [this, path = std::move(path)] {
        return MakeFile(directory_->OpenFile(path), path);
      },
      std::move(done));
}

void LocalDrive::Rename(std::string from, std::string to, Done done) {
  CAIRN_CHECK(IsValidPath(from) && IsValidPath(to));
  Run<absl::Status>(
      [this, from = std::move(from), to = std::move(to)] {
        return directory_->Rename(from, to);
      },
      std::move(done));
}

void LocalDrive::Remove(std::string path, Done done) {
  CAIRN_CHECK(IsValidPath(path));
  Run<absl::Status>(
      [this, path = std::move(path)] { return directory_->Remove(path); },
      std::move(done));
}

void LocalDrive::List(std::string directory,
                      DoneWith<absl::StatusOr<std::vector<std::string>>> done) {
  CAIRN_CHECK(directory.empty() || IsValidPath(directory));
  Run<absl::StatusOr<std::vector<std::string>>>(
      [this, directory = std::move(directory)] {
        return directory_->List(directory);
      },
      std::move(done));
}

void LocalDrive::GetSpace(DoneWith<absl::StatusOr<Space>> done) {
  Run<absl::StatusOr<Space>>([this] { return directory_->GetSpace(); },
                             std::move(done));
}

}  // namespace cairn::drive
