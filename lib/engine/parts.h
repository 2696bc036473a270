// What an engine is made of.

#ifndef CAIRN_LIB_ENGINE_PARTS_H_
#define CAIRN_LIB_ENGINE_PARTS_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/system_random.h"
#include "base/task.h"
#include "cairn/options.h"
#include "drive/loop.h"
#include "engine/given_drive.h"
#include "engine/memory_budget.h"
#include "engine/set_opener.h"
#include "index/block_cache.h"
#include "object/store.h"
#include "set/local_set.h"
#include "set/local_store.h"

namespace cairn::engine {

// How long closing waits for drives to answer. A write that takes longer than
// ten seconds has fenced its drive by then; a merge of runs may be at work.
inline constexpr absl::Duration kCloseTimeMax = absl::Minutes(1);

// Thread safety: loop(), memory() and store() from any thread, what they say
//                about themselves holds; all else on the strand.
class Parts {
 public:
  // Blocks. Errors: as cairn::Engine::Open().
  static absl::StatusOr<std::unique_ptr<Parts>> Open(
      const EngineOptions& options);

  // Ends everything, in its order: the last frame is decided, what is on its
  // way to drives comes back, drives are unlocked. Blocks.
  //
  // Limits: waits for kCloseTimeMax. What a drive that has not answered by then
  //         works with stays in memory, and the drives locked, until the
  //         process ends: the drive may still write into it.
  static void Close(std::unique_ptr<Parts> parts);

  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  drive::Loop& loop() { return *loop_; }
  MemoryBudget& memory() { return *memory_; }
  object::Store& store() { return *store_; }
  set::LocalSet& set() { return *set_; }

  // Those that were given, in their order.
  const std::vector<GivenDrive>& drives() const { return drives_; }

  // Holds requests that nobody waits for any more.
  base::TaskScope& requests() { return requests_; }

 private:
  Parts(const EngineOptions& options,
        std::unique_ptr<base::SystemRandom> random,
        std::unique_ptr<drive::Loop> loop);

  absl::Status OpenSet(const EngineOptions& options);
  base::Task<absl::Status> StartCare();
  base::Task<absl::Status> Shut();
  base::Task<bool> ShutInTime();

  // Each outlives those below.
  std::unique_ptr<base::SystemRandom> random_;
  std::unique_ptr<drive::Loop> loop_;
  std::vector<GivenDrive> drives_;
  index::BlockCache cache_;
  base::TaskScope requests_;
  SetPtr set_;
  std::optional<set::LocalStore> local_;
  std::optional<object::Store> store_;
  std::optional<MemoryBudget> memory_;
  base::TaskScope shutting_;
};

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_PARTS_H_
