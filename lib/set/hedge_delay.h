// How long a read waits for a drive before it asks others as well.

#ifndef CAIRN_LIB_SET_HEDGE_DELAY_H_
#define CAIRN_LIB_SET_HEDGE_DELAY_H_

#include "absl/time/time.h"

namespace cairn::set {

// A few times what half of the reads take: a drive is late when it is slower
// than the others. When all of them are slow they have much to do, and asking
// for more would make them slower still, and hold memory until they answer.
//
// The median is followed by small steps, up when a read took longer and down
// when it took less (Ma, Muthukrishnan, Sandler: "Frugal Streaming for
// Estimating Quantiles", 2013), so that one slow drive of many does not move
// it.
//
// Thread safety: one strand.
class HedgeDelay {
 public:
  static constexpr absl::Duration kMin = absl::Milliseconds(20);
  static constexpr absl::Duration kMax = absl::Seconds(2);

  // A read of a drive, begun and ended, took so long.
  void Observe(absl::Duration taken);

  absl::Duration value() const { return kFactor * median_; }

 private:
  static constexpr int kFactor = 4;

  absl::Duration median_ = kMin / kFactor;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_HEDGE_DELAY_H_
