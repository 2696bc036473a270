// Damage of a run file is an error or has no effect: never a wrong record,
// never a false absence. Every bit of a small file is flipped, every length
// cut, every block and part put in another's place, and another run's in its
// own.

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/figures.h"
#include "unit/index/run_testing.h"

namespace cairn::index {
namespace {

// Several blocks, so that the index has separators, in few bytes.
Model SmallModel(std::uint64_t sequence) {
  Model model;
  for (int i = 0; i < 8; ++i) {
    model["bucket/" + std::to_string(i)] = {
        .sequence = sequence + static_cast<std::uint64_t>(i),
        .value = std::string(i % 2 == 0 ? 16500 : 30, static_cast<char>(i))};
  }
  model["bucket/9"] = {.sequence = sequence, .kind = RecordKind::kTombstone};
  return model;
}

struct Written {
  Model model;
  FileBytes bytes;
  WrittenRunFile file;
};

Written Write(std::uint64_t run, std::uint64_t sequence) {
  MemorySink sink;
  Written written{.model = SmallModel(sequence)};
  EXPECT_TRUE(WriteRun(written.model, WriterOptions(run), sink).ok());
  written.bytes = sink.files.at(0);
  written.file = sink.finished.at(0);
  return written;
}

// How reading all of a file went.
struct Outcome {
  bool is_opened = false;
  int error_count = 0;
};

void ReadKey(const RunReader& reader, const Model& model,
             const std::string& key, Outcome& outcome) {
  const absl::StatusOr<Found> found = Await(reader.Lookup(ProbeOf(key)));
  if (!found.ok()) {
    EXPECT_EQ(CodeOf(found.status()), ErrorCode::kCorrupt);
    ++outcome.error_count;
    return;
  }
  const auto expected = model.find(key);
  if (expected == model.end()) {
    EXPECT_TRUE(found->is_absent());
    return;
  }
  EXPECT_EQ(found->presence, PresenceOf(expected->second.kind));
  EXPECT_EQ(found->sequence, expected->second.sequence);
  EXPECT_EQ(found->value, expected->second.value);
}

void ReadInOrder(std::shared_ptr<const RunReader> reader, const Model& model,
                 bool is_cached, Outcome& outcome) {
  const auto run = index::Run::Create({std::move(reader)});
  ASSERT_TRUE(run.ok()) << run.status();
  const auto cursor = (*run)->NewCursor({.is_cached = is_cached});
  const absl::StatusOr<Model> seen = Collect(*cursor, "");
  if (seen.ok()) {
    EXPECT_TRUE(*seen == model);
  } else {
    EXPECT_EQ(CodeOf(seen.status()), ErrorCode::kCorrupt);
    ++outcome.error_count;
  }
}

// Opens `source` as the file and reads everything, there or not.
Outcome ReadAll(const Written& written, std::shared_ptr<BlockSource> source) {
  BlockCache cache({.bytes_max = 1 << 20, .shard_count = 1});
  const auto reader =
      OpenFile(written.file.footer.id, std::move(source), cache);
  if (!reader.ok()) {
    EXPECT_EQ(CodeOf(reader.status()), ErrorCode::kCorrupt) << reader.status();
    return {};
  }
  Outcome outcome{.is_opened = true};
  for (const auto& [key, content] : written.model) {
    ReadKey(**reader, written.model, key, outcome);
    ReadKey(**reader, written.model, key + "-", outcome);
  }
  ReadInOrder(*reader, written.model, true, outcome);
  ReadInOrder(*reader, written.model, false, outcome);
  return outcome;
}

Outcome ReadAll(const Written& written, FileBytes bytes) {
  return ReadAll(written, std::make_shared<MemorySource>(
                              std::vector<FileBytes>{std::move(bytes)}));
}

bool IsUnharmed(const Outcome& outcome) {
  return outcome.is_opened && outcome.error_count == 0;
}

TEST(RunDamageTest, NothingIsWrongWithoutDamage) {
  const Written written = Write(1, 100);
  EXPECT_GE(written.file.footer.block_count, 4u);
  EXPECT_TRUE(IsUnharmed(ReadAll(written, written.bytes)));
}

// Reading everything for each of a million bits would take minutes: a flip is
// first looked for where it lies, and every 997th is read through to the end.
TEST(RunDamageTest, EveryFlippedBitIsNoticed) {
  const Written written = Write(1, 100);
  BlockCache cache({.bytes_max = 1 << 20, .shard_count = 1});
  const auto reader = OpenFile(
      written.file.footer.id,
      std::make_shared<MemorySource>(std::vector<FileBytes>{written.bytes}),
      cache);
  ASSERT_TRUE(reader.ok()) << reader.status();
  const format::RunFooter& footer = (*reader)->footer();
  FileBytes bytes = written.bytes;
  std::uint64_t flips = 0;
  for (std::uint64_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const std::uint64_t byte = bit / 8;
    bytes[byte] ^= static_cast<std::byte>(1u << bit % 8);
    const base::Bytes all(bytes);
    if (byte < footer.index_offset()) {
      std::uint32_t number = 0;
      while (number + 1 < footer.block_count &&
             (*reader)->index().block(number + 1).offset <= byte) {
        ++number;
      }
      const format::RunBlockRef& ref = (*reader)->index().block(number);
      EXPECT_FALSE(
          format::RunBlock::Decode(
              all.subspan(ref.offset, ref.size),
              {.file = footer.id, .number = number, .offset = ref.offset})
              .ok());
    } else if (byte < footer.filter_offset()) {
      EXPECT_FALSE(
          format::RunIndex::Decode(
              all.subspan(footer.index_offset(), footer.index_size), footer)
              .ok());
    } else if (byte < footer.footer_offset()) {
      EXPECT_NE(
          format::RunFilterChecksum(
              footer, all.subspan(footer.filter_offset(), footer.filter_size)),
          footer.filter_checksum);
    } else {
      EXPECT_FALSE(
          format::DecodeRunFooter(all.last(format::kRunFooterSize)).ok());
    }
    if (bit % 997 == 0) {
      EXPECT_FALSE(IsUnharmed(ReadAll(written, bytes)));
    }
    bytes[byte] ^= static_cast<std::byte>(1u << bit % 8);
    ++flips;
    ASSERT_FALSE(HasFailure()) << "bit " << bit;
  }
  support::AddFigure("damages", flips);
}

TEST(RunDamageTest, EveryTruncationIsNoticed) {
  const Written written = Write(1, 100);
  for (std::size_t size = 0; size < written.bytes.size(); size += 512) {
    FileBytes bytes = written.bytes;
    bytes.resize(size);
    EXPECT_FALSE(ReadAll(written, bytes).is_opened) << size;
  }
  FileBytes longer = written.bytes;
  longer.resize(longer.size() + format::kRunAlignment);
  EXPECT_FALSE(ReadAll(written, longer).is_opened);
}

// Every 4 KiB page in the place of every other, and zeros in every place.
TEST(RunDamageTest, EveryMisdirectedPageIsNoticed) {
  const Written written = Write(1, 100);
  const std::size_t page = format::kRunAlignment;
  const std::size_t count = written.bytes.size() / page;
  for (std::size_t to = 0; to < count; ++to) {
    for (std::size_t from = 0; from <= count; ++from) {
      FileBytes bytes = written.bytes;
      if (from == count) {
        std::memset(bytes.data() + to * page, 0, page);
      } else {
        std::memcpy(bytes.data() + to * page,
                    written.bytes.data() + from * page, page);
      }
      EXPECT_EQ(IsUnharmed(ReadAll(written, bytes)), bytes == written.bytes);
    }
  }
}

TEST(RunDamageTest, TwoBlocksThatChangedPlacesAreNoticed) {
  Model model;
  for (int i = 0; i < 4; ++i) {
    model["key" + std::to_string(i)] = {
        .sequence = 1, .value = std::string(30000, static_cast<char>(i))};
  }
  MemorySink sink;
  ASSERT_TRUE(WriteRun(model, WriterOptions(1), sink).ok());
  Written written{
      .model = model, .bytes = sink.files[0], .file = sink.finished[0]};
  constexpr std::size_t kBlock = 32768;
  FileBytes bytes = written.bytes;
  std::swap_ranges(bytes.begin(), bytes.begin() + kBlock,
                   bytes.begin() + kBlock);
  const Outcome outcome = ReadAll(written, bytes);
  EXPECT_TRUE(outcome.is_opened);
  // Both blocks: each key, what is beside it, and the two cursors.
  EXPECT_GE(outcome.error_count, 4);
}

// Another run with the same keys and sizes, and the same run in another set,
// deployment or file: block by block, part by part.
TEST(RunDamageTest, PartsOfAnotherFileAreNoticed) {
  const Written written = Write(1, 100);
  std::vector<RunWriterOptions> others(5, WriterOptions(1));
  others[0].id.run = 2;
  others[1].id.set = 9;
  others[2].id.deployment.low = 9;
  others[3].id.file = 9;
  // The last is the same file, written in an attempt that did not end.
  const std::uint64_t attempts[] = {100, 100, 100, 100, 101};
  for (std::size_t i = 0; i < others.size(); ++i) {
    MemorySink sink;
    ASSERT_TRUE(WriteRun(SmallModel(attempts[i]), others[i], sink).ok());
    const FileBytes& foreign = sink.files.begin()->second;
    ASSERT_EQ(foreign.size(), written.bytes.size());
    for (std::size_t page = 0; page < foreign.size() / 4096; ++page) {
      FileBytes bytes = written.bytes;
      std::memcpy(bytes.data() + page * 4096, foreign.data() + page * 4096,
                  4096);
      EXPECT_EQ(IsUnharmed(ReadAll(written, bytes)), bytes == written.bytes);
    }
    // Whole blocks, whose own checksums are right for an equal identity.
    FileBytes blocks = foreign;
    const std::size_t tail = written.file.footer.index_offset();
    std::memcpy(blocks.data() + tail, written.bytes.data() + tail,
                blocks.size() - tail);
    EXPECT_EQ(IsUnharmed(ReadAll(written, blocks)), blocks == written.bytes);
  }
}

TEST(RunDamageTest, AnotherAttemptsFileIsRefusedByItsDigest) {
  const Written written = Write(1, 100);
  const Written other = Write(1, 101);
  BlockCache cache({});
  const auto open = [&](const FileBytes& bytes) {
    auto source = std::make_shared<MemorySource>(std::vector<FileBytes>{bytes});
    return Await(RunReader::Open({.id = written.file.footer.id,
                                  .digest = written.file.digest,
                                  .source = source,
                                  .cache = &cache}))
        .status();
  };
  EXPECT_TRUE(open(written.bytes).ok());
  EXPECT_EQ(CodeOf(open(other.bytes)), ErrorCode::kCorrupt);
}

// Each copy is damaged in another page: together they hold everything.
TEST(RunDamageTest, OtherDrivesCopiesMakeUpForDamage) {
  const Written written = Write(1, 100);
  const std::size_t count = written.bytes.size() / 4096;
  for (std::size_t page = 0; page < count; ++page) {
    std::vector<FileBytes> copies(3, written.bytes);
    copies[0][page * 4096 + 77] ^= std::byte{1};
    copies[1][(page + 1) % count * 4096 + 99] ^= std::byte{4};
    copies[2][(page + count / 2) % count * 4096] ^= std::byte{1};
    EXPECT_TRUE(IsUnharmed(
        ReadAll(written, std::make_shared<MemorySource>(std::move(copies)))))
        << page;
  }
}

TEST(RunDamageTest, ASourceThatForgetsToVerifyDoesNoHarm) {
  const Written written = Write(1, 100);
  for (std::size_t page = 0; page < written.bytes.size() / 4096; ++page) {
    FileBytes bytes = written.bytes;
    bytes[page * 4096 + 5] ^= std::byte{1};
    auto source = std::make_shared<MemorySource>(std::vector<FileBytes>{bytes});
    source->is_careless = true;
    EXPECT_FALSE(IsUnharmed(ReadAll(written, source)));
  }
}

}  // namespace
}  // namespace cairn::index
