// What stands where a frame could be: a frame that was written whole counts,
// one that was not is absent, and rot is neither.

#include "set/slot.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "erasure/codec.h"
#include "format/frame_metadata.h"
#include "format/sector.h"
#include "set/drive_log.h"
#include "set/frame.h"

namespace cairn::set {
namespace {

constexpr std::size_t kSectors = 8;  // of one block of 4096 bytes

class SlotTest : public testing::Test {
 protected:
  SlotTest() {
    drive_.deployment = {.high = 1, .low = 2};
    drive_.drive = {.high = 3, .low = 4};
    drive_.data_shards = 1;
    drive_.log_size = kLogSizeMin;
    slot_ = {.sequence = 9,
             .offset = 8 * format::kFrameAlignment,
             .predecessor = {.high = 5, .low = 6},
             .older = {.epoch = 1, .sequence = 8}};
    frame_.header.kind = format::FrameKind::kCommit;
    frame_.header.deployment = drive_.deployment;
    frame_.header.epoch = 2;
    frame_.header.sequence = slot_.sequence;
    frame_.header.offset = slot_.offset;
    frame_.header.predecessor = slot_.predecessor;
    const auto codec =
        *erasure::Codec::Create({.data_shards = 1, .parity_shards = 0});
    const std::vector<std::byte> blob(2000, std::byte{0x77});
    frame_.stripes = {EncodeStripe(codec, {.epoch = 2}, blob)};
    format::CommitMetadata metadata;
    metadata.stripes = {frame_.stripes[0]->stripe};
    metadata.mutations = {{.key = "key", .entry = "entry"}};
    frame_.metadata = format::Encode(metadata);
    frame_.Seal(1);
    whole_ = Copy(Render(frame_, drive_, 0));
    older_ = OlderLap();
  }

  static std::vector<std::byte> Copy(const base::AlignedBuffer& buffer) {
    return {buffer.bytes().begin(), buffer.bytes().end()};
  }

  // The sectors of a frame that stood there a lap before.
  std::vector<std::byte> OlderLap() const {
    std::vector<std::byte> sectors(whole_.size(), std::byte{0x11});
    const Ring ring(drive_.log_size);
    for (std::size_t at = 0; at < sectors.size(); at += format::kSectorSize) {
      format::PutStamp(
          base::MutableBytes(sectors).subspan(at, format::kSectorSize),
          {.epoch = 1, .sequence = 3},
          {.log = format::LogTag(drive_.drive),
           .offset = ring.FileOffset(slot_.offset) + at});
    }
    return sectors;
  }

  CopyState StateOf(const std::vector<std::byte>& sectors) const {
    return Judge(sectors, slot_, drive_).state;
  }

  format::DriveIdentity drive_;
  Slot slot_;
  Frame frame_;
  std::vector<std::byte> whole_;
  std::vector<std::byte> older_;
};

TEST_F(SlotTest, AWholeFrameCounts) {
  ASSERT_EQ(whole_.size(), kSectors * format::kSectorSize);
  const set::Copy copy = Judge(whole_, slot_, drive_);
  EXPECT_EQ(copy.state, CopyState::kWhole);
  EXPECT_EQ(copy.metadata, frame_.metadata);
  EXPECT_EQ(format::CommonHash(copy.header), frame_.hash());
}

TEST_F(SlotTest, EveryTornWriteIsAbsent) {
  EXPECT_EQ(StateOf(older_), CopyState::kAbsent);
  for (unsigned written = 0; written + 1 < 1u << kSectors; ++written) {
    std::vector<std::byte> torn = older_;
    for (std::size_t i = 0; i < torn.size(); ++i) {
      const std::size_t sector = i / format::kSectorSize;
      if (written >> sector & 1u) torn[i] = whole_[i];
    }
    ASSERT_EQ(StateOf(torn), CopyState::kAbsent) << "sectors " << written;
  }
}

TEST_F(SlotTest, NoFlippedBitOfAWholeFrameIsAVoteAgainstIt) {
  for (std::size_t bit = 0; bit < whole_.size() * 8; ++bit) {
    std::vector<std::byte> damaged = whole_;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    const set::Copy copy = Judge(damaged, slot_, drive_);
    ASSERT_NE(copy.state, CopyState::kAbsent) << "bit " << bit;
    if (copy.state == CopyState::kDamaged) continue;
    // A shard is damaged and says so, or nothing that counts is.
    EXPECT_EQ(copy.metadata, frame_.metadata);
    const bool has_shard = !copy.records[0].empty();
    EXPECT_EQ(has_shard, copy.state == CopyState::kWhole);
    if (has_shard) {
      EXPECT_EQ(copy.records[0], frame_.stripes[0]->records[0]);
    }
  }
}

TEST_F(SlotTest, AFrameOfAnotherPlaceIsNoFrame) {
  Slot elsewhere = slot_;
  elsewhere.offset += format::kFrameAlignment;
  EXPECT_EQ(Judge(whole_, elsewhere, drive_).state, CopyState::kDamaged);
  format::DriveIdentity other = drive_;
  other.drive.low ^= 1;
  EXPECT_EQ(Judge(whole_, slot_, other).state, CopyState::kDamaged);
}

TEST_F(SlotTest, AFrameOfAnotherHistoryIsAbsent) {
  Slot other = slot_;
  other.predecessor.low ^= 1;
  EXPECT_EQ(Judge(whole_, other, drive_).state, CopyState::kAbsent);
}

}  // namespace
}  // namespace cairn::set
