// The cases of DriveSuite, in the order of drive.h.

#include "conformance/drive_suite.h"

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"

#include "base/bytes.h"

namespace cairn::conformance {
namespace {

using base::AlignedBuffer;
using base::kDirectAlignment;

// Bytes that tell by themselves where in which file they belong.
AlignedBuffer Pattern(std::size_t size, std::uint64_t offset, unsigned seed) {
  AlignedBuffer buffer(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint64_t at = offset + i;
    buffer.bytes()[i] =
        static_cast<std::byte>((at * 31 + at / kDirectAlignment + seed) & 0xff);
  }
  return buffer;
}

bool Equal(const AlignedBuffer& a, const AlignedBuffer& b) {
  return a.size() == b.size() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.size()) == 0;
}

TEST_P(DriveSuite, ANewFileIsEmptyAndStaysThere) {
  ASSERT_TRUE(Create("a-file_1.x").ok());
  const OpenedFile opened = Open("a-file_1.x");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->size(), 0u);
}

TEST_P(DriveSuite, CreateMakesTheDirectoriesOnItsPath) {
  ASSERT_TRUE(Create("blobs/00/x").ok());
  ASSERT_TRUE(Create("blobs/01/x").ok());
  ASSERT_TRUE(Create("blobs/01/y").ok());
  EXPECT_TRUE(Open("blobs/01/x").ok());
  EXPECT_TRUE(absl::IsNotFound(Open("blobs/02/x").status()));
}

TEST_P(DriveSuite, CreateRefusesAFileThatExists) {
  ASSERT_TRUE(Create("runs/1").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Create("runs/1").status()));
}

TEST_P(DriveSuite, AnAbsentFileIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(Open("absent").status()));
  EXPECT_TRUE(absl::IsNotFound(Open("no/such/file").status()));
  EXPECT_TRUE(absl::IsNotFound(Remove("absent")));
  EXPECT_TRUE(absl::IsNotFound(Remove("no/file")));
  EXPECT_TRUE(absl::IsNotFound(Rename("absent", "other")));
  EXPECT_TRUE(absl::IsNotFound(Rename("no/file", "other")));
  EXPECT_TRUE(absl::IsNotFound(Open("other").status()));
}

TEST_P(DriveSuite, WhatWasWrittenReadsBackAlsoAfterReopening) {
  const AlignedBuffer first = Pattern(3 * kDirectAlignment, 0, 1);
  const AlignedBuffer second = Pattern(1 << 20, 3 * kDirectAlignment, 1);
  {
    const OpenedFile file = Create("data");
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(Await(drive::Write(**file, 0, first.bytes())).ok());
    EXPECT_EQ((*file)->size(), first.size());
    ASSERT_TRUE(Await(drive::Write(**file, first.size(), second.bytes())).ok());
    ASSERT_TRUE(Await(drive::Sync(**file)).ok());
  }
  const OpenedFile file = Open("data");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), first.size() + second.size());
  AlignedBuffer all(first.size() + second.size());
  ASSERT_TRUE(Await(drive::Read(**file, 0, all.bytes())).ok());
  EXPECT_TRUE(Equal(all, Pattern(all.size(), 0, 1)));
  AlignedBuffer middle(2 * kDirectAlignment);
  ASSERT_TRUE(
      Await(drive::Read(**file, 2 * kDirectAlignment, middle.bytes())).ok());
  EXPECT_TRUE(Equal(middle, Pattern(middle.size(), 2 * kDirectAlignment, 1)));
}

TEST_P(DriveSuite, AWriteBeyondTheEndLeavesZeroesBetween) {
  const OpenedFile file = Create("sparse");
  ASSERT_TRUE(file.ok());
  const AlignedBuffer bytes = Pattern(kDirectAlignment, 0, 1);
  ASSERT_TRUE(
      Await(drive::Write(**file, 2 * kDirectAlignment, bytes.bytes())).ok());
  EXPECT_EQ((*file)->size(), 3 * kDirectAlignment);
  AlignedBuffer hole(2 * kDirectAlignment);
  ASSERT_TRUE(Await(drive::Read(**file, 0, hole.bytes())).ok());
  EXPECT_TRUE(std::ranges::all_of(
      hole.bytes(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_P(DriveSuite, AReadThatReachesBeyondTheEndFails) {
  const OpenedFile file = Create("short");
  ASSERT_TRUE(file.ok());
  AlignedBuffer into(2 * kDirectAlignment);
  EXPECT_TRUE(absl::IsOutOfRange(Await(drive::Read(**file, 0, into.bytes()))));
  const AlignedBuffer bytes = Pattern(kDirectAlignment, 0, 1);
  ASSERT_TRUE(Await(drive::Write(**file, 0, bytes.bytes())).ok());
  for (const std::uint64_t block : {0, 1, 100}) {
    EXPECT_TRUE(absl::IsOutOfRange(
        Await(drive::Read(**file, block * kDirectAlignment, into.bytes()))));
  }
}

TEST_P(DriveSuite, WriteSyncedReplacesBytesAndNothingElse) {
  const OpenedFile file = Create("log");
  ASSERT_TRUE(file.ok());
  const AlignedBuffer whole = Pattern(16 * kDirectAlignment, 0, 1);
  ASSERT_TRUE(Await(drive::Write(**file, 0, whole.bytes())).ok());
  ASSERT_TRUE(Await(drive::Sync(**file)).ok());
  const std::uint64_t offset = 5 * kDirectAlignment;
  const AlignedBuffer frame = Pattern(2 * kDirectAlignment, offset, 7);
  ASSERT_TRUE(Await(drive::WriteSynced(**file, offset, frame.bytes())).ok());
  EXPECT_EQ((*file)->size(), whole.size());
  AlignedBuffer expected = Pattern(whole.size(), 0, 1);
  std::ranges::copy(frame.bytes(), expected.bytes().subspan(offset).begin());
  AlignedBuffer read(whole.size());
  ASSERT_TRUE(Await(drive::Read(**file, 0, read.bytes())).ok());
  EXPECT_TRUE(Equal(read, expected));
}

TEST_P(DriveSuite, TheSecondPartOfAWriteStandsBehindTheFirst) {
  const OpenedFile file = Create("parts");
  ASSERT_TRUE(file.ok());
  const AlignedBuffer whole = Pattern(8 * kDirectAlignment, 0, 1);
  for (std::size_t i = 0; i <= 8; ++i) {
    const base::Bytes first = whole.bytes().first(i * kDirectAlignment);
    const base::Bytes second = whole.bytes().subspan(first.size());
    const std::uint64_t offset = i * whole.size();
    ASSERT_TRUE(Await(drive::Write(**file, offset, first, second)).ok());
    EXPECT_EQ((*file)->size(), offset + whole.size());
    AlignedBuffer read(whole.size());
    ASSERT_TRUE(Await(drive::Read(**file, offset, read.bytes())).ok());
    EXPECT_TRUE(Equal(read, whole)) << i;
  }
}

TEST_P(DriveSuite, AFileHasTheSizeThatItIsMadeWith) {
  const OpenedFile file = Create("sized", 16 * kDirectAlignment);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), 16 * kDirectAlignment);
  const AlignedBuffer bytes = Pattern(kDirectAlignment, 0, 1);
  ASSERT_TRUE(
      Await(drive::Write(**file, 7 * kDirectAlignment, bytes.bytes())).ok());
  ASSERT_TRUE(Await(drive::Sync(**file)).ok());
  AlignedBuffer expected(16 * kDirectAlignment);
  std::ranges::fill(expected.bytes(), std::byte{0});
  std::ranges::copy(bytes.bytes(),
                    expected.bytes().subspan(7 * kDirectAlignment).begin());
  const OpenedFile again = Open("sized");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->size(), expected.size());
  AlignedBuffer read(expected.size());
  ASSERT_TRUE(Await(drive::Read(**again, 0, read.bytes())).ok());
  EXPECT_TRUE(Equal(read, expected));
}

// The file system of the test has holes, so that what was punched is zeros.
TEST_P(DriveSuite, APunchTakesItsBytesAndNothingElse) {
  const OpenedFile file = Create("punched");
  ASSERT_TRUE(file.ok());
  const AlignedBuffer whole = Pattern(16 * kDirectAlignment, 0, 1);
  ASSERT_TRUE(Await(drive::Write(**file, 0, whole.bytes())).ok());
  const std::uint64_t offset = 5 * kDirectAlignment;
  const std::size_t size = 2 * kDirectAlignment;
  ASSERT_TRUE(Await(drive::Punch(**file, offset, size)).ok());
  AlignedBuffer expected = Pattern(whole.size(), 0, 1);
  std::ranges::fill(expected.bytes().subspan(offset, size), std::byte{0});
  AlignedBuffer read(whole.size());
  ASSERT_TRUE(Await(drive::Read(**file, 0, read.bytes())).ok());
  EXPECT_TRUE(Equal(read, expected));
}

TEST_P(DriveSuite, APunchBeyondTheEndLeavesTheSize) {
  const OpenedFile file = Create("punched");
  ASSERT_TRUE(file.ok());
  const AlignedBuffer bytes = Pattern(2 * kDirectAlignment, 0, 1);
  ASSERT_TRUE(Await(drive::Write(**file, 0, bytes.bytes())).ok());
  ASSERT_TRUE(Await(drive::Punch(**file, kDirectAlignment, 1 << 20)).ok());
  ASSERT_TRUE(Await(drive::Punch(**file, 1 << 20, 1 << 20)).ok());
  EXPECT_EQ((*file)->size(), bytes.size());
  AlignedBuffer read(kDirectAlignment);
  ASSERT_TRUE(Await(drive::Read(**file, 0, read.bytes())).ok());
  EXPECT_TRUE(Equal(read, Pattern(kDirectAlignment, 0, 1)));
}

TEST_P(DriveSuite, EmptyReadsAndWritesSucceed) {
  const OpenedFile file = Create("empty");
  ASSERT_TRUE(file.ok());
  AlignedBuffer nothing(0);
  EXPECT_TRUE(Await(drive::Write(**file, 0, nothing.bytes())).ok());
  EXPECT_TRUE(Await(drive::Read(**file, 0, nothing.bytes())).ok());
  EXPECT_TRUE(Await(drive::WriteSynced(**file, 0, nothing.bytes())).ok());
  EXPECT_EQ((*file)->size(), 0u);
}

TEST_P(DriveSuite, RenameReplacesAFile) {
  const AlignedBuffer bytes = Pattern(kDirectAlignment, 0, 3);
  {
    const OpenedFile file = Create("new");
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(Await(drive::Write(**file, 0, bytes.bytes())).ok());
    ASSERT_TRUE(Create("packs/old").ok());
  }
  ASSERT_TRUE(Rename("new", "packs/old").ok());
  EXPECT_TRUE(absl::IsNotFound(Open("new").status()));
  const OpenedFile file = Open("packs/old");
  ASSERT_TRUE(file.ok());
  ASSERT_EQ((*file)->size(), bytes.size());
  AlignedBuffer read(bytes.size());
  ASSERT_TRUE(Await(drive::Read(**file, 0, read.bytes())).ok());
  EXPECT_TRUE(Equal(read, bytes));
}

TEST_P(DriveSuite, RenameMakesTheDirectoryItMovesTo) {
  ASSERT_TRUE(Create("here/x").ok());
  ASSERT_TRUE(Rename("here/x", "there/y").ok());
  EXPECT_TRUE(Open("there/y").ok());
  EXPECT_TRUE(absl::IsNotFound(Open("here/x").status()));
}

TEST_P(DriveSuite, ARemovedFileIsGone) {
  ASSERT_TRUE(Create("runs/1").ok());
  ASSERT_TRUE(Remove("runs/1").ok());
  EXPECT_TRUE(absl::IsNotFound(Open("runs/1").status()));
  EXPECT_TRUE(Create("runs/1").ok());
}

TEST_P(DriveSuite, ListGivesSortedNamesAndMarksDirectories) {
  for (const char* path : {"b", "a", "runs/2", "runs/10", "blobs/ab/x"}) {
    ASSERT_TRUE(Create(path).ok()) << path;
  }
  using Expected = std::vector<std::string>;
  EXPECT_EQ(*List(""), (Expected{"a", "b", "blobs/", "runs/"}));
  EXPECT_EQ(*List("runs"), (Expected{"10", "2"}));
  EXPECT_EQ(*List("blobs"), (Expected{"ab/"}));
  EXPECT_EQ(*List("blobs/ab"), (Expected{"x"}));
  EXPECT_EQ(*List("absent"), Expected());
  EXPECT_EQ(*List("absent/below"), Expected());
}

TEST_P(DriveSuite, AnEmptyDriveListsNothing) {
  EXPECT_EQ(*List(""), std::vector<std::string>());
}

TEST_P(DriveSuite, SpaceIsKnown) {
  const absl::StatusOr<drive::Space> space = GetSpace();
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_GT(space->bytes_total, 0u);
  EXPECT_LE(space->bytes_free, space->bytes_total);
  EXPECT_FALSE(drive().name().empty());
}

TEST_P(DriveSuite, AFileIsReplacedAsAWhole) {
  for (unsigned seed = 0; seed < 3; ++seed) {
    const AlignedBuffer bytes = Pattern((seed + 1) * kDirectAlignment, 0, seed);
    ASSERT_TRUE(
        Await(drive::ReplaceFile(drive(), "catalogue", bytes.bytes())).ok());
    const auto read = Await(drive::ReadFile(drive(), "catalogue", 1 << 20));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(Equal(*read, bytes));
  }
}

// Writes, then reads back, `buffers` at the same time. Whether every call
// completed once, after it had returned, without an error.
base::Task<bool> TransferAll(drive::File& file,
                             std::vector<AlignedBuffer>& buffers, bool writes) {
  std::vector<base::Task<absl::Status>> transfers;
  static constexpr auto kOne = [](drive::File& to, AlignedBuffer& buffer,
                                  std::uint64_t offset,
                                  bool is_write) -> base::Task<absl::Status> {
    bool has_returned = false;
    base::Callback<absl::Status> call([&](drive::Done done) {
      drive::Done end = [&has_returned,
                         done = std::move(done)](absl::Status status) mutable {
        if (!has_returned) status = absl::InternalError("before it returned");
        std::move(done)(std::move(status));
      };
      if (is_write) {
        to.Write(offset, {.first = buffer.bytes()}, std::move(end));
      } else {
        to.Read(offset, buffer.bytes(), std::move(end));
      }
      has_returned = true;
    });
    absl::Status status = co_await call;
    co_return status;
  };
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    transfers.push_back(kOne(file, buffers[i], i * kDirectAlignment, writes));
  }
  base::Task<std::vector<absl::Status>> all = base::All(std::move(transfers));
  const std::vector<absl::Status> results = co_await all;
  co_return std::ranges::all_of(
      results, [](const absl::Status& status) { return status.ok(); });
}

// More than any queue on the way holds.
TEST_P(DriveSuite, ThousandsOfRequestsMayBeInFlight) {
  constexpr std::size_t kCount = 5000;
  const OpenedFile file = Create("busy");
  ASSERT_TRUE(file.ok());
  std::vector<AlignedBuffer> written;
  std::vector<AlignedBuffer> read;
  for (std::size_t i = 0; i < kCount; ++i) {
    written.push_back(Pattern(kDirectAlignment, i * kDirectAlignment, 5));
    read.emplace_back(kDirectAlignment);
  }
  EXPECT_TRUE(Await(TransferAll(**file, written, /*writes=*/true)));
  EXPECT_TRUE(Await(TransferAll(**file, read, /*writes=*/false)));
  EXPECT_TRUE(std::ranges::equal(read, written, Equal));
  EXPECT_EQ((*file)->size(), kCount * kDirectAlignment);
}

TEST_P(DriveSuite, AFileMayBeDestroyedByItsLastCompletion) {
  OpenedFile file = Create("ends");
  ASSERT_TRUE(file.ok());
  const AlignedBuffer bytes = Pattern(kDirectAlignment, 0, 1);
  std::unique_ptr<drive::File> owned = *std::move(file);
  const absl::Status written =
      Await(base::Callback<absl::Status>([&owned, &bytes](drive::Done done) {
        drive::File& raw = *owned;
        raw.Write(
            0, {.first = bytes.bytes()},
            [&owned, done = std::move(done)](absl::Status status) mutable {
              owned.reset();
              std::move(done)(std::move(status));
            });
      }));
  EXPECT_TRUE(written.ok()) << written;
  EXPECT_TRUE(Open("ends").ok());
}

TEST_P(DriveSuite, WhatTheContractForbidsIsNoticed) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  OpenedFile file = Create("x");
  ASSERT_TRUE(file.ok());
  AlignedBuffer two(2 * kDirectAlignment);
  const base::MutableBytes block = two.bytes().first(kDirectAlignment);
  const auto ignore = [](const auto&) {};
  EXPECT_DEATH(drive().Create("../x", 0, ignore), "IsValidPath");
  EXPECT_DEATH(drive().Open("lock", ignore), "IsValidPath");
  EXPECT_DEATH(drive().Rename("x", "a/b/c/d", ignore), "IsValidPath");
  EXPECT_DEATH(drive().Remove("X", ignore), "IsValidPath");
  EXPECT_DEATH(drive().List(".", ignore), "IsValidPath");
  EXPECT_DEATH((*file)->Read(1, block, ignore), "offset");
  EXPECT_DEATH((*file)->Write(0, {.first = block.first(512)}, ignore), "size");
  EXPECT_DEATH(
      (*file)->Read(0, two.bytes().subspan(512, kDirectAlignment), ignore),
      "data");
  EXPECT_DEATH((*file)->WriteSynced(0, block, ignore), "size");
}

}  // namespace
}  // namespace cairn::conformance
