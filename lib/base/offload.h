// Work that would hold up the strand, done elsewhere.

#ifndef CAIRN_LIB_BASE_OFFLOAD_H_
#define CAIRN_LIB_BASE_OFFLOAD_H_

#include <type_traits>
#include <utility>

#include "base/executor.h"
#include "base/task.h"

namespace cairn::base {

// Runs `work` off the strand, and gives what it returns to the task on the
// strand that awaits it:
//
//   auto sealing = base::Offload(executor, [&] { return tile.Seal(); });
//   const Columns columns = co_await sealing;
//
// What `work` refers to belongs to it until then.
template <typename Work>
Callback<std::invoke_result_t<Work>> Offload(Executor& executor, Work work) {
  using Result = std::invoke_result_t<Work>;
  using Done = typename Callback<Result>::Done;
  return Callback<Result>(
      [&executor, work = std::move(work)](Done done) mutable {
        executor.PostElsewhere([&executor, work = std::move(work),
                                done = std::move(done)]() mutable {
          executor.Post(
              [result = std::move(work)(), done = std::move(done)]() mutable {
                std::move(done)(std::move(result));
              });
        });
      });
}

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_OFFLOAD_H_
