// Files that are damaged in every way a drive has: bits flip, ranges are zero,
// old contents come back, writes went elsewhere, ends are missing, files are
// gone; before the set is opened and while it is open. One damaged drive
// changes no answer; of two, an answer may be refused, but none is wrong.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/blob_history.h"
#include "support/figures.h"
#include "support/set_history.h"
#include "support/sim_blobs.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr set::Geometry kGeometry{.data = 4, .parity = 2};

enum class Damage { kFlip, kZero, kRevert, kMisdirect, kTruncate, kRemove };
constexpr std::array kDamages = {Damage::kFlip,     Damage::kZero,
                                 Damage::kRevert,   Damage::kMisdirect,
                                 Damage::kTruncate, Damage::kRemove};
constexpr std::array<std::string_view, kDamages.size()> kNames = {
    "flip", "zero", "revert", "misdirect", "truncate", "remove"};

// The part of a drive that a path belongs to.
std::string KindOf(std::string_view path) {
  return std::string(path.substr(0, path.find('/')));
}

class DamageTest : public testing::Test {
 protected:
  void SetUp() override;

  void DamageDrive(SetImage& image, std::size_t drive);
  void DamageFile(SimMedia& media, const SimMedia& older,
                  const std::string& path);
  void Overwrite(FileImage& file, const std::vector<std::byte>& bytes);
  absl::Status Check(SimProcess& process) const;
  void CheckOneDrive();
  void CheckTwoDrives();

  SeededRandom random_{TestSeed(1)};
  SetImage older_;  // some rounds ago
  SetImage image_;
  SetHistory history_;
  BlobHistory blobs_;
  std::map<std::string, std::map<Damage, std::uint64_t>> counts_;
  bool is_open_ = false;
  std::uint64_t refused_ = 0;
};

// Leaves something in the log, in runs and packs, and in files of large blobs.
void DamageTest::SetUp() {
  InOrder order;
  image_ = FormatImage(kGeometry, 5);
  SimProcess process(image_, order, {});
  ASSERT_TRUE(process.Open().ok());
  ASSERT_EQ(process.Run(blobs_.Live(process.set())), absl::OkStatus());
  for (int round = 0; round < 6; ++round) {
    ASSERT_EQ(history_.AddRound(process), absl::OkStatus());
    if (round % 2 == 0) {
      ASSERT_EQ(process.Run(process.set().Checkpoint()), absl::OkStatus());
    }
    if (round == 3) older_ = image_;
  }
  ASSERT_EQ(process.Run(process.set().Close()), absl::OkStatus());
}

void DamageTest::Overwrite(FileImage& file,
                           const std::vector<std::byte>& bytes) {
  const std::uint64_t offset = random_.Choose(file.size());
  const auto size = std::min<std::uint64_t>(bytes.size(), file.size() - offset);
  file.Overwrite(offset, base::Bytes(bytes).first(size));
}

void DamageTest::DamageFile(SimMedia& media, const SimMedia& older,
                            const std::string& path) {
  FileImage& file = media.files[path];
  Damage damage = kDamages[random_.Choose(kDamages.size())];
  const auto old = older.files.find(path);
  // The simulated drive does not write to a file that was cut off or removed
  // while it was open, as a real one does.
  const bool shrinks = damage == Damage::kTruncate || damage == Damage::kRemove;
  if ((damage == Damage::kRevert && old == older.files.end()) ||
      (shrinks && is_open_ && path == set::kLogPath)) {
    damage = Damage::kFlip;
  }
  ++counts_[KindOf(path)][damage];
  std::vector<std::byte> bytes(512 << random_.Choose(6));
  switch (damage) {
    case Damage::kFlip:
      file.Flip(random_.Choose(file.size()),
                static_cast<int>(random_.Choose(8)));
      break;
    case Damage::kZero:
      Overwrite(file, bytes);
      break;
    case Damage::kRevert:
      file = old->second;
      break;
    case Damage::kMisdirect:
      file.Read(random_.Choose(file.size()), bytes);
      Overwrite(file, bytes);
      break;
    case Damage::kTruncate:
      file.Truncate(random_.Choose(file.size()));
      break;
    case Damage::kRemove:
      media.files.erase(path);
      break;
  }
}

// A part of the drive, then a file of it: each part is damaged as often,
// however many files it has.
void DamageTest::DamageDrive(SetImage& image, std::size_t drive) {
  SimMedia& media = image.drives[drive];
  std::map<std::string, std::vector<std::string>> kinds;
  for (const auto& [path, file] : media.files) {
    if (file.size() > 0) kinds[KindOf(path)].push_back(path);
  }
  const auto& [kind, paths] = *std::next(
      kinds.begin(), static_cast<std::ptrdiff_t>(random_.Choose(kinds.size())));
  const std::string path = paths[random_.Choose(paths.size())];
  DamageFile(media, older_.drives[drive], path);
}

absl::Status DamageTest::Check(SimProcess& process) const {
  const absl::Status small = history_.Check(process);
  return small.ok() ? blobs_.Check(process) : small;
}

void DamageTest::CheckOneDrive() {
  SetImage image = image_;
  const std::size_t drive = random_.Choose(image.drives.size());
  is_open_ = false;
  const bool is_while_open = random_.OneIn(2);
  if (!is_while_open) DamageDrive(image, drive);
  InOrder order;
  SimProcess process(image, order, {.seed = random_.Next()});
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  process.set().StartCare();
  is_open_ = true;
  if (is_while_open) DamageDrive(image, drive);
  EXPECT_EQ(Check(process), absl::OkStatus());
  ASSERT_TRUE(process.Run(process.set().Close()).has_value());
  EXPECT_EQ(Check(process), absl::OkStatus());
}

// Several files of two drives.
void DamageTest::CheckTwoDrives() {
  SetImage image = image_;
  is_open_ = false;
  const std::size_t first = random_.Choose(image.drives.size());
  const std::size_t second = random_.Choose(image.drives.size());
  for (int i = 0; i < 3; ++i) {
    DamageDrive(image, first);
    DamageDrive(image, second);
  }
  InOrder order;
  SimProcess process(image, order, {.seed = random_.Next()});
  const absl::Status opened = process.Open();
  const absl::Status status = opened.ok() ? Check(process) : opened;
  if (status.ok()) return;
  ++refused_;
  // An answer that is wrong is kInternal here.
  const ErrorCode code = CodeOf(status);
  EXPECT_TRUE(code == ErrorCode::kQuorumLost || code == ErrorCode::kUndecided ||
              code == ErrorCode::kUnavailable ||
              code == ErrorCode::kForeignDrive ||
              code == ErrorCode::kUnrecoverable)
      << status;
}

TEST_F(DamageTest, NoAnswerIsWrong) {
  const std::uint64_t rounds = TestIterations(12'000);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    SCOPED_TRACE(testing::Message() << "round " << i);
    CheckOneDrive();
    CheckTwoDrives();
    if (HasFailure()) return;
  }
  std::uint64_t total = 0;
  for (const auto& [kind, damages] : counts_) {
    std::cout << fmt::format("{:>14}", kind);
    EXPECT_TRUE(rounds < 1000 || damages.size() == kDamages.size()) << kind;
    for (std::size_t i = 0; i < kDamages.size(); ++i) {
      const auto found = damages.find(kDamages[i]);
      const std::uint64_t count = found == damages.end() ? 0 : found->second;
      total += count;
      std::cout << fmt::format("  {} {}", kNames[i], count);
    }
    std::cout << "\n";
  }
  std::cout << "refused " << refused_ << " of " << rounds << "\n";
  AddFigure("damages", total);
}

}  // namespace
}  // namespace cairn::support
