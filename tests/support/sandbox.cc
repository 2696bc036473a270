#include "support/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace cairn::support {
namespace {

#ifdef __x86_64__
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

// What is done about system calls: `actions` by number, else `other`.
struct Rules {
  std::map<int, std::uint32_t> actions;
  std::uint32_t other = SECCOMP_RET_ALLOW;
};

bool Install(const Rules& rules, unsigned long flags) {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const auto& [number, action] : rules.actions) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                               static_cast<std::uint32_t>(number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, action));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, rules.other));
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter) == 0;
}

Rules Failing(const std::map<int, int>& errors) {
  Rules rules;
  for (const auto& [number, error] : errors) {
    rules.actions[number] =
        SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
  }
  return rules;
}

}  // namespace

bool FailSystemCalls(const std::map<int, int>& errors) {
  return Install(Failing(errors), 0);
}

bool FailSystemCallsOfAll(const std::map<int, int>& errors) {
  return Install(Failing(errors), SECCOMP_FILTER_FLAG_TSYNC);
}

bool AllowSystemCalls(const std::vector<int>& allowed) {
  Rules rules{.other = SECCOMP_RET_KILL_PROCESS};
  for (const int number : allowed) rules.actions[number] = SECCOMP_RET_ALLOW;
  return Install(rules, 0);
}

}  // namespace cairn::support
