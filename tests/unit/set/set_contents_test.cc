// A drive that lacks the files of a catalogue gets them from its peers: runs
// by copying, packs by decoding, never from a damaged copy.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "drive/file_task.h"
#include "erasure/codec.h"
#include "format/pack.h"
#include "set/pack_tile.h"
#include "set/set_contents.h"
#include "set/set_file.h"
#include "support/sim_drive.h"

namespace cairn::set {
namespace {

constexpr erasure::Geometry kGeometry{.data_shards = 2, .parity_shards = 1};
const base::Uuid kDeployment{.high = 1, .low = 2};

class SetContentsTest : public testing::Test {
 protected:
  SetContentsTest()
      : codec_(*erasure::Codec::Create(kGeometry)), loop_(order_) {
    for (support::SimMedia& media : media_) {
      drives_.push_back(std::make_unique<support::SimDrive>(
          support::SimDriveOptions{.media = &media, .loop = &loop_}));
    }
    WriteRun();
    WritePack();
  }

  std::vector<SetFileTarget> AllDrives() {
    std::vector<SetFileTarget> targets;
    for (int i = 0; i < 3; ++i) {
      targets.push_back(
          {.position = i, .drive = drives_[static_cast<std::size_t>(i)].get()});
    }
    return targets;
  }

  void Write(const std::string& path,
             std::vector<std::vector<SharedBuffer>> rounds) {
    static constexpr auto kWrite =
        [](const WriteContext* context, std::vector<SetFileTarget> targets,
           std::string name,
           std::vector<std::vector<SharedBuffer>> parts) -> base::Task<> {
      SetFile file(*context, std::move(targets), std::move(name));
      co_await file.Create();
      for (std::vector<SharedBuffer>& part : parts) {
        co_await file.Append(std::move(part));
      }
      co_await file.Seal();
      EXPECT_TRUE(file.status().ok());
    };
    scope_.Spawn(kWrite(&write_, AllDrives(), path, std::move(rounds)));
    loop_.RunAll();
  }

  SharedBuffer RandomPiece(std::size_t size) {
    auto piece = std::make_shared<base::AlignedBuffer>(size);
    for (std::byte& byte : piece->bytes()) {
      byte = static_cast<std::byte>(random_.Next());
    }
    return piece;
  }

  void WriteRun() {
    // Not a whole number of pieces.
    const std::size_t size = PieceDigest::kPieceSize + 3 * 4096;
    const SharedBuffer first = RandomPiece(PieceDigest::kPieceSize);
    const SharedBuffer rest = RandomPiece(size - PieceDigest::kPieceSize);
    PieceDigest digest;
    digest.Append(first->bytes());
    digest.Append(rest->bytes());
    const format::RunFile run{.id = 7, .size = size, .digest = digest.Finish()};
    Write(RunPath(run), {{first, first, first}, {rest, rest, rest}});
    catalogue_.runs.push_back(run);
  }

  void WritePack() {
    PackTile tile(kGeometry.data_shards);
    const std::vector<std::byte> bytes(5000, std::byte{0x33});
    for (int i = 0; i < 30; ++i) {
      tile.Add({.key = "key", .size = bytes.size()}, bytes);
    }
    auto columns = tile.Seal(codec_, {.deployment = kDeployment, .pack = 8},
                             PackTile::Columns::kShort);
    std::vector<SharedBuffer> pieces;
    for (base::AlignedBuffer& column : columns) {
      pieces.push_back(
          std::make_shared<const base::AlignedBuffer>(std::move(column)));
    }
    const std::uint64_t size = pieces[0]->size();
    Write(PackPath(8), {pieces});
    catalogue_.packs.push_back({.id = 8, .size = size, .tile_count = 1});
  }

  absl::Status Fill(int position) {
    FillRequest request{
        .codec = codec_, .write = write_, .deployment = kDeployment};
    for (int i = 0; i < 3; ++i) {
      const ContentsPeer peer{
          .position = i, .drive = drives_[static_cast<std::size_t>(i)].get()};
      if (i == position) {
        request.to = peer;
      } else {
        request.peers.push_back(peer);
      }
    }
    std::optional<absl::Status> result;
    static constexpr auto kFill =
        [](FillRequest order, format::Catalogue catalogue,
           std::optional<absl::Status>& into) -> base::Task<> {
      base::Task<absl::Status> runs = FillRuns(order, catalogue.runs);
      absl::Status filled = co_await runs;
      for (const format::PackFile& file : catalogue.packs) {
        if (!filled.ok()) break;
        base::Task<absl::StatusOr<bool>> pack = FillPack(order, file);
        const absl::StatusOr<bool> is_new = co_await pack;
        filled = is_new.status();
      }
      into = filled;
    };
    scope_.Spawn(kFill(std::move(request), catalogue_, result));
    loop_.RunAll();
    return result.value_or(absl::InternalError("did not end"));
  }

  std::vector<std::byte> Contents(int drive, const std::string& path) {
    const auto& files = media_[drive].files;
    const auto found = files.find(path);
    if (found == files.end()) return {};
    std::vector<std::byte> bytes(found->second.size());
    found->second.Read(0, bytes);
    return bytes;
  }

  support::InOrder order_;
  erasure::Codec codec_;
  support::SimLoop loop_;
  support::SeededRandom random_{5};
  base::TaskScope requests_;
  WriteContext write_{.executor = loop_, .requests = requests_};
  support::SimMedia media_[3];
  std::vector<std::unique_ptr<support::SimDrive>> drives_;
  format::Catalogue catalogue_;
  base::TaskScope scope_;
};

TEST_F(SetContentsTest, AnEmptyDriveGetsEveryFileByteForByte) {
  const std::string run = RunPath(catalogue_.runs[0]);
  for (int drive = 0; drive < 3; ++drive) {
    SCOPED_TRACE(drive);
    const auto run_before = Contents(drive, run);
    const auto pack_before = Contents(drive, PackPath(8));
    media_[drive].files.clear();
    const absl::Status filled = Fill(drive);
    ASSERT_TRUE(filled.ok()) << filled;
    EXPECT_EQ(Contents(drive, run), run_before);
    EXPECT_EQ(Contents(drive, PackPath(8)), pack_before);
    EXPECT_FALSE(media_[drive].files.at(run).has_unsynced());
    EXPECT_FALSE(media_[drive].files.at(PackPath(8)).has_unsynced());
  }
}

TEST_F(SetContentsTest, ADamagedCopyOfARunIsNotSpread) {
  const std::string run = RunPath(catalogue_.runs[0]);
  const auto good = Contents(2, run);
  media_[0].files.clear();
  media_[1].files.at(run).Flip(100, 3);
  ASSERT_TRUE(Fill(0).ok());
  EXPECT_EQ(Contents(0, run), good);
}

TEST_F(SetContentsTest, WithoutAWholeCopyOfARunThereIsAnError) {
  const std::string run = RunPath(catalogue_.runs[0]);
  media_[0].files.clear();
  media_[1].files.at(run).Flip(100, 3);
  media_[2].files.at(run).Truncate(4096);
  EXPECT_EQ(CodeOf(Fill(0)), ErrorCode::kUnrecoverable);
}

TEST_F(SetContentsTest, APackThatTooFewHaveIsAnErrorAndNotWritten) {
  media_[0].files.clear();
  media_[1].files.at(PackPath(8)).Flip(50, 0);
  EXPECT_EQ(CodeOf(Fill(0)), ErrorCode::kUnrecoverable);
  EXPECT_TRUE(Contents(0, PackPath(8)).empty());
}

}  // namespace
}  // namespace cairn::set
