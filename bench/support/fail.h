// How a benchmark program gives up.

#ifndef CAIRN_BENCH_SUPPORT_FAIL_H_
#define CAIRN_BENCH_SUPPORT_FAIL_H_

#include <string_view>

namespace cairn::bench {

// The exit code of a program that measured nothing.
constexpr int kUnmeasured = 2;

// Says `what` could not be done and ends the process, from any thread: a
// figure that was measured around a failure is worth nothing.
[[noreturn]] void Fail(std::string_view what);

// Fail(), with what errno says.
[[noreturn]] void FailErrno(std::string_view what);

// Fails unless `done`.
inline void Require(bool done, std::string_view what) {
  if (!done) FailErrno(what);
}

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_FAIL_H_
