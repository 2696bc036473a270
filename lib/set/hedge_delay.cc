#include "set/hedge_delay.h"

#include <algorithm>

namespace cairn::set {

void HedgeDelay::Observe(absl::Duration taken) {
  constexpr double kUp = 1.18;
  constexpr double kDown = 1.0186;  // its ninth power is kUp
  value_ = 2 * taken > value_ ? value_ * kUp : value_ / kDown;
  value_ = std::clamp(value_, kMin, kMax);
}

}  // namespace cairn::set
