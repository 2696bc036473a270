// System calls that fail, for the calling thread and those that it starts, or
// for all threads of the process.

#ifndef CAIRN_TESTS_SUPPORT_SANDBOX_H_
#define CAIRN_TESTS_SUPPORT_SANDBOX_H_

#include <map>
#include <vector>

namespace cairn::support {

// From now on each of these system calls, a number SYS_..., does nothing and
// fails with its value of errno. Cannot be undone; calls in the name of
// io_uring are not seen. Returns whether the system allows it.
[[nodiscard]] bool FailSystemCalls(const std::map<int, int>& errors);

// The same for all threads that there are.
[[nodiscard]] bool FailSystemCallsOfAll(const std::map<int, int>& errors);

// From now on every system call that is not one of these ends the process.
[[nodiscard]] bool AllowSystemCalls(const std::vector<int>& allowed);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SANDBOX_H_
