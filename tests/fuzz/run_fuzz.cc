// The decoders of runs: footer, index, blocks, and whole files as the index
// reads them. What they accept is in order, is found, and can be built again.

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "format/run_block.h"
#include "format/run_block_builder.h"
#include "format/run_filter.h"
#include "format/run_footer.h"
#include "format/run_index.h"
#include "fuzz/fuzzer.h"
#include "fuzz/hostile.h"
#include "fuzz/raw_fields.h"
#include "fuzz/repair.h"
#include "unit/index/run_testing.h"

namespace cairn::fuzz {
namespace {

using format::kRunAlignment;
using format::RunBlock;
using format::RunRecord;

constexpr format::RunFileId kId{
    .deployment = {.high = 1, .low = 2}, .set = 3, .file = 0, .run = 4};

// A footer with these parts that is consistent in itself, if any can be.
format::RunFooter FooterOf(std::uint32_t block_count, std::uint64_t index_size,
                           std::uint64_t page_count) {
  const std::uint64_t lines = format::FilterLineCount(block_count);
  const std::uint64_t filter_size =
      base::AlignUp(lines * format::kFilterLineSize, kRunAlignment);
  return {.id = kId,
          .to_sequence = 900,
          .file_size = page_count * kRunAlignment + index_size + filter_size +
                       format::kRunFooterSize,
          .record_count = block_count,
          .block_count = block_count,
          .index_size = static_cast<std::uint32_t>(index_size),
          .filter_size = static_cast<std::uint32_t>(filter_size),
          .filter_lines = static_cast<std::uint32_t>(lines)};
}

void FuzzFooter(Input& input) {
  static const format::RunFooterBytes sample =
      format::Encode(FooterOf(7, kRunAlignment, 9));
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair) RepairRunFooter(hostile.bytes);
  const auto footer =
      Decoded(hostile, [&] { return format::DecodeRunFooter(hostile.bytes); });
  if (!footer.ok()) return;
  CAIRN_CHECK(IsSame(format::Encode(*footer), hostile.bytes));
  CAIRN_CHECK(footer->index_offset() <= footer->filter_offset());
  CAIRN_CHECK(footer->filter_offset() <= footer->footer_offset());
  CAIRN_CHECK(footer->footer_offset() < footer->file_size);
}

constexpr std::uint32_t kBlockCount = 4;

std::vector<std::byte> SomeIndex() {
  format::RunIndexBuilder builder;
  for (std::uint32_t i = 0; i < kBlockCount; ++i) {
    builder.Add(fmt::format("photos/{}", i * i), {.number = i,
                                                  .size = kRunAlignment,
                                                  .offset = i * kRunAlignment,
                                                  .checksum = 0xabcd + i});
  }
  const format::RunBounds bounds{
      .range = {.lower = "photos/0", .upper = "photos/a"},
      .smallest = "photos/00",
      .largest = "photos/99"};
  std::vector<std::byte> bytes(builder.EncodedSize(bounds));
  builder.Encode(bounds, bytes);
  return bytes;
}

void CheckIndex(const format::RunIndex& index, base::Bytes bytes) {
  format::RunIndexBuilder builder;
  for (std::uint32_t i = 0; i < index.block_count(); ++i) {
    const format::KeyRange range = index.BlockRange(i);
    CAIRN_CHECK(index.Find(range.lower) == i);
    CAIRN_CHECK(index.BeginsAtOrAfter(i, range.lower));
    CAIRN_CHECK(!index.BeginsAtOrAfter(i, range.lower + '\0'));
    builder.Add(range.lower, index.block(i));
  }
  std::vector<std::byte> again(builder.EncodedSize(index.bounds()));
  builder.Encode(index.bounds(), again);
  CAIRN_CHECK(IsSame(again, bytes));
}

void FuzzIndex(Input& input) {
  static const std::vector<std::byte> sample = SomeIndex();
  const auto blocks_more = input.Get<std::int8_t>();
  const auto pages_more = input.Get<std::int8_t>();
  Hostile hostile = TakeHostile(input, sample);
  hostile.bytes.resize(base::AlignUp(hostile.bytes.size(), kRunAlignment));
  format::RunFooter footer =
      FooterOf(kBlockCount + static_cast<std::uint32_t>(blocks_more),
               hostile.bytes.size(),
               kBlockCount + static_cast<std::uint64_t>(pages_more));
  footer.index_checksum = format::RunIndexChecksum(footer, hostile.bytes);
  // Nobody asks for the index of a footer that does not decode.
  if (!format::DecodeRunFooter(format::Encode(footer)).ok()) return;
  hostile.is_sample &= blocks_more == 0 && pages_more == 0;
  const Allocations allocations;
  const auto index = format::RunIndex::Decode(hostile.bytes, footer);
  CAIRN_CHECK(allocations.bytes() <=
              AllocationMax(hostile.bytes.size()) + 4 * footer.file_size);
  CAIRN_CHECK(index.ok() || !hostile.is_sample);
  if (!index.ok()) return;
  CAIRN_CHECK(index->memory_size() <=
              footer.file_size + 64 * hostile.bytes.size());
  CheckIndex(*index, hostile.bytes);
}

constexpr format::RunPlace kPlace{.file = kId, .number = 5, .offset = 8192};

std::vector<std::byte> SomeBlock() {
  format::RunBlockBuilder builder;
  builder.Begin("photos/a");
  for (int i = 0; i < 40; ++i) {
    const std::string key = fmt::format("photos/b/{:04}", i * i);
    const bool is_tombstone = i % 5 == 0;
    CAIRN_CHECK(
        builder.Add({.key = key,
                     .sequence = 100 + static_cast<std::uint64_t>(i % 7),
                     .kind = is_tombstone ? format::RecordKind::kTombstone
                                          : format::RecordKind::kPut,
                     .value = is_tombstone ? "" : "value"}));
  }
  std::vector<std::byte> bytes(builder.EncodedSize("photos/c"));
  builder.Encode("photos/c", kPlace, bytes);
  return bytes;
}

// A record that owns its key.
struct OwnRecord {
  std::string key;
  RunRecord record;
};

std::vector<OwnRecord> RecordsOf(const RunBlock& block) {
  std::vector<OwnRecord> records;
  RunBlock::Iterator iterator(block);
  for (iterator.SeekToFirst(); iterator.is_valid(); iterator.Next()) {
    const RunRecord record = iterator.record();
    CAIRN_CHECK(records.empty() || records.back().key < record.key);
    CAIRN_CHECK(block.range().Contains(record.key));
    CAIRN_CHECK(record.sequence >= block.sequence_min());
    CAIRN_CHECK(record.sequence <= block.sequence_max());
    records.push_back({.key = std::string(record.key), .record = record});
  }
  CAIRN_CHECK(records.size() == block.record_count());
  return records;
}

// Seek() and Find() against a search through all records.
void CheckSeek(const RunBlock& block, const std::vector<OwnRecord>& records,
               const std::string& key) {
  const auto wanted =
      std::ranges::lower_bound(records, key, {}, &OwnRecord::key);
  RunBlock::Iterator iterator(block);
  iterator.Seek(key);
  CAIRN_CHECK(iterator.is_valid() == (wanted != records.end()));
  if (iterator.is_valid()) {
    CAIRN_CHECK(iterator.record().key == wanted->key);
    CAIRN_CHECK(iterator.record().value == wanted->record.value);
  }
  const bool is_there = wanted != records.end() && wanted->key == key;
  const auto found = block.Find(key);
  CAIRN_CHECK(found.has_value() == is_there);
  if (is_there) CAIRN_CHECK(found->value == wanted->record.value);
}

// What the builder makes of the records reads back as the same ones.
void CheckRebuilt(const RunBlock& block,
                  const std::vector<OwnRecord>& records) {
  const format::KeyRange range = block.range();
  format::RunBlockBuilder builder;
  builder.Begin(range.lower);
  for (OwnRecord own : records) {
    own.record.key = own.key;
    if (!builder.Add(own.record)) return;
  }
  std::vector<std::byte> bytes(builder.EncodedSize(range.upper));
  if (bytes.size() > format::kRunBlockSizeMax) return;
  builder.Encode(range.upper, kPlace, bytes);
  const auto again = RunBlock::Decode(bytes, kPlace);
  CAIRN_CHECK(again.ok() && again->range() == range);
  const std::vector<OwnRecord> records_again = RecordsOf(*again);
  CAIRN_CHECK(records_again.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    CAIRN_CHECK(records_again[i].key == records[i].key);
    CAIRN_CHECK(records_again[i].record.value == records[i].record.value);
    CAIRN_CHECK(records_again[i].record.sequence == records[i].record.sequence);
  }
}

void FuzzBlock(Input& input) {
  static const std::vector<std::byte> sample = SomeBlock();
  const std::string key =
      "photos/b/" + input.GetText(input.Get<std::uint8_t>() % 4);
  Hostile hostile = TakeHostile(input, sample);
  if (hostile.wants_repair && hostile.bytes.size() >= sizeof(std::uint64_t)) {
    PutAt(hostile.bytes, 0, RunBlock::Checksum(hostile.bytes, kPlace));
  }
  const auto block =
      Decoded(hostile, [&] { return RunBlock::Decode(hostile.bytes, kPlace); });
  if (!block.ok()) return;
  const std::vector<OwnRecord> records = RecordsOf(*block);
  CheckSeek(*block, records, key);
  CheckSeek(*block, records, key.substr(0, key.size() / 2));
  CheckSeek(*block, records, records[records.size() / 2].key);
  CheckSeek(*block, records, records.back().key);
  CheckSeek(*block, records, records.back().key + '\0');
  CheckRebuilt(*block, records);
}

void FuzzFilter(Input& input) {
  const std::array<std::uint64_t, 2> hashes = {input.Get<std::uint64_t>(),
                                               input.Get<std::uint64_t>()};
  Hostile hostile = TakeHostile(input, "");
  hostile.bytes.resize(
      base::AlignUp(hostile.bytes.size(), format::kFilterLineSize));
  format::AddToFilter(hashes, hostile.bytes);
  const format::RunFilter filter(hostile.bytes);
  for (const std::uint64_t hash : hashes) {
    CAIRN_CHECK(filter.MayContain(hash) == !hostile.bytes.empty());
  }
}

struct WrittenRun {
  format::RunFileId id;
  index::FileBytes bytes;
};

WrittenRun SomeRun() {
  index::Model model;
  for (int i = 0; i < 40; ++i) {
    model[fmt::format("photos/{:03}", i * i)] = {.sequence = 10,
                                                 .value = "value"};
  }
  model["photos/gone"] = {.sequence = 11,
                          .kind = index::RecordKind::kTombstone};
  index::MemorySink sink;
  CAIRN_CHECK(index::WriteRun(model, index::WriterOptions(7), sink).ok());
  return {.id = sink.finished[0].footer.id, .bytes = sink.files.at(0)};
}

// Every record that a cursor gives out is found by a lookup.
void CheckRun(const std::shared_ptr<const index::RunReader>& reader) {
  const auto run = index::Run::Create({reader}, reader->range());
  if (!run.ok()) return;
  const auto cursor = (*run)->NewCursor({});
  const auto content = index::Collect(*cursor, "");
  if (!content.ok()) return;
  for (const auto& [key, value] : *content) {
    const index::Probe probe = index::ProbeOf(key);
    if (!reader->MayContain(probe)) continue;  // The filter is hostile as well.
    const auto found = index::Await(reader->Lookup(probe));
    CAIRN_CHECK(found.ok());
  }
}

void FuzzFile(Input& input) {
  static const WrittenRun sample = SomeRun();
  Hostile hostile = TakeHostile(input, sample.bytes);
  if (hostile.wants_repair) RepairRun(hostile.bytes);
  const auto source = std::make_shared<index::MemorySource>(
      std::vector<index::FileBytes>{hostile.bytes});
  index::BlockCache cache({.bytes_max = 1 << 20, .shard_count = 1});
  const auto reader = index::OpenFile(sample.id, source, cache);
  CAIRN_CHECK(reader.ok() || !hostile.is_sample);
  if (reader.ok()) CheckRun(*reader);
}

constexpr std::array<Target, 5> kTargets = {FuzzFooter, FuzzIndex, FuzzBlock,
                                            FuzzFilter, FuzzFile};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace cairn::fuzz
