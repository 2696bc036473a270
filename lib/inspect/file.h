// One file: what kind it is, and who explains it.

#ifndef CAIRN_LIB_INSPECT_FILE_H_
#define CAIRN_LIB_INSPECT_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cairn/inspect.h"
#include "format/drive_identity.h"
#include "inspect/outline.h"
#include "inspect/reporter.h"
#include "inspect/source.h"

namespace cairn::inspect {

// The name that a file has or, where it is filled under another one, is to get
// when it is whole.
std::string_view FinalName(std::string_view name);
inline bool IsUnfinished(std::string_view name) {
  return FinalName(name) != name;
}

// A file to explain.
struct Subject {
  std::string path;  // its last components tell what it should be
  const Source& source;
  // What the "cairn.format" of its drive says, if that could be read.
  std::optional<format::DriveIdentity> drive = std::nullopt;

  std::string_view name() const;  // what follows the last '/'
  std::string_view final_name() const { return FinalName(name()); }
};

enum class FileKind {
  kUnknown,
  kIdentity,
  kLog,
  kCatalogue,
  kRun,
  kPack,
  kBlob,
  kOpenPack,
  kLock,
};

// By its content or, where that is damaged, missing or any bytes of a caller,
// by its name. Errors: of reading.
absl::StatusOr<FileKind> KindOf(const Subject& subject);

std::string_view NameOf(FileKind kind);

// The directory of the drive that the file at `path` lies on, told by the
// folders of the path: "a/runs/.." for "a/runs/x", "a" for any "a/x".
std::string DriveFolderOf(std::string_view path);

// Explains the file, or the byte `options.offset` of it.
//
// Errors: kInvalidArgument for an unknown kind and an offset behind the end;
//         kNewerFormat; those of reading. Damage is none.
absl::StatusOr<InspectReport> InspectFile(const Subject& subject,
                                          const InspectOptions& options);

// Of each kind there is one function that reports on all of the file, and one
// that tells the way to a byte that it has, from the outermost structure.
using Way = std::vector<InspectItem>;

absl::Status ReportIdentity(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainIdentity(const Subject& subject, std::uint64_t at);

absl::Status ReportLog(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainLog(const Subject& subject, std::uint64_t at);

absl::Status ReportCatalogue(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainCatalogue(const Subject& subject, std::uint64_t at);

absl::Status ReportRun(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainRun(const Subject& subject, std::uint64_t at);

absl::Status ReportPack(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainPack(const Subject& subject, std::uint64_t at);

absl::Status ReportBlob(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainBlob(const Subject& subject, std::uint64_t at);

absl::Status ReportOpenPack(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainOpenPack(const Subject& subject, std::uint64_t at);

absl::Status ReportLock(const Subject& subject, Reporter& reporter);
absl::StatusOr<Way> ExplainLock(const Subject& subject, std::uint64_t at);

// A structure and whether it decodes: `status` is what its decoder said.
InspectItem Judged(std::string_view name, Extent extent,
                   const absl::Status& status);

// `way` and then `more`.
Way Join(Way way, Way more);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_FILE_H_
