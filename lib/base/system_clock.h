// The clock of the system, for production.

#ifndef CAIRN_LIB_BASE_SYSTEM_CLOCK_H_
#define CAIRN_LIB_BASE_SYSTEM_CLOCK_H_

#include "base/clock.h"

namespace cairn::base {

// Steady() counts from the start of the machine: CLOCK_MONOTONIC.
class SystemClock : public Clock {
 public:
  absl::Time Steady() const override;
  absl::Time Wall() const override;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_SYSTEM_CLOCK_H_
