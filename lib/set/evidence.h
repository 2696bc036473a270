// What the drives of a set show of its last frame, counted.

#ifndef CAIRN_LIB_SET_EVIDENCE_H_
#define CAIRN_LIB_SET_EVIDENCE_H_

#include <vector>

#include "set/decision.h"
#include "set/log_scan.h"

namespace cairn::set {

// A position that nobody holds: it never held the frame either.
inline constexpr int kVacant = -2;

// Counts every position once. `drives` says, for each, which of the scanned
// logs is its drive's; -1 when that one is not here, or kVacant.
Evidence EvidenceOf(const ScannedFrame& frame, const std::vector<int>& drives);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_EVIDENCE_H_
