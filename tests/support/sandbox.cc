#include "support/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

using Program = std::vector<sock_filter>;

// The first rule that a system call meets says what is done about it, else
// `other` does.
struct Rules {
  struct Rule {
    int number = 0;
    std::uint32_t action = 0;
    std::optional<FailingCall::Argument> only_with = std::nullopt;
  };
  std::vector<Rule> rules;
  std::uint32_t other = SECCOMP_RET_ALLOW;
};

sock_filter Load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

// Goes over the next `skipped` instructions where what is loaded differs.
sock_filter Expect(std::uint32_t value, std::uint8_t skipped) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped);
}

sock_filter Return(std::uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

// The architectures that there are have the lower half of an argument first.
std::size_t OffsetOf(const FailingCall::Argument& argument) {
  return offsetof(seccomp_data, args) +
         sizeof(std::uint64_t) * static_cast<std::size_t>(argument.index);
}

// With the number of the call loaded, before and behind it.
void Append(const Rules::Rule& rule, Program& program) {
  const auto number = static_cast<std::uint32_t>(rule.number);
  if (!rule.only_with.has_value()) {
    program.insert(program.end(), {Expect(number, 1), Return(rule.action)});
    return;
  }
  program.insert(program.end(),
                 {Expect(number, 5), Load(OffsetOf(*rule.only_with)),
                  BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule.only_with->mask),
                  Expect(rule.only_with->value, 1), Return(rule.action),
                  Load(offsetof(seccomp_data, nr))});
}

bool Install(const Rules& rules, unsigned long flags) {
  Program program = {Load(offsetof(seccomp_data, arch)),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
                     Return(SECCOMP_RET_KILL_PROCESS),
                     Load(offsetof(seccomp_data, nr))};
  for (const Rules::Rule& rule : rules.rules) Append(rule, program);
  program.push_back(Return(rules.other));
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter) == 0;
}

Rules Failing(const std::vector<FailingCall>& calls) {
  Rules rules;
  for (const FailingCall& call : calls) {
    rules.rules.push_back(
        {.number = call.number,
         .action = SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(call.error),
         .only_with = call.only_with});
  }
  return rules;
}

}  // namespace

FailingCall SyncedWrite(int error) {
  return {.number = SYS_pwritev2,
          .error = error,
          .only_with = {{.index = 5, .mask = RWF_DSYNC, .value = RWF_DSYNC}}};
}

FailingCall SyncOf(int fd, int error) {
  return {.number = SYS_fsync,
          .error = error,
          .only_with = {{.index = 0,
                         .mask = ~std::uint32_t{0},
                         .value = static_cast<std::uint32_t>(fd)}}};
}

bool FailSystemCalls(const std::vector<FailingCall>& calls) {
  return Install(Failing(calls), 0);
}

bool FailSystemCallsOfAll(const std::vector<FailingCall>& calls) {
  return Install(Failing(calls), SECCOMP_FILTER_FLAG_TSYNC);
}

bool AllowSystemCalls(const std::vector<int>& allowed) {
  Rules rules{.other = SECCOMP_RET_KILL_PROCESS};
  for (const int number : allowed) {
    rules.rules.push_back({.number = number, .action = SECCOMP_RET_ALLOW});
  }
  return Install(rules, 0);
}

}  // namespace cairn::support
