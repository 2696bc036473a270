// Rings of many laps, with a torn end: nothing that crashes and laps leave is
// taken for damage, and what is damaged is judged as the set judges it.

#include "inspect/log_pieces.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "inspect/frame.h"
#include "set/slot.h"
#include "support/figures.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

constexpr std::uint64_t kLogSize = 1 << 20;

// Frames of all sizes up to the largest, over some laps; now and then a frame
// is dropped and written over in a new epoch, as openings do.
LogBuilder RandomLog(support::SeededRandom& random) {
  LogBuilder log(kLogSize);
  log.AppendOpening();
  const std::size_t count = random.Choose(400);
  for (std::size_t i = 0; i < count; ++i) {
    if (random.OneIn(20)) {
      ++log.epoch;
      log.AppendOpening();
    }
    if (random.OneIn(3)) {
      log.AppendEmpty();
    } else {
      log.AppendCommit(1 + random.Choose(4), 1 + random.Choose(5000));
    }
  }
  return log;
}

TEST(LogTest, LapsAndTornFramesAreNoDamage) {
  support::SeededRandom random(support::TestSeed(1));
  const std::uint64_t rounds = support::TestIterations(150);
  std::uint64_t torn = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    LogBuilder log = RandomLog(random);
    log.TearNext(random);
    log.AppendCommit(1 + random.Choose(4), 1 + random.Choose(5000));
    const auto report = InspectSample(log.Finish());
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->damage_count, 0u) << RenderText(*report);
    if (RenderText(*report).find("torn") != std::string::npos) ++torn;
  }
  EXPECT_GT(torn, rounds / 8);
}

TEST(LogTest, PiecesLieSideBySide) {
  support::SeededRandom random(support::TestSeed(2));
  for (int round = 0; round < 20; ++round) {
    LogBuilder log = RandomLog(random);
    const Sample sample = log.Finish();
    const MemorySource source(sample.bytes);
    Window window(source);
    LogPieces pieces(window, log.drive());
    std::uint64_t end = format::kRingOffset;
    std::uint64_t frames = 0;
    while (true) {
      const auto piece = pieces.Next();
      ASSERT_TRUE(piece.ok());
      if (!piece->has_value()) break;
      EXPECT_EQ((*piece)->offset, end);
      end += (*piece)->size;
      frames += (*piece)->kind == PieceKind::kFrame ? 1 : 0;
    }
    EXPECT_EQ(end, kLogSize);
    EXPECT_GT(frames, 0u);
  }
}

// What inspect says of what stands at the slot.
set::CopyState StateAt(const Sample& sample, const LogBuilder& log,
                       const set::Slot& slot) {
  const MemorySource source(sample.bytes);
  Window window(source);
  LogPieces pieces(window, log.drive());
  const std::uint64_t offset = log.ring().FileOffset(slot.offset);
  while (true) {
    const auto piece = *pieces.Next();
    if (!piece.has_value()) return set::CopyState::kAbsent;
    if (piece->offset != offset) continue;
    if (piece->kind == PieceKind::kLostHeader ||
        piece->kind == PieceKind::kUnreadable) {
      return set::CopyState::kDamaged;
    }
    if (piece->kind != PieceKind::kFrame || piece->stamp <= slot.older) {
      return set::CopyState::kAbsent;
    }
    const auto sectors = *window.View(piece->offset, piece->size);
    const FrameCheck check = CheckFrame(sectors, *piece, log.drive());
    if (check.state == FrameState::kWhole) return set::CopyState::kWhole;
    if (check.state != FrameState::kDamaged) return set::CopyState::kAbsent;
    return check.metadata.has_value() ? set::CopyState::kPartial
                                      : set::CopyState::kDamaged;
  }
}

set::CopyState JudgedAt(const Sample& sample, const LogBuilder& log,
                        const set::Slot& slot) {
  const std::uint64_t offset = log.ring().FileOffset(slot.offset);
  const base::Bytes sectors = base::Bytes(sample.bytes)
                                  .subspan(offset)
                                  .first(log.ring().frame_size_max());
  return set::Judge(sectors, slot, log.drive()).state;
}

// Breaks some bytes of the sectors from the slot on.
void Damage(Sample& sample, std::uint64_t offset, std::uint64_t size,
            support::SeededRandom& random) {
  const std::uint64_t at = offset + random.Choose(size);
  switch (random.Choose(3)) {
    case 0:
      sample.bytes[at] ^= static_cast<std::byte>(1u << random.Choose(8));
      return;
    case 1:
      std::fill_n(sample.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                  std::min<std::uint64_t>(1 + random.Choose(600),
                                          sample.bytes.size() - at),
                  std::byte{0});
      return;
    default: {
      // A sector of another place.
      const std::uint64_t to = at / format::kSectorSize * format::kSectorSize;
      const std::uint64_t from =
          format::kRingOffset + random.Choose(100) * format::kSectorSize;
      std::memmove(&sample.bytes[to], &sample.bytes[from], format::kSectorSize);
    }
  }
}

TEST(LogTest, AFrameIsJudgedAsTheSetJudgesIt) {
  support::SeededRandom random(support::TestSeed(3));
  const std::uint64_t rounds = support::TestIterations(40);
  std::map<set::CopyState, int> seen;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    LogBuilder log = RandomLog(random);
    if (random.OneIn(4)) log.TearNext(random);
    log.AppendCommit(1 + random.Choose(4), 1 + random.Choose(5000));
    const Sample whole = log.Finish();
    const set::Slot slot = log.last();
    const std::uint64_t begin = log.ring().FileOffset(slot.offset);
    const std::uint64_t size = log.next().offset - slot.offset;
    for (int i = 0; i < 20; ++i) {
      Sample sample = whole;
      Damage(sample, begin, std::min<std::uint64_t>(size, 16384), random);
      const set::CopyState judged = JudgedAt(sample, log, slot);
      ASSERT_EQ(StateAt(sample, log, slot), judged)
          << "round " << round << ", damage " << i;
      ++seen[judged];
    }
  }
  EXPECT_EQ(seen.size(), 4u);  // every judgement is reached
}

}  // namespace
}  // namespace cairn::inspect
