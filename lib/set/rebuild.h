// Writing a frame of the history on a drive that lacks it.

#ifndef CAIRN_LIB_SET_REBUILD_H_
#define CAIRN_LIB_SET_REBUILD_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/executor.h"
#include "base/task.h"
#include "erasure/codec.h"
#include "format/frame_header.h"
#include "set/drive_log.h"
#include "set/frame.h"
#include "set/slot.h"

namespace cairn::set {

// A log of a set with the position that it stores shards for.
struct PositionedLog {
  DriveLog* log = nullptr;
  int position = 0;
};

// What reading from several drives at once works with; borrowed. Reads that
// are not waited for any more end in `scope`.
struct GatherContext {
  const erasure::Codec& codec;
  base::Executor& executor;
  base::TaskScope& scope;
};

// A frame as far as the logs that were asked have it.
struct GatheredFrame {
  Frame frame;
  // Whether each of them said what it has. Else what is missing in the frame is
  // not lost.
  bool all_were_read = true;
};

// Gathers the decided frame with this header at `slot`, with the shard record
// of every position: those that its holders have, the others rebuilt from them.
// All logs are asked at once, and nobody is waited for who is not needed: a
// drive that hangs delays nothing as long as `data` others answer.
//
// Errors: kUnrecoverable when no log holds its metadata; kUnavailable when one
//         of them could not be read.
base::Task<absl::StatusOr<GatheredFrame>> GatherFrame(
    GatherContext context, std::vector<PositionedLog> logs,
    format::FrameHeader header, Slot slot);

// Writes `frame` on a drive, durably, as the committer would have.
base::Task<absl::Status> WriteFrameOn(PositionedLog to, const Frame& frame);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_REBUILD_H_
