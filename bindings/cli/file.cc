#include "cli/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "fmt/format.h"

namespace cairn::cli {
namespace {

// What errno says of `path`.
absl::Status SystemError(const std::string& path) {
  return absl::ErrnoToStatus(errno, path);
}

bool IsRegularOrAbsent(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  return !std::filesystem::exists(status) ||
         std::filesystem::is_regular_file(status);
}

// Where `path` leads, so that a link to a file is not replaced by a file.
std::string Follow(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

}  // namespace

absl::StatusOr<InputFile> InputFile::Open(const std::string& path) {
  if (path == kStandard) return InputFile("standard input", STDIN_FILENO);
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemError(path);
  return InputFile(path, descriptor);
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

InputFile::~InputFile() {
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
}

absl::StatusOr<std::size_t> InputFile::Read(std::span<std::byte> into) {
  ssize_t size = 0;
  do {
    size = read(descriptor_, into.data(), into.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return SystemError(path_);
  size_ += static_cast<std::uint64_t>(size);
  return static_cast<std::size_t>(size);
}

std::optional<std::uint64_t> InputFile::size_expected() const {
  struct stat status {};
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

absl::StatusOr<OutputFile> OutputFile::Create(const std::string& path) {
  if (path == kStandard)
    return OutputFile("standard output", "", STDOUT_FILENO);
  std::string partial;
  std::string target = path;
  int flags = O_WRONLY | O_CLOEXEC;
  if (IsRegularOrAbsent(path)) {
    target = Follow(path);
    partial = fmt::format("{}.partial-{}", target, getpid());
    flags |= O_CREAT | O_EXCL;
  }
  const std::string& opened = partial.empty() ? target : partial;
  const int descriptor = open(opened.c_str(), flags, 0666);
  if (descriptor < 0) return SystemError(opened);
  return OutputFile(target, std::move(partial), descriptor);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      partial_(std::exchange(other.partial_, "")),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
  if (!partial_.empty()) unlink(partial_.c_str());
}

absl::Status OutputFile::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t size = write(descriptor_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(path_);
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return absl::OkStatus();
}

absl::Status OutputFile::Commit() {
  if (partial_.empty()) return absl::OkStatus();
  if (fdatasync(descriptor_) != 0) return SystemError(path_);
  if (rename(partial_.c_str(), path_.c_str()) != 0) return SystemError(path_);
  partial_.clear();
  return absl::OkStatus();
}

}  // namespace cairn::cli
