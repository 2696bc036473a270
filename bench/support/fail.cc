#include "support/fail.h"

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string>
#include <system_error>

namespace cairn::bench {

void Fail(std::string_view what) {
  std::cerr << "not measured: " << what << std::endl;
  // No destructors: other threads are at work.
  std::_Exit(kUnmeasured);
}

void FailErrno(std::string_view what) {
  const std::string reason = std::generic_category().message(errno);
  Fail(std::string(what) + ": " + reason);
}

}  // namespace cairn::bench
