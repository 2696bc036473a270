// What becomes of the files of runs and packs: they go when no catalogue names
// them, and not before, not while somebody reads them, and not on what cannot
// be read.

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "gtest/gtest.h"

#include "base/check.h"
#include "cairn/status.h"
#include "set/member.h"
#include "set/merge_plan.h"
#include "support/ending.h"
#include "support/set_history.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 4, .parity = 2};

using Paths = std::set<std::string>;

// Left by the first process of the set; Cairn gives no such names as the last.
constexpr const char* kOldRun = "runs/0000000100000077-0000";
constexpr const char* kOldPack = "packs/0000000100000078";
constexpr const char* kHalfPack = "packs/0000000100000079.new";
constexpr const char* kForeign = "runs/notes";

class FileRemovalTest : public testing::Test {
 protected:
  FileRemovalTest() : image_(FormatImage(kGeometry, 3)) {
    SimProcess process(image_, order_, {});
    CAIRN_CHECK(process.Open().ok());
    for (std::size_t i = 1; i < set::kMergeWidth; ++i) Checkpoint(process);
    CAIRN_CHECK(process.Run(process.set().Close())->ok());
    named_ = RunsAndPacksOf(process.set().catalogue());
  }

  void Checkpoint(SimProcess& process) {
    ASSERT_EQ(history_.AddRound(process), absl::OkStatus());
    ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
  }

  SimProcess::Options Options(set::OpenMode mode = set::OpenMode::kWrite) {
    return {.seed = 2, .open = {.mode = mode}, .fates = [this](const Io& io) {
              return fates_(io);
            }};
  }

  SimMedia& Drive(int i) { return image_.drives[static_cast<std::size_t>(i)]; }

  void LeaveFiles(const std::set<std::string>& paths) {
    for (SimMedia& drive : image_.drives) {
      for (const std::string& path : paths) {
        drive.files[path].Overwrite(0, std::vector<std::byte>(4096));
      }
    }
  }

  void ExpectOnAll(const Paths& paths) {
    for (const SimMedia& drive : image_.drives) {
      EXPECT_EQ(RunsAndPacksOf(drive), paths);
    }
  }

  static Paths With(Paths paths, const Paths& more) {
    paths.insert(more.begin(), more.end());
    return paths;
  }

  InOrder order_;
  SetImage image_;
  SetHistory history_;
  Paths named_;
  Fates fates_ = [](const Io&) { return Fate(); };
};

TEST_F(FileRemovalTest, RunsThatWereMergedGo) {
  SimProcess process(image_, order_, Options());
  ASSERT_EQ(process.Open(), absl::OkStatus());
  ExpectOnAll(named_);
  Checkpoint(process);
  EXPECT_EQ(process.set().counters().checkpoints.merges, 1u);
  EXPECT_EQ(process.set().run_count(), 1u);
  ExpectOnAll(RunsAndPacksOf(process.set().catalogue()));
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

TEST_F(FileRemovalTest, ARunThatIsReadGoesWhenItIsReadNoMore) {
  bool next_read_is_slow = false;
  fates_ = [&](const Io& io) {
    Fate fate;
    if (io.kind == IoKind::kRead && io.path.starts_with("runs/") &&
        std::exchange(next_read_is_slow, false)) {
      fate.latency = absl::Hours(1);
    }
    return fate;
  };
  SimProcess::Options options = Options();
  options.set.hedge_delay = absl::Hours(2);
  SimProcess process(image_, order_, std::move(options));
  ASSERT_EQ(process.Open(), absl::OkStatus());
  next_read_is_slow = true;
  std::optional<Found> found;
  static constexpr auto kRead = [](set::LocalSet* set,
                                   std::optional<Found>* into) -> base::Task<> {
    base::Task<Found> read = ReadText(*set, "key 3");
    *into = co_await read;
  };
  process.scope().Spawn(kRead(&process.set(), &found));
  ASSERT_TRUE(process.loop().RunUntil([&] { return !next_read_is_slow; }));
  Checkpoint(process);
  ASSERT_EQ(process.set().run_count(), 1u);
  ASSERT_FALSE(found.has_value());
  ExpectOnAll(With(RunsAndPacksOf(process.set().catalogue()), named_));
  ASSERT_TRUE(process.loop().RunUntil([&] { return found.has_value(); }));
  EXPECT_EQ(found->status, absl::OkStatus());
  EXPECT_EQ(found->text, "round 3, key 3");
  Checkpoint(process);
  ExpectOnAll(RunsAndPacksOf(process.set().catalogue()));
}

// It cannot be removed from a drive that has failed: the next opening does.
TEST_F(FileRemovalTest, WhatADriveDidNotRemoveGoesWithTheNextOpening) {
  fates_ = [](const Io& io) {
    Fate fate;
    if (io.drive == "3" && io.kind == IoKind::kRemove) {
      fate.kind = Fate::Kind::kFail;
    }
    return fate;
  };
  {
    SimProcess process(image_, order_, Options());
    ASSERT_EQ(process.Open(), absl::OkStatus());
    Checkpoint(process);
    EXPECT_EQ(process.set().replicas().service(3), set::Service::kFenced);
    EXPECT_NE(RunsAndPacksOf(Drive(3)), RunsAndPacksOf(Drive(0)));
  }
  fates_ = [](const Io&) { return Fate(); };
  EXPECT_EQ(
      EndWhole(image_, order_, Options(),
               [&](SimProcess& process) { return history_.Check(process); }),
      absl::OkStatus());
}

TEST_F(FileRemovalTest, AnOpeningRemovesWhatNobodyNames) {
  LeaveFiles({kOldRun, kOldPack, kHalfPack, kForeign});
  SimProcess process(image_, order_, Options());
  ASSERT_EQ(process.Open(), absl::OkStatus());
  process.loop().RunAll();
  ExpectOnAll(With(named_, {kForeign}));
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

// A process of a later epoch may be about to name it.
TEST_F(FileRemovalTest, FilesOfLaterEpochsStay) {
  constexpr const char* kLater = "packs/000000ff00000001";
  LeaveFiles({kLater});
  SimProcess process(image_, order_, Options());
  ASSERT_EQ(process.Open(), absl::OkStatus());
  process.loop().RunAll();
  ExpectOnAll(With(named_, {kLater}));
}

TEST_F(FileRemovalTest, AnOpeningForReadingRemovesNothing) {
  LeaveFiles({kOldRun, kOldPack, kHalfPack});
  SimProcess process(image_, order_, Options(set::OpenMode::kReadOnly));
  ASSERT_EQ(process.Open(), absl::OkStatus());
  process.loop().RunAll();
  ExpectOnAll(With(named_, {kOldRun, kOldPack, kHalfPack}));
  EXPECT_EQ(history_.Check(process), absl::OkStatus());
}

// What stands last in the logs cannot be read: it may name files.
TEST_F(FileRemovalTest, AnOpeningThatCannotDecideRemovesNothing) {
  LeaveFiles({kOldRun, kOldPack});
  fates_ = [](const Io& io) {
    Fate fate;
    if (io.kind == IoKind::kRead && io.path == set::kLogPath && io.offset > 0) {
      fate.kind = Fate::Kind::kFail;
    }
    return fate;
  };
  SimProcess process(image_, order_, Options());
  EXPECT_EQ(CodeOf(process.Open()), ErrorCode::kUndecided);
  process.loop().RunAll();
  ExpectOnAll(With(named_, {kOldRun, kOldPack}));
}

// The catalogue of one drive is gone: what the others name stays there.
TEST_F(FileRemovalTest, ADriveWhoseCatalogueIsDamagedKeepsItsFiles) {
  Drive(2).files[std::string(set::kCataloguePath)].Flip(100, 3);
  std::set<std::string> removed;
  fates_ = [&](const Io& io) {
    if (io.kind == IoKind::kRemove) removed.emplace(io.path);
    return Fate();
  };
  SimProcess process(image_, order_, Options());
  ASSERT_EQ(process.Open(), absl::OkStatus());
  ExpectOnAll(named_);
  for (const std::string& path : named_) EXPECT_FALSE(removed.contains(path));
}

TEST_F(FileRemovalTest, NothingGoesWhenNoCatalogueCanBeRead) {
  LeaveFiles({kOldRun, kOldPack});
  for (SimMedia& drive : image_.drives) {
    drive.files[std::string(set::kCataloguePath)].Flip(100, 3);
  }
  SimProcess process(image_, order_, Options());
  EXPECT_EQ(CodeOf(process.Open()), ErrorCode::kUnrecoverable);
  process.loop().RunAll();
  ExpectOnAll(With(named_, {kOldRun, kOldPack}));
}

// For a while no drive gives the runs.
TEST_F(FileRemovalTest, NothingGoesWhileRunsCannotBeRead) {
  LeaveFiles({kOldRun, kOldPack});
  fates_ = [](const Io& io) {
    Fate fate;
    if (io.kind == IoKind::kRead && io.path.starts_with("runs/")) {
      fate.kind = Fate::Kind::kFail;
    }
    return fate;
  };
  {
    SimProcess process(image_, order_, Options());
    EXPECT_FALSE(process.Open().ok());
    process.loop().RunAll();
  }
  ExpectOnAll(With(named_, {kOldRun, kOldPack}));
  fates_ = [](const Io&) { return Fate(); };
  EXPECT_EQ(
      EndWhole(image_, order_, Options(),
               [&](SimProcess& process) { return history_.Check(process); }),
      absl::OkStatus());
}

// A directory that cannot be listed keeps what it has, and opens all the same.
TEST_F(FileRemovalTest, WhatCannotBeListedStaysUntilTheNextOpening) {
  LeaveFiles({kOldRun, kOldPack});
  fates_ = [](const Io& io) {
    Fate fate;
    if (io.kind == IoKind::kList && io.drive == "1") {
      fate.kind = Fate::Kind::kFail;
    }
    return fate;
  };
  {
    SimProcess process(image_, order_, Options());
    ASSERT_EQ(process.Open(), absl::OkStatus());
    process.loop().RunAll();
    EXPECT_EQ(RunsAndPacksOf(Drive(0)), named_);
    EXPECT_EQ(RunsAndPacksOf(Drive(1)), With(named_, {kOldRun, kOldPack}));
  }
  fates_ = [](const Io&) { return Fate(); };
  EXPECT_EQ(
      EndWhole(image_, order_, Options(),
               [&](SimProcess& process) { return history_.Check(process); }),
      absl::OkStatus());
}

}  // namespace
}  // namespace cairn::support
