#include "support/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "support/aligned_buffer.h"
#include "support/fail.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

constexpr std::size_t kPreWriteSize = std::size_t{1} << 20;

bool HasSize(const std::string& path, std::uint64_t size) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 &&
         static_cast<std::uint64_t>(info.st_size) == size;
}

}  // namespace

File::File(const std::string& path, int flags)
    : File(AT_FDCWD, path.c_str(), flags) {}

File::File(int directory, const char* path, int flags)
    : descriptor_(
          openat(directory, path, flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  Require(descriptor_ >= 0, path);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

void File::Write(std::span<const std::byte> bytes, std::uint64_t offset) const {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(),
                                   static_cast<off_t>(offset));
    Require(written > 0, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void File::SyncData() const {
  Require(fdatasync(descriptor_) == 0, "fdatasync");
}

void File::Sync() const { Require(fsync(descriptor_) == 0, "fsync"); }

void PreWrite(const std::string& path, std::uint64_t size) {
  if (HasSize(path, size)) return;
  AlignedBuffer buffer(kPreWriteSize);
  Random(size).Fill(buffer.bytes());
  const File file(path, O_CREAT | O_TRUNC | O_WRONLY | O_DIRECT);
  for (std::uint64_t offset = 0; offset < size; offset += kPreWriteSize) {
    const auto rest = std::min<std::uint64_t>(size - offset, kPreWriteSize);
    file.Write(buffer.bytes().first(static_cast<std::size_t>(rest)), offset);
  }
  file.Sync();
}

}  // namespace cairn::bench
