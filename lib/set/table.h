// What a history says of the set: who its members are, and which files hold
// what the log holds no more.

#ifndef CAIRN_LIB_SET_TABLE_H_
#define CAIRN_LIB_SET_TABLE_H_

#include <vector>

#include "absl/status/statusor.h"

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

// The catalogue as the checkpoints among `frames` change it.
//
// Errors: kUnrecoverable when the result is not what a checkpoint made.
absl::StatusOr<format::Catalogue> CatalogueAfter(
    format::Catalogue catalogue, const std::vector<ScannedFrame>& frames);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_TABLE_H_
