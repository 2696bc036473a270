#include "set/table.h"

#include <algorithm>
#include <utility>

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

}  // namespace cairn::set
