#include "set/decision.h"

namespace cairn::set {
namespace {

bool IsReadable(const Geometry& geometry, const Evidence& evidence) {
  if (evidence.metadata < 1) return false;
  return !evidence.has_stripes || evidence.shards_min >= geometry.data;
}

}  // namespace

Decision Decide(const Geometry& geometry, const Evidence& evidence) {
  if (IsReadable(geometry, evidence)) return Decision::kAdopt;
  const int possible = evidence.whole + evidence.unknown;
  return possible < geometry.write_quorum() ? Decision::kDrop
                                            : Decision::kUndecided;
}

Decision DecideTableChange(const Geometry& geometry, const Evidence& new_table,
                           const Evidence& old_table) {
  if (new_table.metadata + old_table.metadata >= 1) return Decision::kAdopt;
  const bool possible =
      new_table.whole + new_table.unknown >= geometry.write_quorum() &&
      old_table.whole + old_table.unknown >= geometry.replace_quorum();
  return possible ? Decision::kUndecided : Decision::kDrop;
}

}  // namespace cairn::set
