// What a LocalDrive does beyond the contract of all drives: it is one
// directory, locked, in which nothing but plain files and directories is
// touched; errors of the system reach the caller under their names; and it
// costs nothing while nobody calls it.

#include "drive/local_drive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/task.h"
#include "cairn/status.h"
#include "drive/file_task.h"
#include "support/sandbox.h"
#include "support/temp_dir.h"

namespace cairn::drive {
namespace {

namespace fs = std::filesystem;

using base::AlignedBuffer;
using base::kDirectAlignment;

// Runs one call on the strand to its end.
template <typename T>
T Await(Loop& loop, base::Callback<T> call) {
  static constexpr auto kRun = [](Loop* strand,
                                  base::Callback<T> inner) -> base::Task<T> {
    co_await base::OnStrand(*strand);
    T result = co_await inner;
    co_return result;
  };
  return loop.Await(kRun(&loop, std::move(call)));
}

class LocalDriveTest : public testing::TestWithParam<IoMode> {
 protected:
  LocalDriveTest()
      : loop_(*Loop::Start(GetParam())), drive_(*OpenDrive(path())) {}

  const std::string& path() const { return directory_.path(); }

  absl::StatusOr<std::unique_ptr<LocalDrive>> OpenDrive(std::string path) {
    return LocalDrive::Open(std::move(path), *loop_);
  }

  absl::StatusOr<std::unique_ptr<File>> CreateFile(std::string path) {
    return Await(*loop_, Create(*drive_, std::move(path)));
  }
  absl::StatusOr<std::unique_ptr<File>> OpenFile(std::string path) {
    return Await(*loop_, drive::Open(*drive_, std::move(path)));
  }
  absl::Status RenameFile(std::string from, std::string to) {
    return Await(*loop_, Rename(*drive_, std::move(from), std::move(to)));
  }
  absl::Status RemoveFile(std::string path) {
    return Await(*loop_, Remove(*drive_, std::move(path)));
  }
  absl::StatusOr<std::vector<std::string>> NamesIn(std::string directory) {
    return Await(*loop_, List(*drive_, std::move(directory)));
  }

  support::TempDir directory_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<LocalDrive> drive_;
};

std::string NameOfMode(const testing::TestParamInfo<IoMode>& info) {
  return info.param == IoMode::kPosix ? "Posix" : "Auto";
}

INSTANTIATE_TEST_SUITE_P(Modes, LocalDriveTest,
                         testing::Values(IoMode::kAuto, IoMode::kPosix),
                         NameOfMode);

// Writes, and posts as each request ends, while it reaps. The last of what it
// posts may run when it has returned.
using Count = std::shared_ptr<std::atomic<int>>;

base::Task<bool> WriteAndPost(Loop* loop, File* file, Count posted) {
  co_await base::OnStrand(*loop);
  const base::AlignedBuffer bytes(kDirectAlignment);
  for (int i = 0; i < 100; ++i) {
    const absl::Status written = co_await Write(*file, 0, bytes.bytes());
    EXPECT_TRUE(written.ok()) << written;
    loop->Post([posted] { ++*posted; });
  }
  co_return true;
}

TEST_P(LocalDriveTest, WhoeverDrivesDoesNotWakeItself) {
  const bool has_ring =
      GetParam() == IoMode::kAuto && loop_->uring_status().ok();
  if (!has_ring) return;  // threads do the I/O, and wake it
  auto file = CreateFile("x");
  ASSERT_TRUE(file.ok());
  // The background thread may still be about to drive.
  std::uint64_t wake_count = 1;
  const Count posted = std::make_shared<std::atomic<int>>(0);
  for (int i = 0; i < 100 && wake_count != 0; ++i) {
    const std::uint64_t before = loop_->counters().driver_wake_count;
    loop_->Await(WriteAndPost(loop_.get(), file->get(), posted));
    wake_count = loop_->counters().driver_wake_count - before;
  }
  EXPECT_EQ(wake_count, 0u);
  EXPECT_GT(posted->load(), 0);
}

TEST_P(LocalDriveTest, ADriveIsOpenOnce) {
  EXPECT_EQ(CodeOf(OpenDrive(path()).status()), ErrorCode::kDriveInUse);
  EXPECT_EQ(
      CodeOf(OpenDrive(path() + "/../" + fs::path(path()).filename().string())
                 .status()),
      ErrorCode::kDriveInUse);
  ASSERT_TRUE(CreateFile("kept").ok());
  drive_.reset();
  auto again = OpenDrive(path());
  ASSERT_TRUE(again.ok()) << again.status();
  drive_ = *std::move(again);
  EXPECT_TRUE(OpenFile("kept").ok());
}

TEST_P(LocalDriveTest, WhatIsNoDirectoryIsNoDrive) {
  std::ofstream(path() + "/file") << "x";
  EXPECT_EQ(CodeOf(OpenDrive(path() + "/file").status()),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(OpenDrive(path() + "/absent").status()),
            ErrorCode::kDriveFailed);
}

TEST_P(LocalDriveTest, TheLockIsNoSymlinkAndNotListed) {
  EXPECT_EQ(*NamesIn(""), std::vector<std::string>());
  fs::create_directory(path() + "/inner");
  fs::create_symlink("/etc/passwd", path() + "/inner/lock");
  EXPECT_EQ(CodeOf(OpenDrive(path() + "/inner").status()), ErrorCode::kCorrupt);
}

TEST_P(LocalDriveTest, FilesAndDirectoriesAreTheOwnersAlone) {
  ASSERT_TRUE(CreateFile("blobs/x").ok());
  using enum fs::perms;
  EXPECT_EQ(fs::status(path() + "/blobs/x").permissions(),
            owner_read | owner_write);
  EXPECT_EQ(fs::status(path() + "/lock").permissions(),
            owner_read | owner_write);
  EXPECT_EQ(fs::status(path() + "/blobs").permissions(), owner_all);
}

// Each kind of thing that is no file, in the place of a file.
TEST_P(LocalDriveTest, WhatIsNoFileIsCorruptAndStaysAsItIs) {
  ASSERT_TRUE(CreateFile("good").ok());
  fs::create_directory(path() + "/directory");
  fs::create_symlink("good", path() + "/symlink");
  fs::create_symlink("absent", path() + "/dangling");
  ASSERT_EQ(::syscall(SYS_mknodat, AT_FDCWD, (path() + "/fifo").c_str(),
                      S_IFIFO | 0600, 0),
            0);
  for (const char* name : {"directory", "symlink", "dangling", "fifo"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(CodeOf(CreateFile(name).status()), ErrorCode::kCorrupt);
    EXPECT_EQ(CodeOf(OpenFile(name).status()), ErrorCode::kCorrupt);
    EXPECT_EQ(CodeOf(RemoveFile(name)), ErrorCode::kCorrupt);
    EXPECT_EQ(CodeOf(RenameFile(name, "other")), ErrorCode::kCorrupt);
    EXPECT_EQ(CodeOf(RenameFile("good", name)), ErrorCode::kCorrupt);
    EXPECT_TRUE(fs::exists(fs::symlink_status(path() + "/" + name)));
  }
  EXPECT_TRUE(OpenFile("good").ok());
  EXPECT_FALSE(fs::exists(path() + "/absent"));
}

TEST_P(LocalDriveTest, NoSymlinkLeadsOutOfTheDrive) {
  const support::TempDir elsewhere;
  std::ofstream(elsewhere.path() + "/x") << "x";
  fs::create_directory_symlink(elsewhere.path(), path() + "/runs");
  EXPECT_EQ(CodeOf(OpenFile("runs/x").status()), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(CreateFile("runs/y").status()), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(RemoveFile("runs/x")), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(NamesIn("runs").status()), ErrorCode::kCorrupt);
  EXPECT_TRUE(fs::exists(elsewhere.path() + "/x"));
  EXPECT_FALSE(fs::exists(elsewhere.path() + "/y"));
}

TEST_P(LocalDriveTest, AFileInThePlaceOfADirectoryIsCorrupt) {
  ASSERT_TRUE(CreateFile("file").ok());
  EXPECT_EQ(CodeOf(OpenFile("file/x").status()), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(CreateFile("file/x").status()), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(NamesIn("file").status()), ErrorCode::kCorrupt);
}

TEST_P(LocalDriveTest, NamesThatCannotBeOursAreNotListed) {
  for (const char* name : {"lost+found", ".hidden", "UPPER", "ours"}) {
    std::ofstream(path() + "/" + name) << "x";
  }
  EXPECT_EQ(*NamesIn(""), std::vector<std::string>{"ours"});
}

TEST_P(LocalDriveTest, AFileThatWasRemovedOrRenamedIsReadToItsEnd) {
  const AlignedBuffer bytes(kDirectAlignment);
  AlignedBuffer read(kDirectAlignment);
  for (const bool removes : {false, true}) {
    auto file = CreateFile("pinned");
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(Await(*loop_, Write(**file, 0, bytes.bytes())).ok());
    const absl::Status moved =
        removes ? RemoveFile("pinned") : RenameFile("pinned", "other");
    EXPECT_TRUE(moved.ok()) << moved;
    EXPECT_TRUE(Await(*loop_, Read(**file, 0, read.bytes())).ok());
    EXPECT_TRUE(std::ranges::equal(read.bytes(), bytes.bytes()));
  }
}

// The state of each of our threads, as the system shows it: the number of the
// call that it sleeps in, and the call's arguments.
std::map<std::string, std::string> CallsOfOurThreads() {
  std::map<std::string, std::string> calls;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::string name, call;
    std::getline(std::ifstream(task.path() / "comm"), name);
    std::getline(std::ifstream(task.path() / "syscall"), call);
    if (name.starts_with("cairn-")) calls[task.path()] = call;
  }
  return calls;
}

// Whether a thread sleeps until another one wakes it, without a timeout.
bool SleepsForGood(const std::string& call) {
  std::istringstream words(call);
  std::string number, word, operation, value, timeout;
  words >> number >> word >> operation >> value >> timeout;
  return number == std::to_string(SYS_futex) && timeout == "0x0";
}

TEST_P(LocalDriveTest, EveryThreadOfAnIdleDriveSleepsForGood) {
  AlignedBuffer bytes(kDirectAlignment);
  {
    auto file = CreateFile("x");
    ASSERT_TRUE(file.ok()) << file.status();
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(Await(*loop_, Write(**file, 0, bytes.bytes())).ok());
    }
  }
  // They are on their way to sleep; the test ends only if they get there.
  std::map<std::string, std::string> calls;
  do {
    std::this_thread::yield();
    calls = CallsOfOurThreads();
  } while (!std::ranges::all_of(
      calls, [](const auto& call) { return SleepsForGood(call.second); }));
  EXPECT_GE(calls.size(), 2u);
}

// Calls of the system fail as told, from the first one after the drive was
// opened; with POSIX calls only, because io_uring's cannot be told to.
struct Failure {
  std::string name;
  support::FailingCall call;
  ErrorCode code;
};

absl::Status CallAll(Loop& loop, LocalDrive& drive, File& file) {
  AlignedBuffer bytes(kDirectAlignment);
  absl::Status first;
  first.Update(Await(loop, Read(file, 0, bytes.bytes())));
  first.Update(Await(loop, Write(file, 0, bytes.bytes())));
  first.Update(Await(loop, WriteSynced(file, 0, bytes.bytes())));
  first.Update(Await(loop, Sync(file)));
  first.Update(Await(loop, Create(drive, "new")).status());
  first.Update(Await(loop, Open(drive, "x")).status());
  first.Update(Await(loop, Rename(drive, "new", "newer")));
  first.Update(Await(loop, Remove(drive, "newer")));
  first.Update(Await(loop, List(drive, "")).status());
  return first;
}

// What CallAll() reports first where `failure` happens.
absl::Status FirstErrorWith(const Failure& failure) {
  const support::TempDir directory;
  absl::Status first;
  std::thread sandboxed([&] {
    const auto loop = *Loop::Start(IoMode::kPosix);
    std::unique_ptr<LocalDrive> drive;
    const AlignedBuffer bytes(kDirectAlignment);
    {
      drive = *LocalDrive::Open(directory.path(), *loop);
      const auto file = *Await(*loop, Create(*drive, "x"));
      first.Update(Await(*loop, Write(*file, 0, bytes.bytes())));
    }
    drive.reset();
    ASSERT_TRUE(first.ok());
    // The threads of the drive inherit it.
    ASSERT_TRUE(support::FailSystemCalls({failure.call}));
    auto opened = LocalDrive::Open(directory.path(), *loop);
    first.Update(opened.status());
    if (!opened.ok()) return;
    auto file = Await(*loop, Open(**opened, "x"));
    first.Update(file.status());
    if (file.ok()) first = CallAll(*loop, **opened, **file);
  });
  sandboxed.join();
  return first;
}

TEST(LocalDriveErrorTest, WhatTheSystemReportsIsNamed) {
  const std::vector<Failure> failures = {
      {"read", {SYS_pread64, EIO}, ErrorCode::kDriveFailed},
      {"write", {SYS_pwritev, EIO}, ErrorCode::kDriveFailed},
      {"write", {SYS_pwritev, ENOSPC}, ErrorCode::kDriveFull},
      {"write", {SYS_pwritev, EDQUOT}, ErrorCode::kDriveFull},
      {"write and sync", support::SyncedWrite(EIO), ErrorCode::kDriveFailed},
      {"write and sync", support::SyncedWrite(ENOSPC), ErrorCode::kDriveFull},
      {"sync", {SYS_fdatasync, EIO}, ErrorCode::kDriveFailed},
      {"sync", {SYS_fdatasync, EINTR}, ErrorCode::kDriveFailed},
      {"sync", {SYS_fdatasync, ENOSPC}, ErrorCode::kDriveFull},
      {"create", {SYS_fsync, EIO}, ErrorCode::kDriveFailed},
      {"create", {SYS_fsync, ENOSPC}, ErrorCode::kDriveFull},
      {"rename", {SYS_renameat, EIO}, ErrorCode::kDriveFailed},
      {"remove", {SYS_unlinkat, EROFS}, ErrorCode::kDriveFailed},
      {"list", {SYS_getdents64, EIO}, ErrorCode::kDriveFailed},
      {"lock", {SYS_flock, ENOLCK}, ErrorCode::kDriveFailed},
  };
  for (const Failure& failure : failures) {
    const absl::Status error = FirstErrorWith(failure);
    SCOPED_TRACE(failure.name + ": " + error.ToString());
    EXPECT_EQ(CodeOf(error), failure.code);
    EXPECT_THAT(error.message(), testing::HasSubstr(failure.name + " /"));
  }
}

}  // namespace
}  // namespace cairn::drive
