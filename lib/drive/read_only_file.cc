#include "drive/read_only_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/status.h"

namespace cairn::drive {
namespace {

// A pipe in the place of a file must not make the opening wait.
constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

absl::Status Failed(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return absl::NotFoundError(fmt::format("{}: no such file", path));
  }
  if (error == ELOOP) {
    return base::Error(ErrorCode::kDriveFailed,
                       "{}: a symlink, which is not followed", path);
  }
  return base::Error(ErrorCode::kDriveFailed, "{}: {}", path,
                     std::generic_category().message(error));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

bool IsDots(const std::string& name) { return name == "." || name == ".."; }

}  // namespace

absl::StatusOr<ReadOnlyFile> ReadOnlyFile::Open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), kFlags);
  if (descriptor < 0) return Failed(path, errno);
  struct stat status;
  const bool is_known = ::fstat(descriptor, &status) == 0;
  const int error = errno;
  ReadOnlyFile file(descriptor, 0, path);
  if (!is_known) return Failed(path, error);
  if (!S_ISREG(status.st_mode)) {
    return base::Error(ErrorCode::kDriveFailed, "{}: no regular file", path);
  }
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

ReadOnlyFile::ReadOnlyFile(int descriptor, std::uint64_t size, std::string path)
    : descriptor_(descriptor), size_(size), path_(std::move(path)) {}

ReadOnlyFile::ReadOnlyFile(ReadOnlyFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      path_(std::move(other.path_)) {}

ReadOnlyFile& ReadOnlyFile::operator=(ReadOnlyFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(path_, other.path_);
  return *this;
}

ReadOnlyFile::~ReadOnlyFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::Status ReadOnlyFile::Read(std::uint64_t offset,
                                base::MutableBytes into) const {
  while (!into.empty()) {
    const ssize_t size = ::pread(descriptor_, into.data(), into.size(),
                                 static_cast<off_t>(offset));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failed(path_, errno);
    if (size == 0) {
      return base::Error(ErrorCode::kDriveFailed, "{}: ends before byte {}",
                         path_, offset);
    }
    offset += static_cast<std::uint64_t>(size);
    into = into.subspan(static_cast<std::size_t>(size));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> IsDirectory(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) return Failed(path, errno);
  return S_ISDIR(status.st_mode);
}

absl::StatusOr<std::vector<DirectoryEntry>> ListDirectory(
    const std::string& path, std::size_t count_max) {
  std::vector<DirectoryEntry> entries;
  const int descriptor = ::open(path.c_str(), kFlags | O_DIRECTORY);
  if (descriptor < 0 && errno == ENOENT) return entries;
  if (descriptor < 0) return Failed(path, errno);
  const Directory directory(::fdopendir(descriptor));
  if (directory == nullptr) {
    const int error = errno;
    ::close(descriptor);
    return Failed(path, error);
  }
  errno = 0;
  while (const dirent* found = ::readdir(directory.get())) {
    DirectoryEntry entry{.name = static_cast<const char*>(found->d_name)};
    if (IsDots(entry.name)) continue;
    if (entries.size() == count_max) {
      return base::Error(ErrorCode::kDriveFailed, "{}: more than {} files",
                         path, count_max);
    }
    struct stat status;
    if (::fstatat(descriptor, entry.name.c_str(), &status,
                  AT_SYMLINK_NOFOLLOW) != 0) {
      return Failed(path + "/" + entry.name, errno);
    }
    entry.is_directory = S_ISDIR(status.st_mode);
    entry.size = static_cast<std::uint64_t>(status.st_size);
    entries.push_back(std::move(entry));
    errno = 0;
  }
  if (errno != 0) return Failed(path, errno);
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

}  // namespace cairn::drive
