// "lock": an empty file, locked by who has the drive open.

#include "inspect/field.h"
#include "inspect/file.h"
#include "inspect/text.h"

namespace cairn::inspect {

absl::Status ReportLock(const Subject& subject, Reporter& reporter) {
  reporter.Add("lock", "held locked by who has the drive open");
  if (const std::uint64_t size = subject.source.size(); size > 0) {
    reporter.AddDamage(
        "lock",
        fmt::format("{} that Cairn does not write", ShowCount(size, "byte")),
        {.size = size});
  }
  return absl::OkStatus();
}

absl::StatusOr<Way> ExplainLock(const Subject& subject, std::uint64_t /*at*/) {
  return Way{{.size = subject.source.size(),
              .name = "lock",
              .note = "bytes that Cairn does not write",
              .is_damaged = true}};
}

}  // namespace cairn::inspect
