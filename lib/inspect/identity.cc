// "cairn.format". FORMAT.md, section 1.

#include "format/drive_identity.h"

#include <algorithm>

#include "base/status.h"
#include "inspect/field.h"
#include "inspect/file.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

constexpr std::string_view kName = "cairn.format";

// What there is of the block.
absl::StatusOr<std::vector<std::byte>> ReadBlock(const Source& source) {
  std::vector<std::byte> bytes(
      std::min<std::uint64_t>(source.size(), format::kIdentityBlockSize));
  CAIRN_RETURN_IF_ERROR(source.Read(0, bytes));
  return bytes;
}

absl::StatusOr<format::DriveIdentity> Decode(const Source& source,
                                             base::Bytes block) {
  if (source.size() > format::kIdentityBlockSize) {
    return base::Error(ErrorCode::kCorrupt, "{} bytes behind its end",
                       source.size() - format::kIdentityBlockSize);
  }
  return format::DecodeDriveIdentity(block);
}

void AddFacts(const format::DriveIdentity& identity, Reporter& reporter) {
  reporter.Add("deployment", base::ToString(identity.deployment));
  reporter.Add("drive", base::ToString(identity.drive));
  reporter.Add("position",
               fmt::format("{} of {}, when it was formatted", identity.position,
                           identity.members.size()));
  reporter.Add("geometry", fmt::format("{} + {}", identity.data_shards,
                                       identity.parity_shards));
  reporter.Add("pool and set",
               fmt::format("{}, {}", identity.pool, identity.set));
  reporter.Add("log", fmt::format("{}, {}", base::ToString(identity.log),
                                  ShowCount(identity.log_size, "byte")));
  for (std::size_t i = 0; i < identity.members.size(); ++i) {
    reporter.Add(fmt::format("member {}", i),
                 base::ToString(identity.members[i]));
  }
}

}  // namespace

absl::Status ReportIdentity(const Subject& subject, Reporter& reporter) {
  CAIRN_ASSIGN_OR_RETURN(const auto block, ReadBlock(subject.source));
  const auto identity = Decode(subject.source, block);
  if (identity.ok()) {
    AddFacts(*identity, reporter);
    return absl::OkStatus();
  }
  if (CodeOf(identity.status()) == ErrorCode::kNewerFormat) {
    return identity.status();
  }
  reporter.AddDamage(kName, ShowError(identity.status()),
                     {.size = subject.source.size()});
  return absl::OkStatus();
}

absl::StatusOr<Way> ExplainIdentity(const Subject& subject, std::uint64_t at) {
  CAIRN_ASSIGN_OR_RETURN(const auto block, ReadBlock(subject.source));
  const auto identity = Decode(subject.source, block);
  Way way = {Judged(kName, {.size = subject.source.size()}, identity.status())};
  if (at >= block.size()) return way;
  return Join(std::move(way), OutlineOf(kIdentityFields, block, 0, at));
}

}  // namespace cairn::inspect
