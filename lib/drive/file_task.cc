#include "drive/file_task.h"

#include <cstring>

#include "base/status.h"

namespace cairn::drive {
namespace {

base::Task<absl::Status> WriteNew(Drive& drive, std::string path,
                                  base::Bytes contents) {
  auto file = co_await Create(drive, path);
  if (absl::IsAlreadyExists(file.status())) {
    // Left by a crash; it never had the final name.
    CAIRN_CO_RETURN_IF_ERROR(co_await Remove(drive, path));
    file = co_await Create(drive, path);
  }
  if (!file.ok()) co_return file.status();
  base::AlignedBuffer aligned(contents.size());
  std::memcpy(aligned.bytes().data(), contents.data(), contents.size());
  CAIRN_CO_RETURN_IF_ERROR(co_await Write(**file, 0, aligned.bytes()));
  co_return co_await Sync(**file);
}

}  // namespace

base::Task<absl::Status> ReplaceFile(Drive& drive, std::string path,
                                     base::Bytes contents) {
  const std::string temporary = path + ".new";
  CAIRN_CO_RETURN_IF_ERROR(co_await WriteNew(drive, temporary, contents));
  co_return co_await Rename(drive, temporary, path);
}

base::Task<absl::StatusOr<base::AlignedBuffer>> ReadFile(
    Drive& drive, std::string path, std::uint64_t size_max) {
  auto file = co_await Open(drive, path);
  if (!file.ok()) co_return file.status();
  const std::uint64_t size = (*file)->size();
  if (size > size_max || size % base::kDirectAlignment != 0) {
    co_return base::Error(ErrorCode::kCorrupt, "{}/{}: a size of {} bytes",
                          drive.name(), path, size);
  }
  base::AlignedBuffer buffer(size);
  if (size > 0) {
    CAIRN_CO_RETURN_IF_ERROR(co_await Read(**file, 0, buffer.bytes()));
  }
  co_return buffer;
}

}  // namespace cairn::drive
