// Opening an engine: every way in which the drives that are given can be wrong
// has its error and changes nothing; those that are missing, damaged, empty or
// half formatted are what options.h says of them. On real folders; what an
// interruption leaves is made with the functions that were interrupted.

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "base/system_random.h"
#include "cairn/status.h"
#include "drive/local_drive.h"
#include "drive/loop.h"
#include "engine/drive_contents.h"
#include "engine/on_strand.h"
#include "format/drive_identity.h"
#include "set/member.h"
#include "unit/engine/engine_testing.h"

namespace cairn::engine {
namespace {

namespace fs = std::filesystem;

ErrorCode OpenCode(const EngineOptions& options) {
  return CodeOf(Engine::Open(options).status());
}

EnginePtr OpenOrFail(const EngineOptions& options) {
  auto engine = Engine::Open(options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  return engine.ok() ? *std::move(engine) : nullptr;
}

// Has a drive do something, with the functions that the engine uses.
template <typename T>
T OnDrive(const std::string& path,
          const std::function<base::Task<T>(drive::Drive&)>& work) {
  const auto loop = *drive::Loop::Start(drive::IoMode::kPosix);
  const auto drive = *drive::LocalDrive::Open(path, *loop);
  return AwaitOnStrand(*loop, work(*drive));
}

std::vector<format::DriveIdentity> Identities(int data, int parity) {
  const auto random = *base::SystemRandom::Create();
  return set::NewIdentities(
      {.geometry = {.data = data, .parity = parity}, .log_size = kTestLogSize},
      *random);
}

void Format(const std::string& path, const format::DriveIdentity& identity) {
  EXPECT_TRUE(OnDrive<absl::Status>(path, [&](drive::Drive& drive) {
                return set::FormatDrive(drive, identity);
              }).ok());
}

void BeginToFormat(const std::string& path) {
  EXPECT_TRUE(OnDrive<absl::Status>(path, [&](drive::Drive& drive) {
                return BeginFormatting(&drive);
              }).ok());
}

format::DriveIdentity IdentityOn(const std::string& path) {
  using Read = absl::StatusOr<std::optional<format::DriveIdentity>>;
  const Read read = OnDrive<Read>(
      path, [](drive::Drive& drive) { return set::ReadIdentity(drive); });
  EXPECT_TRUE(read.ok() && read->has_value());
  return **read;
}

void FlipAByte(const std::string& path, std::streamoff offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(offset);
  const char byte = static_cast<char>(file.get() ^ 1);
  file.seekp(offset);
  file.put(byte);
  EXPECT_TRUE(file.good());
}

// --- Options that are wrong whatever the drives.

TEST(EngineOptionsTest, WhatCannotBeIsRefusedBeforeAnyDriveIsLookedAt) {
  const Folders folders(4);
  const std::vector<std::string> paths = folders.paths();
  using Change = std::function<void(EngineOptions&)>;
  const std::vector<std::pair<ErrorCode, Change>> cases = {
      {ErrorCode::kInvalidArgument, [](auto& o) { o.drives.clear(); }},
      {ErrorCode::kInvalidArgument,
       [](auto& o) { o.drives.resize(17, "/nowhere"); }},
      {ErrorCode::kInvalidArgument, [](auto& o) { o.drives[1] = ""; }},
      {ErrorCode::kInvalidArgument,
       [](auto& o) { o.drives[1] += std::string("\0x", 2); }},
      {ErrorCode::kDriveInUse, [](auto& o) { o.drives[1] = o.drives[0]; }},
      {ErrorCode::kInvalidGeometry, [](auto& o) { o.data = 4; }},
      {ErrorCode::kInvalidGeometry, [](auto& o) { o.parity = 2; }},
      {ErrorCode::kInvalidGeometry, [](auto& o) { o.data = o.parity = 0; }},
      {ErrorCode::kInvalidGeometry, [](auto& o) { o.data = 3, o.parity = 2; }},
      {ErrorCode::kInvalidGeometry, [](auto& o) { o.data = 1, o.parity = 3; }},
      {ErrorCode::kInvalidArgument, [](auto& o) { o.log_bytes = 0; }},
      {ErrorCode::kInvalidArgument, [](auto& o) { o.log_bytes -= 64 << 10; }},
      {ErrorCode::kInvalidArgument, [](auto& o) { o.log_bytes += 4096; }},
      {ErrorCode::kInvalidArgument,
       [](auto& o) { o.log_bytes = std::uint64_t{65} << 30; }},
      {ErrorCode::kInvalidArgument, [](auto& o) { o.memory_max = 1 << 20; }},
      {ErrorCode::kInvalidArgument,
       [](auto& o) { o.cache_bytes = UINT64_MAX; }},
      {ErrorCode::kInvalidArgument,
       [](auto& o) { o.log_bytes = std::uint64_t{1} << 30; }},
  };
  const auto before = FilesBelow(folders.root());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EngineOptions options = OptionsFor(paths);
    cases[i].second(options);
    EXPECT_EQ(OpenCode(options), cases[i].first) << "case " << i;
  }
  EXPECT_EQ(FilesBelow(folders.root()), before);
}

TEST(EngineOptionsTest, TheGeometryFollowsFromTheNumberOfDrives) {
  const std::vector<std::pair<int, int>> expected = {
      {1, 0}, {1, 1}, {2, 1}, {2, 2}, {3, 2}, {4, 2},  {5, 2},  {6, 2},
      {6, 3}, {7, 3}, {8, 3}, {9, 3}, {9, 4}, {10, 4}, {11, 4}, {12, 4}};
  for (std::size_t i = 0; i < expected.size(); i += 5) {
    const Folders folders(static_cast<int>(i) + 1);
    const EnginePtr engine = OpenOrFail(OptionsFor(folders.paths()));
    ASSERT_NE(engine, nullptr);
    const auto info = engine->Info();
    ASSERT_TRUE(info.ok()) << info.status();
    EXPECT_EQ(std::pair(info->data, info->parity), expected[i]);
    EXPECT_EQ(info->drives.size(), i + 1);
  }
}

// --- Drives that are wrong. Each test begins with a store of 2+2.

class EngineOpeningTest : public testing::Test {
 protected:
  EngineOpeningTest() : folders_(4) {
    const EnginePtr engine = OpenOrFail(options());
    if (engine == nullptr) return;
    EXPECT_TRUE(engine->CreateBucket("photos").ok());
    EXPECT_TRUE(PutText(*engine, cat_, "miau").ok());
  }

  EngineOptions options() const { return OptionsFor(folders_.paths()); }

  // The drives at these places, in this order.
  EngineOptions OptionsWith(const std::vector<std::size_t>& places) const {
    std::vector<std::string> paths;
    for (const std::size_t place : places) paths.push_back(folders_[place]);
    return OptionsFor(std::move(paths));
  }

  void ExpectServes(const EngineOptions& options) {
    const EnginePtr engine = OpenOrFail(options);
    ASSERT_NE(engine, nullptr);
    EXPECT_EQ(GetText(*engine, cat_).value_or("nothing"), "miau");
    EXPECT_TRUE(
        PutText(*engine, {.bucket = "photos", .key = "dog"}, "wau").ok());
  }

  void ExpectRefused(const EngineOptions& options, ErrorCode code) {
    const auto before = FilesBelow(folders_.root());
    EXPECT_EQ(OpenCode(options), code);
    EXPECT_EQ(FilesBelow(folders_.root()), before);
  }

  int Count(Engine& engine, DriveState state) {
    const auto info = engine.Info();
    EXPECT_TRUE(info.ok()) << info.status();
    if (!info.ok()) return -1;
    return static_cast<int>(std::count_if(
        info->drives.begin(), info->drives.end(),
        [&](const DriveInfo& drive) { return drive.state == state; }));
  }

  Folders folders_;
  const ObjectRef cat_{.bucket = "photos", .key = "cat"};
};

TEST_F(EngineOpeningTest, DrivesMayComeInAnyOrder) {
  ExpectServes(OptionsWith({2, 0, 3, 1}));
}

TEST_F(EngineOpeningTest, ADriveMayBeLeftOut) {
  ExpectServes(OptionsWith({0, 1, 3}));
}

TEST_F(EngineOpeningTest, FewerThanAQuorumAreRefused) {
  ExpectRefused(OptionsWith({0, 3}), ErrorCode::kQuorumLost);
}

TEST_F(EngineOpeningTest, APathThatLeadsNowhereIsAMissingDrive) {
  fs::remove_all(folders_[1]);
  const EnginePtr engine = OpenOrFail(options());
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(Count(*engine, DriveState::kServing), 3);
  EXPECT_EQ(Count(*engine, DriveState::kMissing), 1);
  EXPECT_EQ(GetText(*engine, cat_).value_or("nothing"), "miau");
}

TEST_F(EngineOpeningTest, ADriveWithoutAReadableIdentityIsAMissingDrive) {
  FlipAByte(folders_[2] + "/cairn.format", 30);
  const EnginePtr engine = OpenOrFail(options());
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(Count(*engine, DriveState::kMissing), 1);
  EXPECT_EQ(GetText(*engine, cat_).value_or("nothing"), "miau");
}

TEST_F(EngineOpeningTest, ADriveWithoutALogIsAMissingDrive) {
  fs::remove(folders_[2] + "/log");
  const EnginePtr engine = OpenOrFail(options());
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(Count(*engine, DriveState::kMissing), 1);
}

TEST_F(EngineOpeningTest, ADriveThatWasAwayServesAgain) {
  { ExpectServes(OptionsWith({0, 1, 3})); }
  const EnginePtr engine = OpenOrFail(options());
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(Count(*engine, DriveState::kServing), 4);
}

TEST_F(EngineOpeningTest, AFileIsNoDrive) {
  fs::remove_all(folders_[1]);
  std::ofstream(folders_[1]) << "text";
  ExpectRefused(options(), ErrorCode::kInvalidArgument);
}

TEST_F(EngineOpeningTest, AnotherGeometryIsRefused) {
  EngineOptions other = options();
  other.data = 3;
  other.parity = 1;
  ExpectRefused(other, ErrorCode::kInvalidGeometry);
  other.data = 2;
  other.parity = 2;
  ExpectServes(other);
}

TEST_F(EngineOpeningTest, ADriveOfAnotherDeploymentIsRefused) {
  Folders others(4);
  { ASSERT_NE(OpenOrFail(OptionsFor(others.paths())), nullptr); }
  EngineOptions mixed = options();
  mixed.drives[3] = others[3];
  ExpectRefused(mixed, ErrorCode::kWrongDeployment);
}

TEST_F(EngineOpeningTest, ACopyOfADriveIsRefused) {
  fs::remove_all(folders_[3]);
  fs::copy(folders_[0], folders_[3], fs::copy_options::recursive);
  ExpectRefused(options(), ErrorCode::kDuplicateDrive);
}

TEST_F(EngineOpeningTest, ADriveOfANewerFormatIsRefused) {
  format::DriveIdentity identity = IdentityOn(folders_[1]);
  identity.role = format::DriveRole::kWitness;
  const format::IdentityBlock block = format::Encode(identity);
  std::string bytes;
  for (const std::byte byte : block) bytes.push_back(static_cast<char>(byte));
  std::ofstream(folders_[1] + "/cairn.format", std::ios::binary) << bytes;
  ExpectRefused(options(), ErrorCode::kNewerFormat);
}

TEST_F(EngineOpeningTest, DrivesThatAreOpenAreRefused) {
  const EnginePtr engine = OpenOrFail(options());
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(OpenCode(options()), ErrorCode::kDriveInUse);
  EXPECT_EQ(OpenCode(OptionsWith({3})), ErrorCode::kDriveInUse);
  EXPECT_EQ(GetText(*engine, cat_).value_or("nothing"), "miau");
}

TEST_F(EngineOpeningTest, OneFolderByTwoNamesIsRefused) {
  fs::remove_all(folders_[1]);
  fs::create_directory_symlink(folders_[0], folders_[1]);
  ExpectRefused(options(), ErrorCode::kDriveInUse);
}

TEST_F(EngineOpeningTest, AnEmptyDriveAmongOthersIsRefused) {
  fs::remove_all(folders_[1]);
  fs::create_directory(folders_[1]);
  ExpectRefused(options(), ErrorCode::kForeignDrive);
  EngineOptions never = options();
  never.create = CreateMode::kNever;
  never.replace_missing = true;
  ExpectRefused(never, ErrorCode::kForeignDrive);
}

TEST_F(EngineOpeningTest, ADriveThatLostItsIdentityIsNotTakenForAnEmptyOne) {
  fs::remove(folders_[1] + "/cairn.format");
  EngineOptions replacing = options();
  replacing.replace_missing = true;
  ExpectRefused(replacing, ErrorCode::kForeignDrive);
  // Nor when all of them lost theirs.
  for (const std::string& path : folders_.paths()) {
    fs::remove(path + "/cairn.format");
  }
  ExpectRefused(options(), ErrorCode::kForeignDrive);
}

TEST_F(EngineOpeningTest, AnEngineForReadingWritesNothing) {
  EngineOptions reading = options();
  reading.read_only = true;
  const auto before = FilesBelow(folders_.root());
  {
    const EnginePtr engine = OpenOrFail(reading);
    ASSERT_NE(engine, nullptr);
    EXPECT_EQ(GetText(*engine, cat_).value_or("nothing"), "miau");
    EXPECT_EQ(CodeOf(PutText(*engine, cat_, "no")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(engine->CreateBucket("no-more")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(engine->DeleteBucket("photos")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(engine->Delete(cat_, {})), ErrorCode::kReadOnly);
    const auto info = engine->Info();
    ASSERT_TRUE(info.ok()) << info.status();
    EXPECT_TRUE(info->read_only);
    EXPECT_EQ(Count(*engine, DriveState::kServing), 4);
  }
  EXPECT_EQ(FilesBelow(folders_.root()), before);
}

// --- Empty drives.

TEST(FormattingTest, NothingIsFormattedThatShallNotBe) {
  const Folders folders(2);
  const auto before = FilesBelow(folders.root());
  EngineOptions never = OptionsFor(folders.paths());
  never.create = CreateMode::kNever;
  EXPECT_EQ(OpenCode(never), ErrorCode::kForeignDrive);
  EngineOptions reading = OptionsFor(folders.paths());
  reading.read_only = true;
  EXPECT_EQ(OpenCode(reading), ErrorCode::kForeignDrive);
  EXPECT_EQ(FilesBelow(folders.root()), before);
}

TEST(FormattingTest, ADriveThatIsMissingStopsIt) {
  const Folders folders(3);
  fs::remove(folders[1]);
  const auto before = FilesBelow(folders.root());
  EXPECT_EQ(OpenCode(OptionsFor(folders.paths())), ErrorCode::kDriveFailed);
  EXPECT_EQ(FilesBelow(folders.root()), before);
}

TEST(FormattingTest, FoldersThatHoldAnythingElseAreRefused) {
  for (const std::string name : {"notes.txt", "runs", "Photos", ".hidden"}) {
    const Folders folders(2);
    fs::create_directory(folders[1] + "/" + name);
    const auto before = FilesBelow(folders.root());
    EXPECT_EQ(OpenCode(OptionsFor(folders.paths())), ErrorCode::kForeignDrive)
        << name;
    EXPECT_EQ(FilesBelow(folders.root()), before);
  }
}

TEST(FormattingTest, WhatAFileSystemPutsThereIsNothing) {
  const Folders folders(2);
  fs::create_directory(folders[1] + "/lost+found");
  EXPECT_NE(OpenOrFail(OptionsFor(folders.paths())), nullptr);
}

// Every state in which a formatting can end, drive by drive.
class InterruptedFormattingTest : public testing::Test {
 protected:
  static constexpr int kCount = 4;

  enum class State { kBegun, kLogTorn, kLogWhole, kAllButIdentity, kFormatted };

  InterruptedFormattingTest()
      : folders_(kCount), identities_(Identities(2, 2)) {}

  void Leave(std::size_t drive, State state) {
    const std::string& path = folders_[drive];
    BeginToFormat(path);
    if (state == State::kBegun) return;
    Format(path, identities_[drive]);
    if (state == State::kFormatted) return;
    fs::rename(path + "/cairn.format", path + "/cairn.format.new");
    if (state == State::kAllButIdentity) return;
    fs::remove(path + "/cairn.format.new");
    fs::rename(path + "/catalogue", path + "/catalogue.new");
    if (state == State::kLogWhole) return;
    fs::resize_file(path + "/log", 4096);
    FlipAByte(path + "/log", 0);
  }

  void ExpectOpens() {
    for (int opening = 1; opening <= 2; ++opening) {
      const EnginePtr engine = OpenOrFail(OptionsFor(folders_.paths()));
      ASSERT_NE(engine, nullptr);
      const auto info = engine->Info();
      ASSERT_TRUE(info.ok());
      for (const DriveInfo& drive : info->drives) {
        EXPECT_EQ(drive.state, DriveState::kServing);
      }
      const absl::Status created = engine->CreateBucket("photos");
      EXPECT_EQ(created.ok(), opening == 1) << created;
    }
  }

  Folders folders_;
  std::vector<format::DriveIdentity> identities_;
};

TEST_F(InterruptedFormattingTest, IsBegunAgainWhereNoDriveWasFormatted) {
  Leave(0, State::kBegun);
  Leave(1, State::kLogTorn);
  Leave(2, State::kAllButIdentity);
  ExpectOpens();
}

TEST_F(InterruptedFormattingTest, IsFinishedWhereSomeWere) {
  Leave(0, State::kBegun);
  Leave(1, State::kFormatted);
  Leave(2, State::kLogWhole);
  Leave(3, State::kAllButIdentity);
  ExpectOpens();
}

TEST_F(InterruptedFormattingTest, IsFinishedWhereAllWere) {
  for (std::size_t i = 0; i < kCount; ++i) Leave(i, State::kFormatted);
  ExpectOpens();
}

TEST_F(InterruptedFormattingTest, IsNotGuessedWhereADriveIsMerelyEmpty) {
  for (std::size_t i = 0; i + 1 < kCount; ++i) Leave(i, State::kFormatted);
  const auto before = FilesBelow(folders_.root());
  EXPECT_EQ(OpenCode(OptionsFor(folders_.paths())), ErrorCode::kForeignDrive);
  EXPECT_EQ(FilesBelow(folders_.root()), before);
}

TEST_F(InterruptedFormattingTest, IsNotGuessedWhereTheSetWasOpened) {
  for (std::size_t i = 0; i < kCount; ++i) Leave(i, State::kFormatted);
  ExpectOpens();
  fs::remove_all(folders_[3]);
  fs::create_directory(folders_[3]);
  Leave(3, State::kLogWhole);
  EXPECT_EQ(OpenCode(OptionsFor(folders_.paths())), ErrorCode::kForeignDrive);
}

// --- Replacing.

class ReplacingTest : public EngineOpeningTest {
 protected:
  EngineOptions Replacing() const {
    EngineOptions replacing = options();
    replacing.replace_missing = true;
    return replacing;
  }

  // Keeps what the drive held for later.
  void Lose(std::size_t drive) {
    fs::rename(folders_[drive], Kept(drive));
    fs::create_directory(folders_[drive]);
  }
  std::string Kept(std::size_t drive) const { return folders_[drive] + ".old"; }
};

TEST_F(ReplacingTest, AnEmptyDriveTakesTheMissingOnesPlace) {
  Lose(1);
  {
    const EnginePtr engine = OpenOrFail(Replacing());
    ASSERT_NE(engine, nullptr);
    EXPECT_EQ(Count(*engine, DriveState::kServing), 4);
    EXPECT_EQ(GetText(*engine, cat_).value_or("nothing"), "miau");
  }
  // It counts: another may be missing now.
  ExpectServes(OptionsWith({0, 1, 3}));
  ExpectServes(options());
}

TEST_F(ReplacingTest, SeveralDrivesAreReplacedAtOnce) {
  Lose(1);
  Lose(3);
  {
    const EnginePtr engine = OpenOrFail(Replacing());
    ASSERT_NE(engine, nullptr);
    EXPECT_EQ(Count(*engine, DriveState::kServing), 4);
  }
  ExpectServes(options());
}

TEST_F(ReplacingTest, ADriveWhosePlaceWasTakenIsRefused) {
  Lose(1);
  { ASSERT_NE(OpenOrFail(Replacing()), nullptr); }
  for (const bool replaces : {false, true}) {
    EngineOptions with_old = options();
    with_old.drives[1] = Kept(1);
    with_old.replace_missing = replaces;
    ExpectRefused(with_old, ErrorCode::kForeignDrive);
  }
  EngineOptions with_both = options();
  with_both.drives.push_back(Kept(1));
  ExpectRefused(with_both, ErrorCode::kForeignDrive);
}

TEST_F(ReplacingTest, MoreEmptyDrivesThanPlacesAreRefused) {
  folders_.Add();
  ExpectRefused(Replacing(), ErrorCode::kForeignDrive);
  Lose(1);
  ExpectRefused(Replacing(), ErrorCode::kForeignDrive);
}

TEST_F(ReplacingTest, TooFewDrivesReplaceNone) {
  Lose(0);
  Lose(1);
  Lose(2);
  ExpectRefused(Replacing(), ErrorCode::kQuorumLost);
}

TEST_F(ReplacingTest, ADriveThatWasFormattedForAPlaceGetsItLater) {
  const auto random = *base::SystemRandom::Create();
  const format::DriveIdentity spare =
      set::ReplacementIdentity(IdentityOn(folders_[0]), 1, *random);
  Lose(1);
  Format(folders_[1], spare);
  ExpectRefused(options(), ErrorCode::kForeignDrive);
  {
    const EnginePtr engine = OpenOrFail(Replacing());
    ASSERT_NE(engine, nullptr);
    EXPECT_EQ(Count(*engine, DriveState::kServing), 4);
  }
  ExpectServes(options());
}

}  // namespace
}  // namespace cairn::engine
