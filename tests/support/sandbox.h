// System calls that fail, for the calling thread and those that it starts, or
// for all threads of the process.

#ifndef CAIRN_TESTS_SUPPORT_SANDBOX_H_
#define CAIRN_TESTS_SUPPORT_SANDBOX_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace cairn::support {

// A system call that is to do nothing and to fail.
struct FailingCall {
  // What the lower half of an argument has in the bits of `mask`.
  struct Argument {
    int index = 0;
    std::uint32_t mask = 0;
    std::uint32_t value = 0;
  };

  int number = 0;  // SYS_...
  int error = 0;   // a value of errno
  std::optional<Argument> only_with = std::nullopt;
};

// pwritev2() that is asked to sync what it writes.
FailingCall SyncedWrite(int error);

// fsync() of one descriptor.
FailingCall SyncOf(int fd, int error);

// From now on each of these system calls fails. Cannot be undone; calls in the
// name of io_uring are not seen. Returns whether the system allows it.
[[nodiscard]] bool FailSystemCalls(const std::vector<FailingCall>& calls);

// The same for all threads that there are.
[[nodiscard]] bool FailSystemCallsOfAll(const std::vector<FailingCall>& calls);

// From now on every system call that is not one of these ends the process.
[[nodiscard]] bool AllowSystemCalls(const std::vector<int>& allowed);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SANDBOX_H_
