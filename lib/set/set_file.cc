#include "set/set_file.h"

#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {

SetFile::SetFile(std::vector<SetFileTarget> targets, std::string path)
    : path_(std::move(path)) {
  for (const SetFileTarget& target : targets) {
    copies_.push_back({.target = target});
  }
}

base::Task<absl::Status> SetFile::CreateOn(Copy& copy) {
  auto file = co_await drive::Create(*copy.target.drive, path_);
  if (absl::IsAlreadyExists(file.status())) {
    CAIRN_CO_RETURN_IF_ERROR(co_await drive::Remove(*copy.target.drive, path_));
    file = co_await drive::Create(*copy.target.drive, path_);
  }
  if (!file.ok()) co_return file.status();
  copy.file = *std::move(file);
  co_return absl::OkStatus();
}

base::Task<absl::Status> SetFile::AppendOn(Copy& copy, base::Bytes piece) {
  if (!copy.status.ok()) co_return copy.status;
  co_return co_await drive::Write(*copy.file, size_, piece);
}

base::Task<absl::Status> SetFile::SealOn(Copy& copy) {
  if (!copy.status.ok()) co_return copy.status;
  const absl::Status synced = co_await drive::Sync(*copy.file);
  copy.file.reset();
  co_return synced;
}

base::Task<> SetFile::Create() {
  std::vector<base::Task<absl::Status>> tasks;
  for (Copy& copy : copies_) tasks.push_back(CreateOn(copy));
  const auto results = co_await base::All(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); ++i) {
    copies_[i].status = results[i];
  }
}

base::Task<> SetFile::Append(std::vector<base::Bytes> pieces) {
  CAIRN_CHECK(pieces.size() == copies_.size());
  if (pieces.empty()) co_return;
  std::vector<base::Task<absl::Status>> tasks;
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    CAIRN_CHECK(pieces[i].size() == pieces[0].size());
    tasks.push_back(AppendOn(copies_[i], pieces[i]));
  }
  const auto results = co_await base::All(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); ++i) {
    copies_[i].status = results[i];
  }
  size_ += pieces[0].size();
}

base::Task<> SetFile::Seal() {
  std::vector<base::Task<absl::Status>> tasks;
  for (Copy& copy : copies_) tasks.push_back(SealOn(copy));
  const auto results = co_await base::All(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); ++i) {
    copies_[i].status = results[i];
  }
}

std::vector<SetFile::Failure> SetFile::failures() const {
  std::vector<Failure> failures;
  for (const Copy& copy : copies_) {
    if (copy.status.ok()) continue;
    failures.push_back(
        {.position = copy.target.position, .status = copy.status});
  }
  return failures;
}

}  // namespace cairn::set
