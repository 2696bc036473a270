#include "drive/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/os_error.h"
#include "drive/path.h"

namespace cairn::drive {
namespace {

absl::Status SyncDirectory(int fd, std::string_view what) {
  if (::fsync(fd) == 0) return absl::OkStatus();
  return OsError(errno, what);
}

// What stands at `name`: 0 for nothing, else the type bits of its mode.
absl::StatusOr<mode_t> TypeOf(int directory, const std::string& name,
                              std::string_view what) {
  struct stat found {};
  if (::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    return found.st_mode & S_IFMT;
  }
  if (errno == ENOENT) return mode_t{0};
  return OsError(errno, what);
}

// OK where a file or nothing is.
absl::Status CheckIsFileOrAbsent(int directory, const std::string& name,
                                 std::string_view what) {
  CAIRN_ASSIGN_OR_RETURN(const mode_t type, TypeOf(directory, name, what));
  if (type == 0 || type == S_IFREG) return absl::OkStatus();
  return base::Error(ErrorCode::kCorrupt, "{}: it is no regular file", what);
}

// The descriptor waits for nobody: a FIFO may have taken the file's place.
UniqueFd OpenAt(int directory, const std::string& name, int flags) {
  constexpr int kAlways = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  return UniqueFd(::openat(directory, name.c_str(), flags | kAlways, 0600));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

using OpenDirectory = std::unique_ptr<DIR, CloseDirectory>;

// With a position of its own: reading moves one that descriptors share. Null,
// with errno, when that fails.
OpenDirectory OpenToList(int directory, const std::string& name) {
  UniqueFd fd = OpenAt(directory, name, O_RDONLY | O_DIRECTORY);
  if (!fd.is_open()) return nullptr;
  OpenDirectory open(::fdopendir(fd.get()));
  if (open != nullptr) fd.Release();
  return open;
}

// What Drive::List() promises of the entries of an open directory.
absl::StatusOr<std::vector<std::string>> NamesIn(DIR* directory, bool is_root,
                                                 std::string_view what) {
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory);
    if (entry == nullptr && errno != 0) return OsError(errno, what);
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (!IsValidName(name) || (is_root && name == kLockName)) continue;
    mode_t type = DTTOIF(entry->d_type);
    if (entry->d_type == DT_UNKNOWN) {
      CAIRN_ASSIGN_OR_RETURN(type, TypeOf(::dirfd(directory), name, what));
      if (type == 0) continue;  // removed meanwhile
    }
    if (type == S_IFDIR) name += '/';
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status DriveNotOpened(std::string_view path, int error) {
  switch (error) {
    case ENOENT:
      return base::Error(ErrorCode::kDriveFailed,
                         "drive \"{}\" does not exist: mount it, or make the "
                         "directory",
                         path);
    case ENOTDIR:
      return base::Error(ErrorCode::kInvalidArgument,
                         "drive \"{}\" is no directory: give one", path);
    case EACCES:
    case EPERM:
      return base::Error(ErrorCode::kDriveFailed,
                         "drive \"{}\" is not accessible: let this user read "
                         "and write it",
                         path);
    default:
      return base::Annotate(OsError(error, "open"),
                            fmt::format("drive \"{}\"", path));
  }
}

}  // namespace

// Where a path leads: a name in an open directory.
struct Directory::Place {
  UniqueFd opened;  // none in the drive's own directory
  int directory = -1;
  std::string name;
};

absl::StatusOr<std::unique_ptr<Directory>> Directory::Open(std::string path) {
  auto directory = std::make_unique<Directory>(std::move(path));
  directory->root_ = UniqueFd(
      ::open(directory->path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory->root_.is_open()) {
    return DriveNotOpened(directory->path_, errno);
  }
  CAIRN_RETURN_IF_ERROR(directory->Lock());
  directory->is_direct_ =
      ::fcntl(directory->lock_.get(), F_SETFL, O_DIRECT) == 0;
  return directory;
}

absl::Status Directory::Lock() {
  const std::string name(kLockName);
  const std::string what = Name("lock", name);
  CAIRN_RETURN_IF_ERROR(CheckIsFileOrAbsent(root_.get(), name, what));
  lock_ = OpenAt(root_.get(), name, O_RDWR | O_CREAT);
  // A drive that went read-only can still be read.
  if (!lock_.is_open() && errno == EROFS) {
    lock_ = OpenAt(root_.get(), name, O_RDONLY);
  }
  if (!lock_.is_open()) return DriveNotOpened(path_, errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno != EWOULDBLOCK) return OsError(errno, what);
  return base::Error(ErrorCode::kDriveInUse,
                     "drive \"{}\" is open already, in this process or in "
                     "another: close it there first",
                     path_);
}

std::string Directory::Name(std::string_view verb,
                            std::string_view path) const {
  return fmt::format("{} {}/{}", verb, path_, path);
}

// Makes the directory at `path`, `name` in `parent`, if it is not there. That
// it is there need not be durable: another thread, or a process that was
// killed, may be about to sync it. So that is done once by everybody.
absl::Status Directory::MakeDirectory(int parent, const std::string& name,
                                      std::string_view path) const {
  {
    const std::lock_guard lock(mutex_);
    if (durable_directories_.contains(path)) return absl::OkStatus();
  }
  if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) {
    return OsError(errno, Name("make", path));
  }
  CAIRN_RETURN_IF_ERROR(SyncDirectory(parent, Name("make", path)));
  const std::lock_guard lock(mutex_);
  durable_directories_.emplace(path);
  return absl::OkStatus();
}

absl::StatusOr<Directory::Place> Directory::Find(std::string_view path,
                                                 bool creates) const {
  CAIRN_CHECK(IsValidPath(path));
  Place place{.directory = root_.get()};
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = path.find('/', begin);
    place.name = path.substr(begin, end - begin);
    if (end == std::string_view::npos) return place;
    const std::string_view parent = path.substr(0, end);
    if (creates) {
      CAIRN_RETURN_IF_ERROR(MakeDirectory(place.directory, place.name, parent));
    }
    UniqueFd next = OpenAt(place.directory, place.name, O_RDONLY | O_DIRECTORY);
    if (!next.is_open()) return OsError(errno, Name("enter", parent));
    place.opened = std::move(next);
    place.directory = place.opened.get();
    begin = end + 1;
  }
}

// Takes the flags that opening needed away, and asks for direct I/O, which a
// file system refuses only now: an open() that is refused may leave a file.
absl::StatusOr<OpenedFile> Directory::Opened(UniqueFd fd,
                                             std::string_view path) const {
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0) return OsError(errno, Name("stat", path));
  if (!S_ISREG(found.st_mode)) {
    return base::Error(ErrorCode::kCorrupt, "{}: it is no regular file",
                       Name("open", path));
  }
  if (::fcntl(fd.get(), F_SETFL, is_direct_ ? O_DIRECT : 0) != 0) {
    return OsError(errno, Name("open", path));
  }
  return OpenedFile{.fd = std::move(fd),
                    .size = static_cast<std::uint64_t>(found.st_size)};
}

absl::StatusOr<OpenedFile> Directory::CreateFile(std::string_view path,
                                                 std::uint64_t size) const {
  const std::string what = Name("create", path);
  CAIRN_ASSIGN_OR_RETURN(const Place place, Find(path, /*creates=*/true));
  CAIRN_RETURN_IF_ERROR(CheckIsFileOrAbsent(place.directory, place.name, what));
  UniqueFd fd = OpenAt(place.directory, place.name, O_RDWR | O_CREAT | O_EXCL);
  if (!fd.is_open()) return OsError(errno, what);
  if (size > 0 && ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
    return OsError(errno, what);
  }
  CAIRN_RETURN_IF_ERROR(SyncDirectory(place.directory, what));
  return Opened(std::move(fd), path);
}

absl::StatusOr<OpenedFile> Directory::OpenFile(std::string_view path) const {
  const std::string what = Name("open", path);
  CAIRN_ASSIGN_OR_RETURN(const Place place, Find(path, /*creates=*/false));
  CAIRN_RETURN_IF_ERROR(CheckIsFileOrAbsent(place.directory, place.name, what));
  UniqueFd fd = OpenAt(place.directory, place.name, O_RDWR);
  // A drive that went read-only can still be read.
  if (!fd.is_open() && errno == EROFS) {
    fd = OpenAt(place.directory, place.name, O_RDONLY);
  }
  if (!fd.is_open()) return OsError(errno, what);
  return Opened(std::move(fd), path);
}

absl::Status Directory::Rename(std::string_view from,
                               std::string_view to) const {
  const std::string what = Name("rename", from);
  CAIRN_ASSIGN_OR_RETURN(const Place old, Find(from, /*creates=*/false));
  CAIRN_RETURN_IF_ERROR(CheckIsFileOrAbsent(old.directory, old.name, what));
  CAIRN_ASSIGN_OR_RETURN(const Place place, Find(to, /*creates=*/true));
  CAIRN_RETURN_IF_ERROR(
      CheckIsFileOrAbsent(place.directory, place.name, Name("rename to", to)));
  if (::renameat(old.directory, old.name.c_str(), place.directory,
                 place.name.c_str()) != 0) {
    return OsError(errno, what);
  }
  CAIRN_RETURN_IF_ERROR(SyncDirectory(place.directory, what));
  // Both descriptors may be of one directory; then the second has nothing left
  // to do.
  return SyncDirectory(old.directory, what);
}

absl::Status Directory::Remove(std::string_view path) const {
  const std::string what = Name("remove", path);
  CAIRN_ASSIGN_OR_RETURN(const Place place, Find(path, /*creates=*/false));
  CAIRN_RETURN_IF_ERROR(CheckIsFileOrAbsent(place.directory, place.name, what));
  if (::unlinkat(place.directory, place.name.c_str(), 0) != 0) {
    return OsError(errno, what);
  }
  return SyncDirectory(place.directory, what);
}

absl::StatusOr<std::vector<std::string>> Directory::List(
    std::string_view directory) const {
  const std::string what = Name("list", directory);
  absl::StatusOr<Place> place(Place{.directory = root_.get(), .name = "."});
  if (!directory.empty()) place = Find(directory, /*creates=*/false);
  if (absl::IsNotFound(place.status())) return std::vector<std::string>();
  if (!place.ok()) return place.status();
  const OpenDirectory open = OpenToList(place->directory, place->name);
  if (open == nullptr && errno == ENOENT) return std::vector<std::string>();
  if (open == nullptr) return OsError(errno, what);
  return NamesIn(open.get(), directory.empty(), what);
}

absl::StatusOr<bool> Directory::HoldsForeignNames() const {
  const std::string what = Name("list", "");
  const OpenDirectory open = OpenToList(root_.get(), ".");
  if (open == nullptr) return OsError(errno, what);
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(open.get());
    if (entry == nullptr && errno != 0) return OsError(errno, what);
    if (entry == nullptr) return false;
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || name == "lost+found") continue;
    if (!IsValidName(name)) return true;
  }
}

absl::StatusOr<Space> Directory::GetSpace() const {
  struct statvfs found {};
  if (::fstatvfs(root_.get(), &found) != 0) {
    return OsError(errno, Name("space of", ""));
  }
  return Space{.bytes_total = found.f_blocks * found.f_frsize,
               .bytes_free = found.f_bavail * found.f_frsize};
}

std::string_view Directory::filesystem_name() const {
  struct statfs found {};
  if (::fstatfs(root_.get(), &found) != 0) return "unknown";
  switch (found.f_type) {
    case EXT4_SUPER_MAGIC:
      return "ext4";
    case XFS_SUPER_MAGIC:
      return "xfs";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case TMPFS_MAGIC:
      return "tmpfs";
    case F2FS_SUPER_MAGIC:
      return "f2fs";
    case NFS_SUPER_MAGIC:
      return "nfs";
    case FUSE_SUPER_MAGIC:
      return "fuse";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlayfs";
    default:
      return "unknown";
  }
}

}  // namespace cairn::drive
