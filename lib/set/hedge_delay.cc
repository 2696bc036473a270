#include "set/hedge_delay.h"

#include <algorithm>

namespace cairn::set {

void HedgeDelay::Observe(absl::Duration taken) {
  constexpr double kStep = 1.05;
  median_ = taken > median_ ? median_ * kStep : median_ / kStep;
  median_ = std::clamp(median_, kMin / kFactor, kMax / kFactor);
}

}  // namespace cairn::set
