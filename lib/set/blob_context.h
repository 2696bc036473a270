// What writing and reading large blobs works with.

#ifndef CAIRN_LIB_SET_BLOB_CONTEXT_H_
#define CAIRN_LIB_SET_BLOB_CONTEXT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"
#include "base/uuid.h"
#include "drive/drive.h"
#include "erasure/codec.h"
#include "format/frame_header.h"
#include "set/hedge_delay.h"
#include "set/stripe_pool.h"

namespace cairn::set {

struct BlobDrive {
  int position = 0;
  drive::Drive* drive = nullptr;
  // Known to be late: it is asked only when the others do not suffice.
  bool is_suspect = false;
};

struct BlobDeadlines {
  // How long a write that a quorum has done waits for the other drives.
  absl::Duration straggler = absl::Milliseconds(500);
  // How long a drive may take for a write that the quorum needs.
  absl::Duration write = absl::Seconds(10);
  // After so long a read gives up.
  absl::Duration read = absl::Seconds(10);
};

// Told, on the strand, what a drive did wrong, as it is found:
//
//   kDriveFailed, kDriveFull  a call failed; the writer uses it no more
//   kUnavailable              it is late, and is not waited for any more
//   kCorrupt, NotFound        its shard of the blob is damaged or missing
using BlobReport = std::function<void(int position, const absl::Status&)>;

// Of the drive of each position, the calls of healing that make, name or remove
// a file and have not come back.
using NamingCalls = std::array<int, format::kDrivesMax>;

// Lifetime: what it refers to outlives everything that is made with it, and
//           requests that nobody waits for any more: they end in `scope`, which
//           owns their buffers and files.
struct BlobContext {
  const erasure::Codec& codec;
  base::Executor& executor;
  base::TaskScope& scope;
  const StripePool& rooms;
  base::Uuid deployment;
  std::uint32_t set = 0;
  std::vector<BlobDrive> drives;  // at most one of each position
  BlobReport report = [](int, const absl::Status&) {};
  // Whether the drive of a position may still be written: not one that failed a
  // write, here or elsewhere.
  std::function<bool(int position)> is_writable = [](int) { return true; };
  BlobDeadlines deadlines;
  // Of all reads of the set: after so long one asks other drives as well.
  std::shared_ptr<HedgeDelay> hedge_delay = std::make_shared<HedgeDelay>();
  // Of all healing of the set.
  std::shared_ptr<NamingCalls> naming_calls = std::make_shared<NamingCalls>();
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_CONTEXT_H_
