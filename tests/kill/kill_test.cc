// Processes that are killed while they put, delete, take checkpoints and heal.
//
// A child opens the engine on real folders, changes keys from several threads
// and tells its parent, through a pipe, of each change before it makes it and
// when it was acknowledged. The parent kills it after a number of
// acknowledgements by chance: at once, as soon as it sees on the drives that a
// checkpoint is under way, or, where it has deleted a drive's whole tree first
// so that an empty one takes its place, that this is being healed. Then it
// looks at what the drives show of what the child was at, opens the engine
// itself and reads every byte of every key back.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "cairn/engine.h"
#include "support/figures.h"
#include "support/scene.h"
#include "support/sim_loop.h"
#include "support/temp_dir.h"

namespace cairn {
namespace {

constexpr int kDriveCount = 6;
constexpr std::uint32_t kKeyCount = 96;
constexpr std::uint32_t kThreadCount = 4;
constexpr char kBucket[] = "kills";

using Bytes = std::vector<std::byte>;

// What a version of a key is: nothing, for some; for most some KiB; for a few
// so much that it is a large blob, of one stripe or more.
std::optional<Bytes> BodyOf(std::uint32_t key, std::uint64_t version) {
  support::SeededRandom random(version * kKeyCount + key);
  if (version == 0 || random.OneIn(8)) return std::nullopt;
  std::size_t size = random.Choose(12'000);
  if (random.OneIn(24)) size = 100'000 + random.Choose(1'500'000);
  Bytes body(size);
  for (std::byte& byte : body) byte = static_cast<std::byte>(random.Next());
  return body;
}

std::string NameOf(std::uint32_t key) { return fmt::format("key {}", key); }

// What the child says of a change; less than a pipe takes at once.
struct Message {
  enum Kind : std::uint32_t { kBegun, kAcknowledged, kFailed };

  Kind kind = kBegun;
  std::uint32_t key = 0;
  std::uint64_t version = 0;
};

// What is known of a key. Each has one writer, so at most one change is not
// acknowledged.
struct Known {
  std::uint64_t acknowledged = 0;
  std::uint64_t begun = 0;
};
using Keys = std::array<Known, kKeyCount>;

absl::StatusOr<std::unique_ptr<Engine>> Open(
    const std::vector<std::string>& drives, IoMode io = IoMode::kAuto) {
  EngineOptions options;
  options.drives = drives;
  options.log_bytes = 8 << 20;
  options.replace_missing = true;
  options.io = io;
  return Engine::Open(options);
}

absl::Status Change(Engine& engine, std::uint32_t key, std::uint64_t version) {
  const std::string name = NameOf(key);
  const ObjectRef ref{.bucket = kBucket, .key = name};
  const std::optional<Bytes> body = BodyOf(key, version);
  if (!body.has_value()) return engine.Delete(ref, {});
  return engine.Put(ref, *body, {}).status();
}

// The process that is killed.
class Child {
 public:
  Child(const std::vector<std::string>& drives, const Keys& keys, int pipe)
      : drives_(drives), keys_(keys), pipe_(pipe) {}

  [[noreturn]] void Run(std::uint64_t seed, IoMode io) {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Open(drives_, io);
    if (!engine.ok()) Fail(engine.status());
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < kThreadCount; ++i) {
      threads.emplace_back([&, i] { Write(**engine, i, seed); });
    }
    for (std::thread& thread : threads) thread.join();
    std::_Exit(1);
  }

 private:
  void Write(Engine& engine, std::uint32_t thread, std::uint64_t seed) {
    support::SeededRandom random(seed * kThreadCount + thread);
    while (true) {
      const auto turn = random.Choose(kKeyCount / kThreadCount);
      const auto key = static_cast<std::uint32_t>(turn) * kThreadCount + thread;
      const std::uint64_t version = ++keys_[key].begun;
      Say({.kind = Message::kBegun, .key = key, .version = version});
      const absl::Status status = Change(engine, key, version);
      if (!status.ok()) Fail(status);
      Say({.kind = Message::kAcknowledged, .key = key, .version = version});
    }
  }

  void Say(const Message& message) {
    // Whoever does not hear it has been killed as well.
    if (write(pipe_, &message, sizeof(message)) != sizeof(message)) {
      std::_Exit(1);
    }
  }

  [[noreturn]] void Fail(const absl::Status& status) {
    fmt::print(stderr, "the child: {}\n", status.ToString());
    Say({.kind = Message::kFailed});
    std::_Exit(1);
  }

  const std::vector<std::string> drives_;
  Keys keys_;
  const int pipe_;
};

// When a child is killed.
struct Plan {
  std::uint64_t acknowledgements = 1;  // not before
  std::function<bool()> is_due = [] { return true; };
  // A kill between the writes of a frame is rare with io_uring: all are handed
  // over in one call, and end although the process does.
  IoMode io = IoMode::kPosix;
};

// A child whose phase never shows is killed all the same.
constexpr std::uint64_t kPatience = 3000;

class KillTest : public testing::Test {
 protected:
  KillTest() {
    for (int i = 0; i < kDriveCount; ++i) {
      drives_.push_back(fmt::format("{}/drive{}", root_.path(), i));
      std::filesystem::create_directory(drives_.back());
    }
  }

  Plan PlanFor(std::uint64_t turn);
  void RunUntilKilled(Plan plan);
  void Hear(int pipe, pid_t child, Plan plan);
  void CountPhases();
  void CheckAll();
  void CheckKey(Engine& engine, std::uint32_t key);
  void HealAll(Engine& engine);
  std::string LoseADrive();

  support::TempDir root_;
  std::vector<std::string> drives_;
  support::SeededRandom random_{support::TestSeed(1)};
  Keys keys_{};
  std::map<std::string, std::uint64_t> kills_;  // by what they landed in
  std::uint64_t unheard_ = 0;  // changes that were made and not acknowledged
};

void KillTest::RunUntilKilled(Plan plan) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const std::uint64_t seed = random_.Next();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(ends[0]);
    Child(drives_, keys_, ends[1]).Run(seed, plan.io);
  }
  close(ends[1]);
  Hear(ends[0], child, std::move(plan));
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

// What was said before the kill is still in the pipe after it.
void KillTest::Hear(int pipe, pid_t child, Plan plan) {
  Message message;
  bool is_killed = false;
  std::uint64_t acknowledged = 0;
  while (read(pipe, &message, sizeof(message)) == sizeof(message)) {
    ASSERT_NE(message.kind, Message::kFailed);
    Known& known = keys_[message.key];
    if (message.kind == Message::kBegun) {
      known.begun = message.version;
      continue;
    }
    known.acknowledged = message.version;
    if (is_killed || ++acknowledged < plan.acknowledgements) continue;
    is_killed =
        acknowledged >= plan.acknowledgements + kPatience || plan.is_due();
    if (!is_killed) continue;
    ASSERT_EQ(kill(child, SIGKILL), 0);
  }
}

void KillTest::CheckKey(Engine& engine, std::uint32_t key) {
  SCOPED_TRACE(NameOf(key));
  const std::string name = NameOf(key);
  const auto reader = engine.Get({.bucket = kBucket, .key = name}, {});
  std::optional<Bytes> found;
  if (reader.ok()) {
    found.emplace((*reader)->info().size);
    const auto read = (*reader)->ReadAt(0, *found);
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(*read, found->size());
  } else {
    ASSERT_EQ(CodeOf(reader.status()), ErrorCode::kNoSuchKey)
        << reader.status();
  }
  Known& known = keys_[key];
  for (std::uint64_t version = known.acknowledged; version <= known.begun;
       ++version) {
    if (found != BodyOf(key, version)) continue;
    if (version > known.acknowledged) ++unheard_;
    known.acknowledged = version;
    known.begun = version;
    return;
  }
  FAIL() << "it holds neither version " << known.acknowledged << " nor "
         << known.begun;
}

void KillTest::HealAll(Engine& engine) {
  const absl::StatusOr<HealReport> report = engine.Heal({});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->unrecoverable, 0u);
  EXPECT_EQ(report->postponed, 0u);
}

void KillTest::CheckAll() {
  absl::StatusOr<std::unique_ptr<Engine>> engine = Open(drives_);
  ASSERT_TRUE(engine.ok()) << engine.status();
  for (std::uint32_t key = 0; key < kKeyCount; ++key) {
    CheckKey(**engine, key);
    if (HasFatalFailure()) return;
  }
  HealAll(**engine);
}

std::string KillTest::LoseADrive() {
  const std::string& drive = drives_[random_.Choose(drives_.size())];
  std::filesystem::remove_all(drive);
  std::filesystem::create_directory(drive);
  return drive;
}

Plan KillTest::PlanFor(std::uint64_t turn) {
  if (turn % 4 == 0) {
    return {.acknowledgements = 1 + random_.Choose(20),
            .is_due = [lost = LoseADrive()] {
              return support::IsShardHalfMade(lost);
            }};
  }
  if (turn % 4 == 1) {
    return {.acknowledgements = 1 + random_.Choose(500),
            .is_due = [drive = drives_.front(),
                       before = std::vector<std::string>()]() mutable {
              const auto now = support::CheckpointFilesOf(drive);
              if (before.empty()) before = now;
              return now != before;
            }};
  }
  return {.acknowledgements = 1 + random_.Choose(2000)};
}

void KillTest::CountPhases() {
  const absl::StatusOr<support::Scene> scene = support::LookAtScene(drives_);
  ASSERT_TRUE(scene.ok()) << scene.status();
  kills_["commit"] += scene->is_in_commit ? 1 : 0;
  kills_["checkpoint"] += scene->is_in_checkpoint ? 1 : 0;
  kills_["heal"] += scene->is_in_heal ? 1 : 0;
}

TEST_F(KillTest, WhatWasAcknowledgedIsThereAfterEveryKill) {
  {
    const auto engine = Open(drives_);
    ASSERT_TRUE(engine.ok()) << engine.status();
    ASSERT_TRUE((*engine)->CreateBucket(kBucket).ok());
  }
  const std::uint64_t kills = support::TestIterations(60);
  for (std::uint64_t i = 0; i < kills; ++i) {
    SCOPED_TRACE(fmt::format("kill {}", i));
    Plan plan = PlanFor(i);
    if (i % 3 == 0) plan.io = IoMode::kAuto;
    ASSERT_NO_FATAL_FAILURE(RunUntilKilled(std::move(plan)));
    ASSERT_NO_FATAL_FAILURE(CountPhases());
    ASSERT_NO_FATAL_FAILURE(CheckAll());
  }
  support::AddFigure("kills", kills);
  support::AddFigure("kills_before_an_acknowledgement", unheard_);
  for (const char* phase : {"commit", "checkpoint", "heal"}) {
    support::AddFigure(fmt::format("kills_in_{}", phase), kills_[phase]);
    if (kills < 60) continue;
    EXPECT_GT(kills_[phase], 0u) << phase;
  }
}

}  // namespace
}  // namespace cairn
