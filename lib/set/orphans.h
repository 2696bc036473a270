// Files that no catalogue names.

#ifndef CAIRN_LIB_SET_ORPHANS_H_
#define CAIRN_LIB_SET_ORPHANS_H_

#include <cstdint>

#include "absl/status/status.h"

#include "base/task.h"
#include "drive/drive.h"
#include "format/checkpoint.h"

namespace cairn::set {

// Removes from a drive in service the runs and packs of epochs before `epoch`
// that `catalogue`, which nothing undecided can change any more, does not name,
// and what was being filled. Names that Cairn does not give are left alone.
//
// Errors: kDriveFailed; what could not be removed stays.
base::Task<absl::Status> RemoveOrphans(drive::Drive* drive,
                                       const format::Catalogue* catalogue,
                                       std::uint32_t epoch);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_ORPHANS_H_
