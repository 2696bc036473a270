// Sets that have something to make good, and the process that does: what sweeps
// of failures and of crashes go over.

#ifndef CAIRN_TESTS_SUPPORT_REPAIR_H_
#define CAIRN_TESTS_SUPPORT_REPAIR_H_

#include <cstdint>
#include <limits>
#include <ostream>
#include <vector>

#include "absl/status/status.h"

#include "support/ending.h"
#include "support/set_history.h"
#include "support/sim_set.h"

namespace cairn::support {

// What one drive lacks, where parity allows that it does.
enum class RepairKind {
  kOpening,      // it was away: lacks frames, runs, packs, blobs and slices;
                 // and all have files of a checkpoint and a put that broke off
  kReplacement,  // it is gone, and an empty one is to take its place
  kCatchUp,      // was slow, so it is behind while the set serves
  kHealing,      // has lost files of each kind, and has rot in others
};

std::ostream& operator<<(std::ostream& out, RepairKind kind);

// A set before its repair.
class BrokenSet {
 public:
  BrokenSet(RepairKind kind, set::Geometry geometry);

  RepairKind kind() const { return kind_; }
  const set::Geometry& geometry() const { return geometry_; }
  const SetImage& image() const { return image_; }
  const SetHistory& history() const { return history_; }

  // Of a process that repairs it: on which drives, with which orders.
  SimProcess::Options options() const;

  // The place in the image of the drive that has to be made whole.
  int broken_drive() const;

 private:
  bool may_lose_one() const;
  void Live(SimProcess::Options options, int round);
  void LiveAndBreakOff(SimProcess& process);
  void LoseFiles();

  RepairKind kind_;
  set::Geometry geometry_;
  SetImage image_;
  SetHistory history_;
  set::Replacement order_;
};

// One process that repairs it.
class RepairLife {
 public:
  // `image` is a copy of the broken set's, and outlives it, as all else does.
  RepairLife(const BrokenSet& broken, SetImage& image, Chooser& chooser,
             Fates fates);

  // Goes on to where the repair begins.
  absl::Status Approach();

  // Repairs for so many steps at most; whether all was done before.
  bool Repair(
      std::uint64_t steps_max = std::numeric_limits<std::uint64_t>::max());

  SimProcess& process() { return process_; }
  SetHistory& history() { return history_; }

 private:
  SimProcess::Options OptionsFor(Fates fates);
  absl::Status FallBehind();

  const BrokenSet& broken_;
  SetHistory history_;
  bool is_slow_ = false;
  bool cares_ = false;
  SimProcess process_;
};

// Whether the set is whole in the end, when all of its drives are there: and so
// whole that all can be read from as few drives as there is data, of which the
// broken one is one.
absl::Status CheckRepaired(const BrokenSet& broken, SetImage& image,
                           Chooser& chooser, CheckContents check);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_REPAIR_H_
