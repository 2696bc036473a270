#include "inspect/file.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/status.h"
#include "drive/path.h"
#include "format/blob_file.h"
#include "format/open_pack.h"
#include "format/pack.h"
#include "format/run_footer.h"
#include "inspect/text.h"
#include "set/drive_log.h"
#include "set/member.h"

namespace cairn::inspect {
namespace {

// What a file is called until it is whole.
constexpr std::string_view kUnfinishedSuffix = ".new";

// A kind of file: a row here and, when its content tells it, in kMarks and,
// when such files lie in a folder of their own, in kFolders.
struct Inspector {
  FileKind kind;
  std::string_view name;
  absl::Status (*report)(const Subject&, Reporter&);
  absl::StatusOr<Way> (*explain)(const Subject&, std::uint64_t);
};

constexpr std::array kInspectors = std::to_array<Inspector>({
    {FileKind::kIdentity, "cairn.format", ReportIdentity, ExplainIdentity},
    {FileKind::kLog, "log", ReportLog, ExplainLog},
    {FileKind::kCatalogue, "catalogue", ReportCatalogue, ExplainCatalogue},
    {FileKind::kRun, "run", ReportRun, ExplainRun},
    {FileKind::kPack, "pack", ReportPack, ExplainPack},
    {FileKind::kBlob, "blob", ReportBlob, ExplainBlob},
    {FileKind::kOpenPack, "open pack", ReportOpenPack, ExplainOpenPack},
    {FileKind::kLock, "lock", ReportLock, ExplainLock},
});

const Inspector* InspectorOf(FileKind kind) {
  for (const Inspector& inspector : kInspectors) {
    if (inspector.kind == kind) return &inspector;
  }
  return nullptr;
}

// A magic, and where it stands; `from_end` counts back.
struct Mark {
  FileKind kind;
  std::string_view magic;
  std::uint64_t offset = 0;
  std::uint64_t from_end = 0;
};

constexpr std::array kMarks = std::to_array<Mark>({
    {FileKind::kIdentity, "CAIR"},
    {FileKind::kCatalogue, "CCAT"},
    {FileKind::kLog, "CPRM"},
    {FileKind::kLog, "CPRM", format::kPromiseSlotSize},
    {FileKind::kRun, "CRBL", 8},
    {FileKind::kRun, "CRUN", 8, format::kRunFooterSize},
    {FileKind::kPack, "CPOB"},
});

absl::StatusOr<bool> HasMark(const Source& source, const Mark& mark) {
  if (source.size() < mark.from_end) return false;
  const std::uint64_t offset =
      mark.offset + (mark.from_end > 0 ? source.size() - mark.from_end : 0);
  if (offset + mark.magic.size() > source.size()) return false;
  std::array<std::byte, 4> bytes;
  CAIRN_RETURN_IF_ERROR(source.Read(offset, bytes));
  return base::AsText(bytes) == mark.magic;
}

// A file that ends in the footer of a blob. Its checksum holds, so this is no
// chance; and bytes of a caller may begin with any magic.
absl::StatusOr<FileKind> KindByFooter(const Source& source) {
  std::array<std::byte, format::kBlobFooterTailSize> bytes;
  if (source.size() < bytes.size()) return FileKind::kUnknown;
  CAIRN_RETURN_IF_ERROR(source.Read(source.size() - bytes.size(), bytes));
  const auto tail = format::DecodeBlobFooterTail(bytes);
  if (!tail.ok()) return FileKind::kUnknown;
  return format::SliceOf(tail->manifest.name.id).has_value()
             ? FileKind::kOpenPack
             : FileKind::kBlob;
}

// A folder of a drive, how many folders deep the files in it lie, and whether
// these may begin with anything: then they are what their folder says.
struct Folder {
  FileKind kind;
  std::string_view name;
  int depth = 1;
  bool holds_anything = false;
};

constexpr std::array kFolders = std::to_array<Folder>({
    {FileKind::kRun, "runs"},
    // A parity column begins with any bytes.
    {.kind = FileKind::kPack, .name = "packs", .holds_anything = true},
    {.kind = FileKind::kBlob,
     .name = "blobs",
     .depth = 2,
     .holds_anything = true},
    {.kind = FileKind::kOpenPack, .name = "open_packs", .holds_anything = true},
});

// The folder `depth` above what is at `path`; "" when the path does not say.
std::string_view NameAbove(std::string_view path, int depth) {
  for (int i = 0; i < depth; ++i) {
    const std::size_t end = path.rfind('/');
    if (end == std::string_view::npos) return {};
    path = path.substr(0, end);
  }
  return path.substr(path.rfind('/') + 1);
}

// nullptr for what lies at the top of a drive.
const Folder* FolderOf(std::string_view path) {
  for (const Folder& folder : kFolders) {
    if (NameAbove(path, folder.depth) == folder.name) return &folder;
  }
  return nullptr;
}

FileKind KindByName(const Subject& subject) {
  const Folder* folder = FolderOf(subject.path);
  if (folder != nullptr) return folder->kind;
  const std::string_view name = subject.final_name();
  if (name == set::kIdentityPath) return FileKind::kIdentity;
  if (name == set::kLogPath) return FileKind::kLog;
  if (name == set::kCataloguePath) return FileKind::kCatalogue;
  if (name == drive::kLockName) return FileKind::kLock;
  return FileKind::kUnknown;
}

absl::Status ExplainByte(const Subject& subject, const Inspector& inspector,
                         std::uint64_t at, InspectReport& report) {
  if (at >= subject.source.size()) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "offset {} is behind the end: {} has {} bytes", at,
                       subject.path, subject.source.size());
  }
  CAIRN_ASSIGN_OR_RETURN(Way way, inspector.explain(subject, at));
  std::array<std::byte, 1> byte;
  CAIRN_RETURN_IF_ERROR(subject.source.Read(at, byte));
  way.push_back({.offset = at,
                 .size = 1,
                 .name = "byte",
                 .value = fmt::format("0x{}", ShowBytes(byte))});
  for (const InspectItem& item : way) {
    if (!item.is_damaged) continue;
    ++report.damage_count;
    report.damages.push_back(item);
  }
  report.items.push_back(Nest(std::move(way)));
  return absl::OkStatus();
}

}  // namespace

std::string_view Subject::name() const {
  const std::string_view all = path;
  return all.substr(all.rfind('/') + 1);
}

std::string_view FinalName(std::string_view name) {
  if (name.ends_with(kUnfinishedSuffix)) {
    name.remove_suffix(kUnfinishedSuffix.size());
  }
  return name;
}

std::string DriveFolderOf(std::string_view path) {
  const std::size_t end = path.rfind('/');
  if (end == std::string_view::npos) return ".";
  std::string drive(path.substr(0, std::max<std::size_t>(end, 1)));
  const Folder* folder = FolderOf(path);
  const int depth = folder == nullptr ? 0 : folder->depth;
  for (int i = 0; i < depth; ++i) drive += "/..";
  return drive;
}

std::string_view NameOf(FileKind kind) {
  const Inspector* inspector = InspectorOf(kind);
  return inspector == nullptr ? "unknown" : inspector->name;
}

absl::StatusOr<FileKind> KindOf(const Subject& subject) {
  const FileKind by_name = KindByName(subject);
  const Folder* folder = FolderOf(subject.path);
  if (folder != nullptr && folder->holds_anything) return by_name;
  CAIRN_ASSIGN_OR_RETURN(const FileKind by_footer,
                         KindByFooter(subject.source));
  if (by_footer != FileKind::kUnknown) return by_footer;
  for (const Mark& mark : kMarks) {
    CAIRN_ASSIGN_OR_RETURN(const bool has, HasMark(subject.source, mark));
    if (has) return mark.kind;
  }
  return by_name;
}

absl::StatusOr<InspectReport> InspectFile(const Subject& subject,
                                          const InspectOptions& options) {
  CAIRN_ASSIGN_OR_RETURN(const FileKind kind, KindOf(subject));
  const Inspector* inspector = InspectorOf(kind);
  if (inspector == nullptr) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "{}: neither its content nor its name is that of a "
                       "file of Cairn",
                       subject.path);
  }
  InspectReport report{.path = subject.path,
                       .kind = std::string(inspector->name)};
  if (options.offset.has_value()) {
    CAIRN_RETURN_IF_ERROR(
        ExplainByte(subject, *inspector, *options.offset, report));
    return report;
  }
  Reporter reporter(options, report);
  if (IsUnfinished(subject.name())) {
    reporter.Add("unfinished", "it gets its name when it is whole");
  }
  CAIRN_RETURN_IF_ERROR(inspector->report(subject, reporter));
  reporter.Finish();
  return report;
}

InspectItem Judged(std::string_view name, Extent extent,
                   const absl::Status& status) {
  return {.offset = extent.offset,
          .size = extent.size,
          .name = std::string(name),
          .note = status.ok() ? "checksum holds" : ShowError(status),
          .is_damaged = !status.ok()};
}

Way Join(Way way, Way more) {
  way.insert(way.end(), std::make_move_iterator(more.begin()),
             std::make_move_iterator(more.end()));
  return way;
}

}  // namespace cairn::inspect
