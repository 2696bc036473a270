// CAIRN_CHECK: an invariant of Cairn's own, on in every build.

#ifndef CAIRN_LIB_BASE_CHECK_H_
#define CAIRN_LIB_BASE_CHECK_H_

namespace cairn::base {

// Writes the location and the condition to standard error and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* what);

}  // namespace cairn::base

// For programmer errors only: never for anything that a caller, a drive or a
// byte can cause.
#define CAIRN_CHECK(condition)        \
  ((condition) ? static_cast<void>(0) \
               : ::cairn::base::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // CAIRN_LIB_BASE_CHECK_H_
