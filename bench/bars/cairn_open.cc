// How long an opening takes after the process was killed with a log to replay.
//
// Another process fills the store and is killed amid its puts; then this one
// opens it. The rounds differ in how full the log is, for a checkpoint may have
// just freed it: the slowest opening counts.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bars/store.h"
#include "bars/workers.h"
#include "support/fail.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct OpenOptions {
  CommonOptions common;
  StoreOptions store;
  std::uint64_t objects = 1'000'000;  // keys in the store
  std::uint64_t refill = 150'000;     // puts of a round, at least
  std::uint64_t step = 37'000;        // more puts in each round
  int rounds = 5;
};

// Puts in the order of the numbers, then anew, and kills the process at the
// end, while the other threads are at it.
class DoomedPutter : public Worker {
 public:
  DoomedPutter(const OpenOptions& options, Engine& engine,
               std::atomic<std::uint64_t>& next, std::uint64_t end)
      : objects_(options.objects),
        engine_(engine),
        next_(next),
        end_(end),
        body_(RandomBytes(options.common.size, Random(options.common.seed))) {}

  void Run() override {
    const std::uint64_t number = next_.fetch_add(1);
    Check(engine_.Put(Key(number % objects_).ref(), body_, {}).status());
    if (number >= end_) Require(kill(getpid(), SIGKILL) == 0, "kill");
  }

 private:
  std::uint64_t objects_;
  Engine& engine_;
  std::atomic<std::uint64_t>& next_;
  std::uint64_t end_;
  std::vector<std::byte> body_;
};

[[noreturn]] void PutUntilKilled(const OpenOptions& options,
                                 std::uint64_t puts) {
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  std::atomic<std::uint64_t> next = 0;
  Load load = options.common.load;
  load.seconds = std::numeric_limits<double>::infinity();
  Measure(load, [&](int) {
    return std::make_unique<DoomedPutter>(options, *engine, next, puts);
  });
  Fail("the puts have ended");
}

// The engine's threads and descriptors stay out of this process, which has none
// of its own yet: a child of it is as good as a program that was started.
void InChild(const std::function<void()>& work, int signal_wanted) {
  const pid_t child = fork();
  Require(child >= 0, "fork");
  if (child == 0) {
    work();
    std::_Exit(0);
  }
  int status = 0;
  Require(waitpid(child, &status, 0) == child, "waitpid");
  const int ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (ended_by != signal_wanted ||
      (ended_by == 0 && WEXITSTATUS(status) != 0)) {
    Fail("a child ended otherwise than it should");
  }
}

// Opens the store, measured, and writes the nanoseconds to `pipe`.
void TimeOpening(const OpenOptions& options, int pipe) {
  const auto begin = std::chrono::steady_clock::now();
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  const std::uint64_t took = static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin)
          .count());
  Require(write(pipe, &took, sizeof(took)) == sizeof(took), "write");
}

std::uint64_t NanosecondsOfOpening(const OpenOptions& options) {
  std::array<int, 2> ends{};
  Require(pipe(ends.data()) == 0, "pipe");
  InChild([&] { TimeOpening(options, ends[1]); }, 0);
  std::uint64_t took = 0;
  Require(read(ends[0], &took, sizeof(took)) == sizeof(took), "read");
  close(ends[0]);
  close(ends[1]);
  return took;
}

int Main(int argc, char** argv) {
  CLI::App app("Openings after the process was killed.");
  OpenOptions options;
  options.common.size = 100;
  options.common.load.threads = 64;
  AddCommonOptions(app, options.common);
  AddStoreOptions(app, options.store);
  app.add_option("--objects", options.objects, "keys in the store")
      ->check(CLI::PositiveNumber);
  app.add_option("--refill", options.refill, "puts before a kill, at least");
  app.add_option("--step", options.step, "more puts in each round");
  app.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const Usage before = UsageNow(options.common.load.directory);
  std::uint64_t puts = options.objects + options.refill;
  std::uint64_t worst = 0;
  Measurement measured;
  for (int round = 0; round < options.rounds; ++round) {
    InChild([&] { PutUntilKilled(options, puts); }, SIGKILL);
    const std::uint64_t took = NanosecondsOfOpening(options);
    measured.latencies.Add(took);
    measured.seconds += static_cast<double>(took) * 1e-9;
    worst = std::max(worst, took);
    puts =
        options.refill + options.step * static_cast<std::uint64_t>(round + 1);
  }
  measured.usage = UsageNow(options.common.load.directory) - before;
  nlohmann::json report = ToJson(measured, options.common.size,
                                 SettingsOf(options.common, options.store));
  report["worst_seconds"] = static_cast<double>(worst) * 1e-9;
  Print(report);
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
