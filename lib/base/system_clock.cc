#include "base/system_clock.h"

#include <chrono>

namespace cairn::base {

absl::Time SystemClock::Steady() const {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

absl::Time SystemClock::Wall() const {
  return absl::FromChrono(std::chrono::system_clock::now());
}

}  // namespace cairn::base
