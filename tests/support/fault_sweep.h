// Sweeps over failing I/O: of the requests that a piece of a set's life makes,
// each fails in turn, so every error path runs and no test has to name it; a
// path added later is swept too. SimDrive numbers the requests of all drives in
// the order in which they are made, which the loop makes deterministic.

#ifndef CAIRN_TESTS_SUPPORT_FAULT_SWEEP_H_
#define CAIRN_TESTS_SUPPORT_FAULT_SWEEP_H_

#include <cstdint>
#include <limits>
#include <type_traits>

#include "gtest/gtest.h"

#include "support/figures.h"
#include "support/sim_set.h"

namespace cairn::support {

struct FaultSweep {
  set::Geometry geometry;
  Fate::Kind fault;

  // Whether the set goes on without the drive that fails.
  bool survives() const {
    return geometry.write_quorum() < geometry.drive_count();
  }
};

// One request that fails, of those that are made while it counts.
class NthFault {
 public:
  NthFault(std::uint64_t nth, Fate::Kind kind) : nth_(nth), kind_(kind) {}
  NthFault(const NthFault&) = delete;
  NthFault& operator=(const NthFault&) = delete;

  void Start() { is_counting_ = true; }
  void Stop() { is_counting_ = false; }
  std::uint64_t count() const { return count_; }

  // The fault outlives them.
  Fates fates() {
    return [this](const Io&) {
      Fate fate;
      if (is_counting_ && count_++ == nth_) fate.kind = kind_;
      return fate;
    };
  }

 private:
  std::uint64_t nth_;
  Fate::Kind kind_;
  std::uint64_t count_ = 0;
  bool is_counting_ = false;
};

struct SweptFault {
  Fate::Kind kind = Fate::Kind::kFail;
  // With more requests than that, every n-th fails.
  std::uint64_t runs_max = std::numeric_limits<std::uint64_t>::max();
};

// Calls `live` with copies of `before` and with each fault in turn, and, when
// the power is cut, `check` with what is left and what `live` returned, if it
// returns anything.
template <typename Live, typename Check>
void SweepFaults(const SetImage& before, const SweptFault& swept, Live live,
                 Check check) {
  SetImage untouched = before;
  NthFault none(std::numeric_limits<std::uint64_t>::max(), swept.kind);
  live(untouched, none);
  ASSERT_GT(none.count(), 0u);
  const std::uint64_t stride = none.count() / swept.runs_max + 1;
  std::uint64_t runs = 0;
  for (std::uint64_t nth = 0; nth < none.count(); nth += stride, ++runs) {
    if (testing::Test::HasFailure()) return;
    SCOPED_TRACE(testing::Message() << "failed request " << nth);
    SetImage image = before;
    NthFault fault(nth, swept.kind);
    SeededRandom random(nth);
    if constexpr (std::is_void_v<decltype(live(image, fault))>) {
      live(image, fault);
      image.PowerCut(random);
      check(image);
    } else {
      const auto life = live(image, fault);
      image.PowerCut(random);
      check(image, life);
    }
  }
  AddFigure("io_failures", runs);
}

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_FAULT_SWEEP_H_
