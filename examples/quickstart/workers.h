// Threads that share the work on many things.

#ifndef CAIRN_EXAMPLES_QUICKSTART_WORKERS_H_
#define CAIRN_EXAMPLES_QUICKSTART_WORKERS_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace quickstart {

// Calls `work` with 0 .. count - 1, each once, from several threads at a time:
// more than there are cores, because most of them wait for a drive.
//
// On error: the first one; what has not begun is left out.
absl::Status ForEach(std::size_t count,
                     const std::function<absl::Status(std::size_t)>& work);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_WORKERS_H_
