#include "support/scene.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "base/status.h"
#include "set/log_scan.h"
#include "set/member.h"
#include "support/sim_drive.h"

namespace cairn::support {
namespace {

constexpr std::string_view kNewSuffix = ".new";

// The paths of the files below a directory that may change meanwhile.
std::vector<std::string> FilesBelow(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::end(entry);
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) paths.push_back(entry->path());
  }
  return paths;
}

// Of what is in no directory: identity, catalogue and log.
absl::StatusOr<SimMedia> Load(const std::string& drive) {
  SimMedia media;
  for (const std::string& path : FilesBelow(drive)) {
    const std::string name = path.substr(drive.size() + 1);
    if (name.find('/') != std::string::npos) continue;
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) return absl::InternalError(path);
    media.files[name].Overwrite(0, base::AsBytes(text));
  }
  return media;
}

// Runs and packs of one process have ascending ids, with which names begin.
std::string NewestNamed(const format::Catalogue& catalogue) {
  std::uint64_t newest = 0;
  for (const auto& run : catalogue.runs) newest = std::max(newest, run.id);
  for (const auto& pack : catalogue.packs) newest = std::max(newest, pack.id);
  return fmt::format("{:016x}", newest);
}

bool HasNewer(const std::string& drive, const std::string& newest) {
  const std::vector<std::string> names = CheckpointFilesOf(drive);
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name.substr(0, newest.size()) > newest;
  });
}

bool IsOnAll(const set::ScannedFrame& frame) {
  return std::ranges::all_of(frame.copies, [](set::CopyState copy) {
    return copy == set::CopyState::kWhole;
  });
}

bool EndsInCommit(const std::vector<set::ScannedFrame>& frames) {
  return frames.size() > 1 && !IsOnAll(frames.back()) &&
         frames.back().header.kind == format::FrameKind::kCommit &&
         IsOnAll(frames[frames.size() - 2]);
}

// What logs and catalogues say.
class Witness {
 public:
  explicit Witness(std::vector<SimMedia> media) : media_(std::move(media)) {
    for (SimMedia& one : media_) {
      drives_.push_back(std::make_unique<SimDrive>(
          SimDriveOptions{.media = &one, .loop = &loop_}));
    }
  }

  absl::Status Run() {
    absl::Status result = absl::DeadlineExceededError("the scan hangs");
    base::TaskScope scope;
    scope.Spawn(RunInto(this, &result));
    loop_.RunAll();
    return result;
  }

  const format::Catalogue& newest() const { return newest_; }
  bool all_have_newest() const {
    return std::ranges::all_of(members_, [this](const set::Member& member) {
      return member.catalogue == newest_;
    });
  }
  bool ends_in_commit() const { return EndsInCommit(history_.frames); }

 private:
  static base::Task<> RunInto(Witness* self, absl::Status* result) {
    base::Task<absl::Status> read = self->Read();
    *result = co_await read;
  }
  base::Task<absl::Status> Read();

  std::vector<SimMedia> media_;
  InOrder order_;
  SimLoop loop_{order_};
  std::vector<std::unique_ptr<SimDrive>> drives_;
  std::vector<set::Member> members_;
  format::Catalogue newest_;
  set::History history_;
};

base::Task<absl::Status> Witness::Read() {
  std::vector<set::DriveLog*> logs;
  for (const auto& drive : drives_) {
    const auto identity = co_await set::ReadIdentity(*drive);
    if (!identity.ok()) co_return identity.status();
    if (!identity->has_value()) co_return absl::NotFoundError("no identity");
    auto member = co_await set::OpenMember(*drive, **identity);
    if (!member.ok()) co_return member.status();
    logs.push_back(member->log.get());
    members_.push_back(*std::move(member));
  }
  const auto newest = set::NewestCatalogue(members_);
  if (!newest.ok()) co_return newest.status();
  newest_ = *newest;
  const set::Ring& ring = logs.front()->ring();
  history_ = co_await set::ScanLogs(logs, set::SlotAfter(newest_, ring));
  co_return absl::OkStatus();
}

}  // namespace

std::vector<std::string> CheckpointFilesOf(const std::string& drive) {
  std::vector<std::string> names;
  for (const char* directory : {"/runs", "/packs"}) {
    for (const std::string& path : FilesBelow(drive + directory)) {
      if (path.ends_with(kNewSuffix)) continue;
      names.push_back(std::filesystem::path(path).filename());
    }
  }
  return names;
}

bool IsShardHalfMade(const std::string& drive) {
  for (const char* directory : {"/packs", "/blobs", "/open_packs"}) {
    for (const std::string& path : FilesBelow(drive + directory)) {
      if (path.ends_with(kNewSuffix)) return true;
    }
  }
  return false;
}

absl::StatusOr<Scene> LookAtScene(const std::vector<std::string>& drives) {
  std::vector<SimMedia> media;
  for (const std::string& drive : drives) {
    CAIRN_ASSIGN_OR_RETURN(SimMedia loaded, Load(drive));
    media.push_back(std::move(loaded));
  }
  Witness witness(std::move(media));
  CAIRN_RETURN_IF_ERROR(witness.Run());
  const std::string newest = NewestNamed(witness.newest());
  const auto has_newer = [&](const std::string& drive) {
    return HasNewer(drive, newest);
  };
  return Scene{.is_in_commit = witness.ends_in_commit(),
               .is_in_checkpoint = !witness.all_have_newest() ||
                                   std::ranges::any_of(drives, has_newer),
               .is_in_heal = std::ranges::any_of(drives, IsShardHalfMade)};
}

}  // namespace cairn::support
