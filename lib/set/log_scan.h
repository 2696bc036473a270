// Reading the logs of a set together: every frame that any drive holds, and
// the one history that they make.

#ifndef CAIRN_LIB_SET_LOG_SCAN_H_
#define CAIRN_LIB_SET_LOG_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/task.h"
#include "format/checkpoint.h"
#include "format/frame_header.h"
#include "set/drive_log.h"
#include "set/slot.h"

namespace cairn::set {

// A frame of the history, and which of the scanned logs hold it.
struct ScannedFrame {
  format::FrameHeader header;  // without `position` and `drive`
  base::Uuid hash;
  std::vector<std::byte> metadata;
  std::vector<CopyState> copies;  // one for each log
  // For each stripe, whether each log holds its shard valid.
  std::vector<std::vector<bool>> shards;
};

struct History {
  Slot base;                          // where the first frame stands
  std::vector<ScannedFrame> frames;   // each the predecessor of the next
  std::vector<CopyState> after_last;  // one for each log: what stands behind

  // The slot after the first `count` frames.
  Slot SlotAfter(std::size_t count, const Ring& ring) const;
};

// Where the log goes on after a checkpoint.
Slot SlotAfter(const format::Catalogue& catalogue, const Ring& ring);
Slot SlotAfter(const format::FrameHeader& header, const Ring& ring);

// Follows every chain of frames from `base` on all logs at once. A frame's
// place follows from its predecessor and is the same on every drive, so a drive
// whose copy is damaged is read on behind it with a peer's help. The history
// is the chain whose end has the highest (epoch, sequence).
base::Task<History> ScanLogs(std::vector<DriveLog*> logs, Slot base);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LOG_SCAN_H_
