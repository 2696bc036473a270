#include "set/set_file.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {
namespace {

// A commit that comes meanwhile waits behind one such write, as the device
// serves them in turn, and not behind a whole column of a pack.
constexpr std::size_t kWriteSizeMax = 256 << 10;

}  // namespace

SetFile::SetFile(const WriteContext& context,
                 std::vector<SetFileTarget> targets, std::string path)
    : context_(context),
      shared_(std::make_shared<Shared>(context.executor)),
      path_(std::move(path)) {
  for (const SetFileTarget& target : targets) {
    shared_->copies.push_back({.target = target});
  }
}

base::Task<> SetFile::RunOne(SharedPtr shared, std::size_t copy,
                             base::Task<absl::Status> step) {
  const absl::Status status = co_await step;
  Copy& done = shared->copies[copy];
  done.is_pending = false;
  if (done.status.ok()) done.status = status;
  shared->progress.Notify();
}

bool SetFile::IsPending() const {
  return std::any_of(
      shared_->copies.begin(), shared_->copies.end(),
      [](const Copy& copy) { return copy.is_pending && copy.status.ok(); });
}

void SetFile::GiveUpLate() {
  for (Copy& copy : shared_->copies) {
    if (!copy.is_pending || !copy.status.ok()) continue;
    copy.status = base::Error(ErrorCode::kDriveFailed, "{}/{}: no answer",
                              copy.target.drive->name(), path_);
  }
}

void SetFile::ReportFailures() {
  for (Copy& copy : shared_->copies) {
    if (copy.status.ok() || std::exchange(copy.is_reported, true)) continue;
    context_.on_failure(copy.target.position);
  }
}

base::Task<> SetFile::Run(Step step) {
  for (std::size_t i = 0; i < shared_->copies.size(); ++i) {
    Copy& copy = shared_->copies[i];
    if (copy.status.ok() && !context_.is_writable(copy.target.position)) {
      copy.status = base::Error(ErrorCode::kDriveFailed, "{} was fenced",
                                copy.target.drive->name());
    }
    if (!copy.status.ok()) continue;
    copy.is_pending = true;
    context_.requests.Spawn(RunOne(shared_, i, step(shared_, i)));
  }
  const absl::Time deadline =
      context_.executor.clock().Steady() + context_.deadline;
  const base::Timer timer(context_.executor, deadline,
                          [weak = std::weak_ptr(shared_)] {
                            if (const SharedPtr shared = weak.lock())
                              shared->progress.Notify();
                          });
  ReportFailures();
  while (IsPending()) {
    co_await shared_->progress;
    if (context_.executor.clock().Steady() >= deadline) GiveUpLate();
    ReportFailures();
  }
}

base::Task<> SetFile::Create() {
  static constexpr auto kCreate =
      [](SharedPtr shared, std::size_t copy,
         std::string path) -> base::Task<absl::Status> {
    Copy& creates = shared->copies[copy];
    auto file = co_await drive::Create(*creates.target.drive, path);
    if (!file.ok()) co_return file.status();
    creates.file = *std::move(file);
    co_return absl::OkStatus();
  };
  base::Task<> run = Run([this](SharedPtr shared, std::size_t copy) {
    return kCreate(std::move(shared), copy, path_);
  });
  co_await run;
}

base::Task<> SetFile::Append(std::vector<SharedBuffer> pieces) {
  CAIRN_CHECK(pieces.size() == shared_->copies.size());
  if (pieces.empty()) co_return;
  static constexpr auto kAppend =
      [](SharedPtr shared, std::size_t copy, std::uint64_t offset,
         SharedBuffer piece) -> base::Task<absl::Status> {
    drive::File& file = *shared->copies[copy].file;
    for (base::Bytes rest = piece->bytes(); !rest.empty();) {
      const base::Bytes part = rest.first(std::min(rest.size(), kWriteSizeMax));
      CAIRN_CO_RETURN_IF_ERROR(co_await drive::Write(file, offset, part));
      offset += part.size();
      rest = rest.subspan(part.size());
    }
    co_return absl::OkStatus();
  };
  base::Task<> run = Run([&](SharedPtr shared, std::size_t copy) {
    CAIRN_CHECK(pieces[copy]->size() == pieces[0]->size());
    return kAppend(std::move(shared), copy, size_, pieces[copy]);
  });
  co_await run;
  size_ += pieces[0]->size();
}

base::Task<> SetFile::AppendSame(SharedBuffer piece) {
  std::vector<SharedBuffer> pieces(shared_->copies.size(), piece);
  base::Task<> append = Append(std::move(pieces));
  co_await append;
}

base::Task<> SetFile::Seal() {
  static constexpr auto kSeal =
      [](SharedPtr shared, std::size_t copy) -> base::Task<absl::Status> {
    Copy& sealed = shared->copies[copy];
    const absl::Status synced = co_await drive::Sync(*sealed.file);
    sealed.file.reset();
    co_return synced;
  };
  base::Task<> run = Run([](SharedPtr shared, std::size_t copy) {
    return kSeal(std::move(shared), copy);
  });
  co_await run;
}

absl::Status SetFile::status() const {
  for (const Copy& copy : shared_->copies) {
    if (!copy.status.ok()) return copy.status;
  }
  return absl::OkStatus();
}

}  // namespace cairn::set
