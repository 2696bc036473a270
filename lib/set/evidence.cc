#include "set/evidence.h"

#include <algorithm>
#include <limits>

namespace cairn::set {
namespace {

int WorstStripe(const ScannedFrame& frame) {
  std::ptrdiff_t worst = std::numeric_limits<int>::max();
  for (const std::vector<bool>& holders : frame.shards) {
    worst = std::min(worst, std::count(holders.begin(), holders.end(), true));
  }
  return static_cast<int>(worst);
}

}  // namespace

Evidence EvidenceOf(const ScannedFrame& frame, const std::vector<int>& drives) {
  Evidence evidence{.shards_min = WorstStripe(frame),
                    .has_stripes = frame.header.stripe_count > 0};
  for (const int drive : drives) {
    if (drive == kVacant) continue;
    const CopyState state = drive < 0
                                ? CopyState::kDamaged
                                : frame.copies[static_cast<std::size_t>(drive)];
    evidence.whole += state == CopyState::kWhole ? 1 : 0;
    evidence.metadata += state >= CopyState::kPartial ? 1 : 0;
    const bool is_unknown =
        state == CopyState::kDamaged || state == CopyState::kPartial;
    evidence.unknown += is_unknown ? 1 : 0;
  }
  return evidence;
}

}  // namespace cairn::set
