// Keeps room on the drives for what must always go on.

#ifndef CAIRN_LIB_SET_SPACE_WATCH_H_
#define CAIRN_LIB_SET_SPACE_WATCH_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"
#include "set/replicas.h"
#include "set/set_drives.h"
#include "set/write_context.h"

namespace cairn::set {

// Borrowed, and outlives it.
struct SpaceWatchContext {
  base::Executor& executor;
  const WriteContext& write;
  const SetDrives& drives;
  const Replicas& replicas;
  std::uint64_t reserve = 0;  // bytes of each drive
};

// Puts are refused while fewer drives than a write quorum have more room than
// the reserve. What is left is for checkpoints: one that finds no room keeps
// the log full, and then nothing can be deleted any more either.
//
// The drives are asked when a part of the room that they had may be used up,
// and while puts are refused, each second at the most; without puts never. What
// others write on the same device is seen as late as that. Directories of one
// device all count the same room.
//
// Thread safety: CheckPut() from any thread, all else on the strand.
class SpaceWatch {
 public:
  explicit SpaceWatch(SpaceWatchContext context);
  SpaceWatch(const SpaceWatch&) = delete;
  SpaceWatch& operator=(const SpaceWatch&) = delete;

  // Counts a put of `size` bytes. Errors: kDriveFull.
  absl::Status CheckPut(std::uint64_t size);

  // There may be more room by now.
  void OnRoomMade();

  // What runs by itself.
  base::TaskScope& scope() { return scope_; }

 private:
  void AskForLook();
  base::Task<> Look();
  base::Task<> LookAtDrives();

  SpaceWatchContext context_;
  absl::Time looked_at_ = absl::InfinitePast();
  std::atomic<bool> is_full_ = false;
  std::atomic<bool> is_asked_ = false;    // for a look
  std::atomic<std::int64_t> until_look_;  // bytes
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SPACE_WATCH_H_
