#include "cairn/inspect.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "drive/read_only_file.h"
#include "inspect/catalogue.h"
#include "inspect/drive.h"
#include "inspect/file.h"
#include "inspect/source.h"
#include "set/member.h"

namespace cairn {
namespace {

using inspect::Subject;

// More than any drive has, but for files of blobs, of which one folder may have
// as many; and deeper than they lie.
constexpr std::size_t kFilesMax = 1 << 20;
constexpr std::size_t kUnreadableMax = 100;
constexpr int kDepthMax = 3;

class FileSource : public inspect::Source {
 public:
  explicit FileSource(drive::ReadOnlyFile file) : file_(std::move(file)) {}

  std::uint64_t size() const override { return file_.size(); }
  absl::Status Read(std::uint64_t offset,
                    base::MutableBytes into) const override {
    return file_.Read(offset, into);
  }

 private:
  drive::ReadOnlyFile file_;
};

std::string PathIn(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name)
                        : fmt::format("{}/{}", folder, name);
}

// What the directory's "cairn.format" says.
absl::StatusOr<format::DriveIdentity> IdentityIn(std::string_view folder) {
  CAIRN_ASSIGN_OR_RETURN(
      drive::ReadOnlyFile file,
      drive::ReadOnlyFile::Open(PathIn(folder, set::kIdentityPath)));
  const FileSource source(std::move(file));
  CAIRN_ASSIGN_OR_RETURN(const auto bytes,
                         inspect::ReadAll(source, format::kIdentityBlockSize));
  return format::DecodeDriveIdentity(bytes);
}

absl::StatusOr<format::Catalogue> CatalogueIn(
    const std::string& folder,
    const absl::StatusOr<format::DriveIdentity>& identity) {
  const std::string path = PathIn(folder, set::kCataloguePath);
  CAIRN_ASSIGN_OR_RETURN(drive::ReadOnlyFile file,
                         drive::ReadOnlyFile::Open(path));
  const FileSource source(std::move(file));
  Subject subject{.path = path, .source = source};
  if (identity.ok()) subject.drive = *identity;
  return inspect::ReadCatalogue(subject);
}

// The identity of the drive whose file this is, as far as that can be told.
std::optional<format::DriveIdentity> FindIdentity(const std::string& path) {
  auto identity = IdentityIn(inspect::DriveFolderOf(path));
  if (!identity.ok()) return std::nullopt;
  return *std::move(identity);
}

// Adds the files below `folder` of a drive. Errors: those of `folder` itself.
absl::Status AddFiles(const std::string& folder, int depth,
                      inspect::DriveFiles& files) {
  const std::size_t used = std::min(files.sizes.size(), kFilesMax);
  CAIRN_ASSIGN_OR_RETURN(
      const auto entries,
      drive::ListDirectory(PathIn(files.path, folder), kFilesMax - used));
  for (const drive::DirectoryEntry& entry : entries) {
    const std::string path = PathIn(folder, entry.name);
    if (!entry.is_directory) {
      files.Add(path, entry.size);
    } else if (depth < kDepthMax) {
      absl::Status below = AddFiles(path, depth + 1, files);
      if (below.ok()) continue;
      if (files.unreadable.size() == kUnreadableMax) return below;
      files.unreadable[path] = std::move(below);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<InspectReport> InspectDrive(const std::string& path,
                                           const InspectOptions& options) {
  if (options.offset.has_value()) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "{}: a directory has no offsets; name a file in it",
                       path);
  }
  inspect::DriveFiles files{.path = path,
                            .identity = IdentityIn(path),
                            .catalogue = absl::NotFoundError("catalogue")};
  if (absl::IsNotFound(files.identity.status())) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "{}: no drive of Cairn: there is no {} in it", path,
                       set::kIdentityPath);
  }
  files.catalogue = CatalogueIn(path, files.identity);
  CAIRN_RETURN_IF_ERROR(AddFiles("", 1, files));
  return inspect::ReportDrive(files, options);
}

}  // namespace

absl::StatusOr<InspectReport> Inspect(const std::string& path,
                                      const InspectOptions& options) {
  CAIRN_ASSIGN_OR_RETURN(const bool is_directory, drive::IsDirectory(path));
  if (is_directory) return InspectDrive(path, options);
  CAIRN_ASSIGN_OR_RETURN(drive::ReadOnlyFile file,
                         drive::ReadOnlyFile::Open(path));
  const FileSource source(std::move(file));
  return inspect::InspectFile(
      {.path = path, .source = source, .drive = FindIdentity(path)}, options);
}

}  // namespace cairn
