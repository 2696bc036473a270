#include "set/set_drives.h"

#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {

base::Task<absl::StatusOr<FilePtr>> SetDrives::Open(int position,
                                                    std::string path,
                                                    std::uint64_t size) {
  const Name name(position, path);
  const auto known = open_.find(name);
  if (known != open_.end()) co_return known->second;
  if (at(position).drive == nullptr) {
    co_return base::Error(ErrorCode::kUnavailable, "no drive at position {}",
                          position);
  }
  auto file = co_await drive::Open(*at(position).drive, path);
  if (!file.ok()) co_return file.status();
  if ((*file)->size() != size) {
    co_return base::Error(ErrorCode::kCorrupt, "{}/{}: {} bytes, not {}",
                          at(position).drive->name(), path, (*file)->size(),
                          size);
  }
  FilePtr opened = *std::move(file);
  if (open_.emplace(name, opened).second) order_.push_back(name);
  while (order_.size() > kOpenFilesMax) {
    open_.erase(order_.front());
    order_.pop_front();
  }
  co_return opened;
}

void SetDrives::Forget(const std::string& path) {
  std::erase_if(open_,
                [&](const auto& open) { return open.first.second == path; });
  std::erase_if(order_, [&](const Name& name) { return name.second == path; });
}

}  // namespace cairn::set
