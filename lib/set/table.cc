#include "set/table.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace cairn::set {
namespace {

bool Holds(const format::MemberTable& table, const base::Uuid& drive) {
  return std::find(table.begin(), table.end(), drive) != table.end();
}

}  // namespace

bool Tables::Contains(const base::Uuid& drive) const {
  return Holds(members, drive) || Holds(previous, drive);
}

Tables TablesOf(const format::Catalogue& catalogue,
                const std::vector<ScannedFrame>& frames) {
  Tables tables{.members = catalogue.members, .previous = catalogue.members};
  for (const ScannedFrame& frame : frames) {
    tables.previous = tables.members;
    if (frame.header.kind != format::FrameKind::kOpening) continue;
    auto opening = format::DecodeOpeningMetadata(frame.metadata);
    if (!opening.ok()) continue;
    if (opening->members.size() != tables.members.size()) continue;
    tables.members = std::move(opening->members);
  }
  return tables;
}

absl::StatusOr<format::Catalogue> CatalogueAfter(
    format::Catalogue catalogue, const std::vector<ScannedFrame>& frames) {
  for (const ScannedFrame& frame : frames) {
    if (frame.header.kind != format::FrameKind::kCheckpoint) continue;
    if (frame.header.sequence <= catalogue.changed_by) continue;
    const auto checkpoint = format::DecodeCheckpointMetadata(frame.metadata);
    if (!checkpoint.ok()) return checkpoint.status();
    catalogue =
        format::Apply(catalogue, checkpoint->change, frame.header.sequence);
    if (format::Digest(catalogue) != checkpoint->catalogue_digest) {
      return base::Error(ErrorCode::kUnrecoverable,
                         "frame {}: the catalogue is not what the checkpoint "
                         "made of it",
                         frame.header.sequence);
    }
  }
  return catalogue;
}

}  // namespace cairn::set
