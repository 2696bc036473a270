// Opening a set: from drives that may be stale, damaged or gone to one history
// on a write quorum, in a new epoch.

#ifndef CAIRN_LIB_SET_OPENING_H_
#define CAIRN_LIB_SET_OPENING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/executor.h"
#include "base/random.h"
#include "base/task.h"
#include "format/checkpoint.h"
#include "format/frame_metadata.h"
#include "set/log_scan.h"
#include "set/member.h"
#include "set/quorum.h"
#include "set/rebuild.h"
#include "set/set_file.h"

namespace cairn::set {

enum class OpenMode {
  kWrite,
  kReadOnly,  // decides nothing, writes nothing
};

// An order to let the drive `to`, formatted and among the opener's drives, take
// over `position`; nil takes the drive there out of service.
struct Replacement {
  int position = 0;
  base::Uuid to;
};

struct OpenOptions {
  OpenMode mode = OpenMode::kWrite;
  std::optional<Replacement> replacement;
  // An operator's word that the drives that are not here, and could settle the
  // last frame, never will be: then it is dropped.
  bool missing_are_gone = false;
};

// Where a position's drive stands after an opening.
struct Standing {
  bool in_service = false;         // holds the whole log; takes new frames
  std::uint64_t behind_since = 0;  // else the first frame that it lacks
};

struct Opened {
  std::uint32_t epoch = 0;
  std::uint64_t epoch_id = 0;
  Slot next;  // where the next frame goes
  format::MemberTable members;
  format::Catalogue catalogue;       // the newest whose checkpoint stands
  Slot base;                         // where `frames` begin
  std::vector<ScannedFrame> frames;  // of the log, after the catalogue
  // kReadOnly, or a frame that cannot be decided now: it is not in `frames`,
  // and nothing is known of what it changes.
  std::optional<ScannedFrame> undecided;
  bool read_only = false;
  std::vector<Standing> standings;  // by position
  std::vector<int>
      member_at;  // position -> index of the opener's drives, or -1
};

// What an opening works with; borrowed.
struct OpenContext {
  GatherContext gather;
  const WriteContext& write;
  Geometry geometry;
  base::Random& random;
};

// Opens the set on `drives`, which are reachable, locked and of one deployment.
//
// Afterwards, with kWrite, the last frame of the old epoch is decided, and the
// new epoch's opening frame and an empty one on top stand on a write quorum.
//
// Errors: kQuorumLost (too few drives), kDriveFull (no room in the log for an
//         opening), kForeignDrive, kUndecided (a damaged
//         frame that may have been acknowledged stands last), kUnrecoverable.
base::Task<absl::StatusOr<Opened>> OpenSet(const OpenContext& context,
                                           std::vector<Member>& drives,
                                           OpenOptions options);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_OPENING_H_
