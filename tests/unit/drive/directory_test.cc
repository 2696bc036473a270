// What a Directory asks of the kernel and nobody sees in what it returns: that
// new directories are made durable, and that files pass the page cache by.

#include "drive/directory.h"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "drive/unique_fd.h"
#include "support/sandbox.h"
#include "support/temp_dir.h"

namespace cairn::drive {
namespace {

namespace fs = std::filesystem;

// The descriptor that this process has of a directory; -1 without one.
int DescriptorOf(const std::string& path) {
  const fs::path wanted = fs::canonical(path);
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the iterator's own
    if (fs::read_symlink(entry.path(), gone) == wanted) {
      return std::stoi(entry.path().filename().string());
    }
  }
  return -1;
}

ErrorCode CodeOfCreating(const Directory& directory, std::string_view path) {
  return CodeOf(directory.CreateFile(path, 0).status());
}

// Only syncs of the drive's own directory fail.
void MakeDirectoriesWhereTheirParentIsNotSynced(const std::string& path) {
  const std::unique_ptr<Directory> directory = *Directory::Open(path);
  ASSERT_TRUE(directory->CreateFile("known/x", 0).ok());
  const int root = DescriptorOf(path);
  ASSERT_NE(root, -1);
  ASSERT_TRUE(support::FailSystemCalls({support::SyncOf(root, EIO)}));
  EXPECT_EQ(CodeOfCreating(*directory, "new/x"), ErrorCode::kDriveFailed);
  ASSERT_TRUE(fs::is_directory(path + "/new"));
  // It is there by now, and may be gone after a power cut.
  EXPECT_EQ(CodeOfCreating(*directory, "new/x"), ErrorCode::kDriveFailed);
  EXPECT_EQ(CodeOf(directory->Rename("known/x", "newer/x")),
            ErrorCode::kDriveFailed);
  EXPECT_TRUE(directory->CreateFile("known/y", 0).ok());
}

TEST(DirectoryTest, NothingIsMadeInADirectoryWhoseParentIsNotSynced) {
  const support::TempDir directory;
  std::thread sandboxed(MakeDirectoriesWhereTheirParentIsNotSynced,
                        directory.path());
  sandboxed.join();
}

bool IsDirect(const absl::StatusOr<OpenedFile>& file) {
  return file.ok() && (::fcntl(file->fd.get(), F_GETFL) & O_DIRECT) != 0;
}

TEST(DirectoryTest, FilesPassThePageCacheByWhereTheFileSystemAllowsIt) {
  const support::TempDir directory;
  const std::string probe = directory.path() + "/probe";
  if (!UniqueFd(::open(probe.c_str(), O_RDWR | O_CREAT | O_DIRECT, 0600))
           .is_open()) {
    GTEST_SKIP() << "no direct I/O in " << probe;
  }
  const std::unique_ptr<Directory> opened = *Directory::Open(directory.path());
  EXPECT_TRUE(opened->is_direct());
  EXPECT_TRUE(IsDirect(opened->CreateFile("x", 0)));
  EXPECT_TRUE(IsDirect(opened->CreateFile("y", 1 << 20)));
  EXPECT_TRUE(IsDirect(opened->OpenFile("x")));
}

}  // namespace
}  // namespace cairn::drive
