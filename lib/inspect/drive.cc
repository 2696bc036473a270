#include "inspect/drive.h"

#include <string_view>
#include <utility>
#include <vector>

#include "inspect/catalogue.h"
#include "inspect/reporter.h"
#include "inspect/text.h"
#include "set/drive_log.h"
#include "set/member.h"
#include "set/set_contents.h"

namespace cairn::inspect {
namespace {

class DriveReport {
 public:
  DriveReport(const DriveFiles& files, Reporter& reporter)
      : files_(files), reporter_(reporter), left_(files.sizes) {}

  void Run() {
    AddIdentity();
    AddLog();
    AddCatalogue();
    AddOthers();
    AddUnreadable();
  }

 private:
  void AddIdentity();
  void AddLog();
  void AddCatalogue();
  void AddOthers();
  void AddUnreadable();

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

void DriveReport::AddOthers() {
  for (const auto& [path, size] : left_) {
    if (!reporter_.WantsEntry()) continue;
    InspectItem item{.name = ShowName(path),
                     .value = ShowCount(size, "byte"),
                     .note = "not in the catalogue"};
    reporter_.Add(std::move(item));
  }
  if (!left_.empty()) {
    reporter_.Add("not in the catalogue", ShowCount(left_.size(), "file"));
  }
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

InspectReport ReportDrive(const DriveFiles& files,
                          const InspectOptions& options) {
  InspectReport report{.path = files.path, .kind = "drive"};
  Reporter reporter(options, report);
  DriveReport(files, reporter).Run();
  reporter.Finish();
  return report;
}

}  // namespace cairn::inspect
