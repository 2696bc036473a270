#include "drive/thread.h"

#include <pthread.h>
#include <signal.h>

#include <system_error>
#include <utility>

#include "base/status.h"

namespace cairn::drive {
namespace {

// Blocks all signals of the calling thread; threads that it starts inherit it.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

absl::StatusOr<std::thread> StartThread(std::string name, base::Closure body) {
  const SignalsBlocked blocked;
  try {
    return std::thread(
        [name = std::move(name), body = std::move(body)]() mutable {
          pthread_setname_np(pthread_self(), name.c_str());
          std::move(body)();
        });
  } catch (const std::system_error& error) {
    return base::Error(ErrorCode::kUnavailable, "no thread: {}", error.what());
  }
}

}  // namespace cairn::drive
