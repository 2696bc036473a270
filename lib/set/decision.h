// Deciding the last frame of a set's log: the rule, without any I/O.

#ifndef CAIRN_LIB_SET_DECISION_H_
#define CAIRN_LIB_SET_DECISION_H_

#include "set/quorum.h"

namespace cairn::set {

// What the drives of a set show of one frame. Every position is counted once
// in `whole`, `unknown` or neither: a drive that is there, complete, and was
// plainly never wholly written to is a vote against the frame.
struct Evidence {
  int whole = 0;             // hold all of it, valid
  int unknown = 0;           // unreachable, replaced, incomplete, or damaged
  int metadata = 0;          // hold its metadata, valid
  int shards_min = 0;        // valid shards of its worst stripe
  bool has_stripes = false;  // else `shards_min` says nothing
};

enum class Decision {
  kAdopt,      // it can be completed on every drive
  kDrop,       // it was never acknowledged
  kUndecided,  // it may have been acknowledged, and cannot be read now
};

Decision Decide(const Geometry& geometry, const Evidence& evidence);

// The same for a frame that began an epoch with another member table: it was
// acknowledged only when it stood on the write quorum of the new table and on
// `replace_quorum` of the old one.
Decision DecideTableChange(const Geometry& geometry, const Evidence& new_table,
                           const Evidence& old_table);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_DECISION_H_
