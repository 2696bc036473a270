// Which member table is in force.

#ifndef CAIRN_LIB_SET_TABLE_H_
#define CAIRN_LIB_SET_TABLE_H_

#include <vector>

#include "format/checkpoint.h"
#include "format/frame_metadata.h"
#include "set/log_scan.h"

namespace cairn::set {

struct Tables {
  format::MemberTable members;
  // Another than `members` while the frame that changed the table stands last:
  // nobody knows yet whether it was acknowledged.
  format::MemberTable previous;

  bool pending() const { return members != previous; }
  bool Contains(const base::Uuid& drive) const;
};

// The tables after `frames`, which follow `catalogue`'s checkpoint.
Tables TablesOf(const format::Catalogue& catalogue,
                const std::vector<ScannedFrame>& frames);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_TABLE_H_
