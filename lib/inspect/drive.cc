#include "inspect/drive.h"

#include <string_view>
#include <utility>
#include <vector>

#include "drive/path.h"
#include "format/blob_file.h"
#include "format/open_pack.h"
#include "inspect/catalogue.h"
#include "inspect/file.h"
#include "inspect/reporter.h"
#include "inspect/text.h"
#include "set/drive_log.h"
#include "set/member.h"
#include "set/set_contents.h"

namespace cairn::inspect {
namespace {

// nullptr for a file of another kind, and for one with a name that is not what
// Cairn would call it there.
FileTally* TallyOf(const std::string& path, DriveFiles& files) {
  const std::string_view name =
      std::string_view(path).substr(path.rfind('/') + 1);
  const auto blob = format::BlobIdOf(name);
  if (blob.has_value() && path == format::BlobPath(*blob)) return &files.blobs;
  const auto pack = format::OpenPackIdOf(name);
  if (pack.has_value() && path == format::OpenPackPath(*pack)) {
    return &files.open_packs;
  }
  return nullptr;
}

class DriveReport {
 public:
  DriveReport(const DriveFiles& files, Reporter& reporter)
      : files_(files), reporter_(reporter), left_(files.sizes) {}

  void Run() {
    AddIdentity();
    AddLog();
    AddCatalogue();
    AddBlobs();
    AddLock();
    AddOthers();
    AddUnreadable();
  }

 private:
  void AddIdentity();
  void AddLog();
  void AddCatalogue();
  void AddBlobs();
  void AddLock();
  void AddOthers();
  void AddUnreadable();

  void AddTally(std::string_view name, const FileTally& tally);
  void AddCount(std::string_view name, std::uint64_t count);

  // A file that should be there with this size.
  void Expect(const std::string& path, std::uint64_t size);

  const DriveFiles& files_;
  Reporter& reporter_;
  std::map<std::string, std::uint64_t> left_;  // not explained yet
};

void DriveReport::AddIdentity() {
  left_.erase(std::string(set::kIdentityPath));
  if (!files_.identity.ok()) {
    reporter_.AddDamage(set::kIdentityPath, ShowError(files_.identity.status()),
                        {});
    return;
  }
  const format::DriveIdentity& identity = *files_.identity;
  reporter_.Add("deployment", base::ToString(identity.deployment));
  reporter_.Add("drive", base::ToString(identity.drive));
  reporter_.Add("position", fmt::format("{} of {} + {}, when it was formatted",
                                        identity.position, identity.data_shards,
                                        identity.parity_shards));
}

void DriveReport::Expect(const std::string& path, std::uint64_t size) {
  const auto found = left_.find(path);
  if (found == left_.end()) {
    reporter_.AddDamage(path, "not there", {});
    return;
  }
  if (found->second != size) {
    reporter_.AddDamage(
        path, fmt::format("{} bytes instead of {}", found->second, size), {});
  } else if (reporter_.WantsEntry()) {
    reporter_.Add(path, ShowCount(size, "byte"));
  }
  left_.erase(found);
}

void DriveReport::AddLog() {
  const std::string path(set::kLogPath);
  if (files_.identity.ok()) {
    Expect(path, files_.identity->log_size);
  } else if (!left_.contains(path)) {
    reporter_.AddDamage(path, "not there", {});
  }
  left_.erase(path);
}

void DriveReport::AddCatalogue() {
  const absl::Status& status = files_.catalogue.status();
  left_.erase(std::string(set::kCataloguePath));
  if (!status.ok()) {
    reporter_.AddDamage(set::kCataloguePath, ShowError(status), {});
    return;
  }
  AddCatalogueFacts(*files_.catalogue, reporter_);
  for (const format::RunFile& run : files_.catalogue->runs) {
    Expect(set::RunPath(run), run.size);
  }
  for (const format::PackFile& pack : files_.catalogue->packs) {
    Expect(set::PackPath(pack.id), pack.size);
  }
}

// Whether each of them should be there is a matter of the index.
void DriveReport::AddBlobs() {
  AddTally("blobs", files_.blobs);
  AddTally("open packs", files_.open_packs);
}

void DriveReport::AddTally(std::string_view name, const FileTally& tally) {
  if (tally.count == 0) return;
  reporter_.Add(name, fmt::format("{}, {}", ShowCount(tally.count, "file"),
                                  ShowCount(tally.bytes, "byte")));
}

// A drive that was never opened since it was copied has none.
void DriveReport::AddLock() {
  const std::string path(drive::kLockName);
  if (const auto found = left_.find(path); found != left_.end()) {
    Expect(path, 0);
  }
}

void DriveReport::AddOthers() {
  std::uint64_t unfinished = 0;
  for (const auto& [path, size] : left_) {
    const bool is_unfinished = IsUnfinished(path);
    unfinished += is_unfinished ? 1 : 0;
    if (!reporter_.WantsEntry()) continue;
    InspectItem item{
        .name = ShowName(path),
        .value = ShowCount(size, "byte"),
        .note = is_unfinished ? "unfinished" : "not in the catalogue"};
    reporter_.Add(std::move(item));
  }
  AddCount("unfinished", unfinished);
  AddCount("not in the catalogue", left_.size() - unfinished);
}

void DriveReport::AddCount(std::string_view name, std::uint64_t count) {
  if (count > 0) reporter_.Add(name, ShowCount(count, "file"));
}

// No damage: the "lost+found" of a file system is only its owner's to read.
void DriveReport::AddUnreadable() {
  for (const auto& [path, status] : files_.unreadable) {
    InspectItem item{.name = ShowName(path),
                     .value = "cannot be read",
                     .note = ShowName(std::string(status.message()))};
    reporter_.Add(std::move(item));
  }
}

}  // namespace

void DriveFiles::Add(const std::string& file, std::uint64_t size) {
  FileTally* tally = TallyOf(file, *this);
  if (tally == nullptr) {
    sizes[file] = size;
    return;
  }
  ++tally->count;
  tally->bytes += size;
}

InspectReport ReportDrive(const DriveFiles& files,
                          const InspectOptions& options) {
  InspectReport report{.path = files.path, .kind = "drive"};
  Reporter reporter(options, report);
  DriveReport(files, reporter).Run();
  reporter.Finish();
  return report;
}

}  // namespace cairn::inspect
