// The engine on real folders when the kernel fails its writes, its syncs and
// those of its directories, from some moment on and on all drives: what fails
// is not acknowledged, and what was acknowledged is there when the folders are
// opened again. With POSIX calls: nobody sees those of io_uring.

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "cairn/engine.h"
#include "support/sandbox.h"
#include "support/temp_dir.h"

namespace cairn {
namespace {

constexpr int kDriveCount = 6;
constexpr std::uint32_t kBefore = 12;
constexpr std::uint32_t kAfter = 24;
constexpr char kBucket[] = "failures";

using Bytes = std::vector<std::byte>;

struct Failure {
  const char* name;
  support::FailingCall call;
  // Whether objects of the three sizes of BodyOf() are still taken; nullopt
  // where that ends with the first that fails, which fences the drives.
  std::optional<std::array<bool, 3>> is_taken;
};

// Small, in an open pack, and with files of its own.
Bytes BodyOf(std::uint32_t key) {
  constexpr std::array<std::size_t, 3> kSizes = {4000, 200'000, 3'000'000};
  return Bytes(kSizes[key % 3], static_cast<std::byte>(key + 1));
}

std::string NameOf(std::uint32_t key) { return fmt::format("key {}", key); }

class RealFailureTest : public testing::TestWithParam<Failure> {
 protected:
  RealFailureTest() {
    for (int i = 0; i < kDriveCount; ++i) {
      drives_.push_back(fmt::format("{}/drive{}", root_.path(), i));
      std::filesystem::create_directory(drives_.back());
    }
  }

  absl::StatusOr<std::unique_ptr<Engine>> Open() const {
    EngineOptions options;
    options.drives = drives_;
    options.log_bytes = 8 << 20;
    options.io = IoMode::kPosix;
    return Engine::Open(options);
  }

  static absl::Status Put(Engine& engine, std::uint32_t key) {
    const std::string name = NameOf(key);
    return engine.Put({.bucket = kBucket, .key = name}, BodyOf(key), {})
        .status();
  }

  [[noreturn]] void RunChild(int pipe) const;
  std::set<std::uint32_t> RunUntilItFails();
  static std::optional<Bytes> Read(Engine& engine, std::uint32_t key);

  support::TempDir root_;
  std::vector<std::string> drives_;
};

// Says which keys it has put when writes failed.
void RealFailureTest::RunChild(int pipe) const {
  const auto engine = Open();
  if (!engine.ok() || !(*engine)->CreateBucket(kBucket).ok()) std::_Exit(2);
  for (std::uint32_t key = 0; key < kBefore; ++key) {
    if (!Put(**engine, key).ok()) std::_Exit(3);
  }
  if (!support::FailSystemCallsOfAll({GetParam().call})) {
    std::_Exit(4);
  }
  for (std::uint32_t key = kBefore; key < kAfter; ++key) {
    if (!Put(**engine, key).ok()) continue;
    if (write(pipe, &key, sizeof(key)) != sizeof(key)) std::_Exit(5);
  }
  std::_Exit(0);
}

std::set<std::uint32_t> RealFailureTest::RunUntilItFails() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) RunChild(ends[1]);
  close(ends[1]);
  std::set<std::uint32_t> acknowledged;
  std::uint32_t key = 0;
  while (read(ends[0], &key, sizeof(key)) == sizeof(key)) {
    acknowledged.insert(key);
  }
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  return acknowledged;
}

std::optional<Bytes> RealFailureTest::Read(Engine& engine, std::uint32_t key) {
  const std::string name = NameOf(key);
  const auto reader = engine.Get({.bucket = kBucket, .key = name}, {});
  if (!reader.ok()) {
    EXPECT_EQ(CodeOf(reader.status()), ErrorCode::kNoSuchKey)
        << reader.status();
    return std::nullopt;
  }
  Bytes found((*reader)->info().size);
  const auto read = (*reader)->ReadAt(0, found);
  EXPECT_TRUE(read.ok()) << read.status();
  return found;
}

TEST_P(RealFailureTest, WhatFailsIsNotAcknowledgedAndWhatWasIsThere) {
  const std::set<std::uint32_t> acknowledged = RunUntilItFails();
  if (HasFailure()) return;
  const auto engine = Open();
  ASSERT_TRUE(engine.ok()) << engine.status();
  for (std::uint32_t key = 0; key < kAfter; ++key) {
    SCOPED_TRACE(NameOf(key));
    const bool is_acknowledged = acknowledged.contains(key);
    const std::optional<Bytes> found = Read(**engine, key);
    const bool is_right = found == BodyOf(key);
    if (key >= kBefore && GetParam().is_taken.has_value()) {
      EXPECT_EQ(is_acknowledged, (*GetParam().is_taken)[key % 3]);
    }
    // What was not acknowledged may have been done.
    EXPECT_TRUE(is_right || (key >= kBefore && !is_acknowledged && !found));
  }
  // The last one is too large to be taken whatever fails.
  EXPECT_FALSE(acknowledged.contains(kAfter - 1));
  const absl::StatusOr<HealReport> healed = (*engine)->Heal({});
  ASSERT_TRUE(healed.ok()) << healed.status();
  EXPECT_EQ(healed->unrecoverable, 0u);
  EXPECT_EQ(healed->postponed, 0u);
}

constexpr std::array<bool, 3> kNone = {false, false, false};
constexpr std::array<bool, 3> kSmall = {true, false, false};
// The file of the open pack is there when creating files begins to fail.
constexpr std::array<bool, 3> kNoNewFiles = {true, true, false};

INSTANTIATE_TEST_SUITE_P(
    Failures, RealFailureTest,
    testing::Values(
        Failure{"WriteAndSync", support::SyncedWrite(EIO), kNone},
        Failure{"WriteAndSyncFull", support::SyncedWrite(ENOSPC), kNone},
        Failure{"Sync", {SYS_fdatasync, EIO}, {}},
        Failure{"SyncDirectory", {SYS_fsync, EIO}, {}},
        Failure{"Write", {SYS_pwritev, EIO}, {}},
        Failure{"SyncFull", {SYS_fdatasync, ENOSPC}, kSmall},
        Failure{"WriteFull", {SYS_pwritev, ENOSPC}, kSmall},
        Failure{"SyncDirectoryFull", {SYS_fsync, ENOSPC}, kNoNewFiles}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cairn
