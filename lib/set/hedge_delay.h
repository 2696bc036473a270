// How long a read waits for a drive before it asks others as well.

#ifndef CAIRN_LIB_SET_HEDGE_DELAY_H_
#define CAIRN_LIB_SET_HEDGE_DELAY_H_

#include "absl/time/time.h"

namespace cairn::set {

// Twice what nine reads of ten do not exceed: a drive is late when it is slower
// than reads are. When many are slow the drives have much to do, and asking for
// more would make them slower still, and hold memory until they answer. A drive
// that is slow by itself is found late once and then asked seldom, so that it
// counts for little.
//
// The quantile is followed by steps, up when a read took longer and down when
// it took less, nine times as far up as down (Ma, Muthukrishnan, Sandler:
// "Frugal Streaming for Estimating Quantiles", 2013).
//
// Thread safety: one strand.
class HedgeDelay {
 public:
  static constexpr absl::Duration kMin = absl::Milliseconds(20);
  static constexpr absl::Duration kMax = absl::Seconds(2);

  // A read of a drive took so long.
  void Observe(absl::Duration taken);

  absl::Duration value() const { return value_; }

 private:
  absl::Duration value_ = kMin;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_HEDGE_DELAY_H_
