// Time as a seam: the protocol never asks the system for it.

#ifndef CAIRN_LIB_BASE_CLOCK_H_
#define CAIRN_LIB_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace cairn::base {

// Thread safety: all methods may run concurrently.
class Clock {
 public:
  virtual ~Clock() = default;

  // Never goes back; for deadlines only. Its zero means nothing.
  virtual absl::Time Steady() const = 0;

  // What a person's clock shows; may jump either way. Orders nothing.
  virtual absl::Time Wall() const = 0;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_CLOCK_H_
