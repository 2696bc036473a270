#include "quickstart/killed_process.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <type_traits>

#include "quickstart/progress.h"
#include "quickstart/put.h"
#include "quickstart/workers.h"

namespace quickstart {
namespace {

// What the child says of one file, whole or not at all: a pipe takes so little
// in one piece.
struct Message {
  std::uint64_t index = 0;
  Receipt receipt;
};
static_assert(std::is_trivially_copyable_v<Message>);
static_assert(sizeof(Message) <= PIPE_BUF);

absl::Status PutAndTell(cairn::Engine& engine, const Session& session,
                        std::size_t index, int pipe) {
  const auto receipt = PutFile(engine, session.files[index]);
  if (!receipt.ok()) return receipt.status();
  const Message message{.index = index, .receipt = *receipt};
  if (write(pipe, &message, sizeof message) == sizeof message) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, "write to the pipe");
}

absl::Status StoreAll(const Session& session, int pipe) {
  const auto engine =
      cairn::Engine::Open(OptionsFor(session.drives.Without({})));
  if (!engine.ok()) return engine.status();
  absl::Status made = MakeBucket(**engine);
  if (!made.ok()) return made;
  const absl::Status stored = ForEach(session.files.size(), [&](std::size_t i) {
    return PutAndTell(**engine, session, i, pipe);
  });
  // It is to be killed, not to end: a small tree may be stored by now.
  if (stored.ok()) pause();
  return stored;
}

[[noreturn]] void RunChild(const Session& session, int pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive its parent
  const absl::Status status = StoreAll(session, pipe);
  std::cerr << "the child: " << status << "\n";
  std::_Exit(1);
}

// Kills the child half way, and takes what it had said until then.
void Listen(Session& session, pid_t child, std::FILE* pipe) {
  const std::size_t half = std::max<std::size_t>(session.files.size() / 2, 1);
  Progress progress("stored", session.files.size());
  std::size_t told = 0;
  Message message;
  while (std::fread(&message, sizeof message, 1, pipe) == 1) {
    session.receipts[message.index] = message.receipt;
    progress.Add();
    if (++told == half) kill(child, SIGKILL);
  }
}

absl::Status CheckKilled(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) {
    return absl::ErrnoToStatus(errno, "waitpid");
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return absl::OkStatus();
  }
  return absl::InternalError("the child ended before it was killed");
}

}  // namespace

absl::Status StoreUntilKilled(Session& session) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return absl::ErrnoToStatus(errno, "pipe");
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "fork");
  if (child == 0) {
    close(ends[0]);
    RunChild(session, ends[1]);
  }
  close(ends[1]);
  const auto close_file = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close_file)> pipe(
      fdopen(ends[0], "rb"), close_file);
  Listen(session, child, pipe.get());
  return CheckKilled(child);
}

}  // namespace quickstart
