// Running a task on the strand from its beginning.

#ifndef CAIRN_LIB_ENGINE_ON_STRAND_H_
#define CAIRN_LIB_ENGINE_ON_STRAND_H_

#include <utility>

#include "base/executor.h"
#include "base/task.h"
#include "drive/loop.h"

namespace cairn::engine {

template <typename T>
base::Task<T> OnStrandOf(base::Executor* executor, base::Task<T> task) {
  co_await base::OnStrand(*executor);
  co_return co_await task;
}

// Blocks until `task`, which knows only the strand, has ended.
template <typename T>
T AwaitOnStrand(drive::Loop& loop, base::Task<T> task) {
  return loop.Await(OnStrandOf(&loop, std::move(task)));
}

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_ON_STRAND_H_
