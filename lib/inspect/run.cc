// Runs: blocks of records, index, filter, footer.

#include "inspect/run.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "format/entry.h"
#include "format/run_block.h"
#include "format/run_filter.h"
#include "inspect/field.h"
#include "inspect/file.h"
#include "inspect/text.h"
#include "set/set_contents.h"

namespace cairn::inspect {
namespace {

using format::kRunFooterSize;
using format::RunBlock;

absl::StatusOr<std::vector<std::byte>> ReadPart(const Source& source,
                                                Extent extent) {
  std::vector<std::byte> bytes(extent.size);
  CAIRN_RETURN_IF_ERROR(source.Read(extent.offset, bytes));
  return bytes;
}

absl::StatusOr<format::RunFooter> DecodeFooter(const Source& source,
                                               base::Bytes bytes) {
  auto footer = format::DecodeRunFooter(bytes);
  if (footer.ok() && footer->file_size != source.size()) {
    return base::Error(ErrorCode::kCorrupt,
                       "run footer: {} bytes by the footer, the file has {}",
                       footer->file_size, source.size());
  }
  return footer;
}

absl::Status CheckFilter(const format::RunFooter& footer, base::Bytes filter) {
  if (format::RunFilterChecksum(footer, filter) == footer.filter_checksum) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kCorrupt, "run filter: wrong checksum");
}

// A block decoded and held against the index. `bytes` are those at `ref`.
absl::StatusOr<RunBlock> CheckBlock(const format::RunFooter& footer,
                                    const format::RunIndex& index,
                                    const format::RunBlockRef& ref,
                                    base::Bytes bytes) {
  auto block = RunBlock::Decode(
      bytes, {.file = footer.id, .number = ref.number, .offset = ref.offset});
  if (!block.ok()) return block;
  if (block->checksum() != ref.checksum) {
    return base::Error(ErrorCode::kCorrupt,
                       "run block: another checksum than the index says");
  }
  if (block->range() != index.BlockRange(ref.number)) {
    return base::Error(ErrorCode::kCorrupt,
                       "run block: another range than the index says");
  }
  return block;
}

std::string ShowRange(const format::KeyRange& range) {
  return fmt::format("from {} {}", Quote(range.lower),
                     range.upper.has_value()
                         ? fmt::format("up to {}", Quote(*range.upper))
                         : "on");
}

std::string ShowRecord(const format::RunRecord& record) {
  std::string text =
      fmt::format("{}, sequence {}", Quote(record.key), record.sequence);
  if (record.kind == format::RecordKind::kTombstone) return text;
  const auto entry = format::DecodeEntry(record.value);
  return text + ": " + (entry.ok() ? ShowEntry(*entry) : Quote(record.value));
}

// Of the whole file, as the catalogue has it.
absl::StatusOr<base::Uuid> DigestOf(const Source& source) {
  set::PieceDigest digest;
  std::vector<std::byte> piece;
  for (std::uint64_t at = 0; at < source.size(); at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(set::PieceDigest::kPieceSize,
                                         source.size() - at));
    CAIRN_RETURN_IF_ERROR(source.Read(at, piece));
    digest.Append(piece);
  }
  return digest.Finish();
}

void AddFooterFacts(const RunParts& parts, Reporter& reporter) {
  const format::RunFooter& footer = *parts.footer;
  reporter.Add("run", fmt::format("{}, file {}", ShowHex(footer.id.run),
                                  footer.id.file));
  reporter.Add("deployment", base::ToString(footer.id.deployment));
  reporter.Add("set", fmt::format("{}", footer.id.set));
  reporter.Add("sequences",
               fmt::format("after {}, up to {}", footer.from_sequence,
                           footer.to_sequence));
  reporter.Add("records",
               fmt::format("{}, {} of them tombstones", footer.record_count,
                           footer.tombstone_count));
  reporter.Add("bytes", fmt::format("{} of keys, {} of values",
                                    footer.key_bytes, footer.value_bytes));
}

void AddPartFacts(const RunParts& parts, Reporter& reporter) {
  const format::RunFooter& footer = *parts.footer;
  const Extent index{footer.index_offset(), footer.index_size};
  const Extent filter{footer.filter_offset(), footer.filter_size};
  reporter.Add("blocks", ShowCount(footer.block_count, "block"),
               {0, footer.index_offset()});
  if (parts.index.ok()) {
    reporter.Add("index", ShowRange(parts.index->bounds().range), index);
  } else {
    reporter.AddDamage("index", ShowError(parts.index.status()), index);
  }
  if (parts.filter.ok()) {
    reporter.Add("filter", ShowCount(footer.filter_lines, "line"), filter);
  } else {
    reporter.AddDamage("filter", ShowError(parts.filter), filter);
  }
}

// Goes through all blocks of a run whose footer and index are right.
class BlockReport {
 public:
  BlockReport(const Source& source, const RunParts& parts, Reporter& reporter)
      : window_(source),
        footer_(*parts.footer),
        index_(*parts.index),
        reporter_(reporter),
        salt_(format::FilterSalt(footer_.id.deployment)) {
    if (!parts.filter.ok()) return;
    filter_ = format::RunFilter(
        base::Bytes(parts.filter_bytes)
            .first(footer_.filter_lines * format::kFilterLineSize));
  }

  absl::Status Run();

 private:
  absl::Status TakeBlock(const format::RunBlockRef& ref);
  void TakeRecord(const format::RunRecord& record, Extent block);
  void CheckCounts();

  Window window_;
  const format::RunFooter& footer_;
  const format::RunIndex& index_;
  Reporter& reporter_;
  std::uint64_t salt_;
  std::optional<format::RunFilter> filter_;
  std::uint64_t damaged_blocks_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t tombstones_ = 0;
  std::uint64_t key_bytes_ = 0;
  std::uint64_t value_bytes_ = 0;
};

absl::Status BlockReport::Run() {
  for (std::uint32_t i = 0; i < index_.block_count(); ++i) {
    CAIRN_RETURN_IF_ERROR(TakeBlock(index_.block(i)));
  }
  CheckCounts();
  return absl::OkStatus();
}

absl::Status BlockReport::TakeBlock(const format::RunBlockRef& ref) {
  CAIRN_ASSIGN_OR_RETURN(const base::Bytes bytes,
                         window_.View(ref.offset, ref.size));
  const auto block = CheckBlock(footer_, index_, ref, bytes);
  const Extent extent{ref.offset, ref.size};
  if (!block.ok()) {
    ++damaged_blocks_;
    reporter_.AddDamage(fmt::format("block {}", ref.number),
                        ShowError(block.status()), extent);
    return absl::OkStatus();
  }
  RunBlock::Iterator iterator(*block);
  for (iterator.SeekToFirst(); iterator.is_valid(); iterator.Next()) {
    TakeRecord(iterator.record(), extent);
  }
  return absl::OkStatus();
}

void BlockReport::TakeRecord(const format::RunRecord& record, Extent block) {
  const bool is_tombstone = record.kind == format::RecordKind::kTombstone;
  ++records_;
  tombstones_ += is_tombstone ? 1 : 0;
  key_bytes_ += record.key.size();
  value_bytes_ += record.value.size();
  if (filter_.has_value() &&
      !filter_->MayContain(format::FilterHash(record.key, salt_))) {
    reporter_.AddDamage(
        "filter", fmt::format("misses the key {}", Quote(record.key)), block);
  }
  if (!reporter_.WantsEntry()) return;
  reporter_.Add(is_tombstone ? "tombstone" : "put", ShowRecord(record));
}

void BlockReport::CheckCounts() {
  const bool is_right = records_ == footer_.record_count &&
                        tombstones_ == footer_.tombstone_count &&
                        key_bytes_ == footer_.key_bytes &&
                        value_bytes_ == footer_.value_bytes;
  if (is_right || damaged_blocks_ > 0) return;
  reporter_.AddDamage("footer", "its counts are not those of the records",
                      {footer_.footer_offset(), kRunFooterSize});
}

Way ExplainPart(const RunParts& parts, std::uint64_t at) {
  const format::RunFooter& footer = *parts.footer;
  if (at < footer.filter_offset()) {
    const Extent extent{footer.index_offset(), footer.index_size};
    return Join(
        {Judged("index", extent, parts.index.status())},
        OutlineRunIndex(parts.index_bytes, {extent.offset, at - extent.offset},
                        footer.block_count));
  }
  const Extent extent{footer.filter_offset(), footer.filter_size};
  return Join(
      {Judged("filter", extent, parts.filter)},
      OutlineRunFilter(parts.filter_bytes, {extent.offset, at - extent.offset},
                       footer.filter_lines));
}

absl::StatusOr<Way> ExplainBlock(const Subject& subject, const RunParts& parts,
                                 std::uint64_t at) {
  std::uint32_t number = 0;
  while (at >=
         parts.index->block(number).offset + parts.index->block(number).size) {
    ++number;
  }
  const format::RunBlockRef& ref = parts.index->block(number);
  const Extent extent{ref.offset, ref.size};
  CAIRN_ASSIGN_OR_RETURN(const auto bytes, ReadPart(subject.source, extent));
  const auto block = CheckBlock(*parts.footer, *parts.index, ref, bytes);
  return Join({Judged(fmt::format("block {}", number), extent, block.status())},
              OutlineRunBlock(bytes, {ref.offset, at - ref.offset}));
}

// What nothing tells about, since the part that would is damaged.
Way Unknown(const RunParts& parts, std::uint64_t size) {
  const absl::Status& status =
      parts.footer.ok() ? parts.index.status() : parts.footer.status();
  return {{.offset = 0,
           .size = size,
           .name = parts.footer.ok() ? "blocks" : "blocks, index and filter",
           .note = fmt::format("cannot be told: {}", ShowError(status)),
           .is_damaged = true}};
}

}  // namespace

absl::StatusOr<RunParts> ReadRunParts(const Source& source) {
  const absl::Status missing =
      base::Error(ErrorCode::kCorrupt, "run footer: damaged");
  RunParts parts{.footer = missing, .index = missing, .filter = missing};
  const std::uint64_t size =
      std::min<std::uint64_t>(source.size(), kRunFooterSize);
  CAIRN_ASSIGN_OR_RETURN(parts.footer_bytes,
                         ReadPart(source, {source.size() - size, size}));
  parts.footer = DecodeFooter(source, parts.footer_bytes);
  if (!parts.footer.ok()) return parts;
  const format::RunFooter& footer = *parts.footer;
  CAIRN_ASSIGN_OR_RETURN(
      parts.index_bytes,
      ReadPart(source, {footer.index_offset(), footer.index_size}));
  CAIRN_ASSIGN_OR_RETURN(
      parts.filter_bytes,
      ReadPart(source, {footer.filter_offset(), footer.filter_size}));
  parts.index = format::RunIndex::Decode(parts.index_bytes, footer);
  parts.filter = CheckFilter(footer, parts.filter_bytes);
  return parts;
}

absl::Status ReportRun(const Subject& subject, Reporter& reporter) {
  CAIRN_ASSIGN_OR_RETURN(const RunParts parts, ReadRunParts(subject.source));
  if (CodeOf(parts.footer.status()) == ErrorCode::kNewerFormat) {
    return parts.footer.status();
  }
  if (!parts.footer.ok()) {
    const std::uint64_t size = parts.footer_bytes.size();
    reporter.AddDamage("footer", ShowError(parts.footer.status()),
                       {subject.source.size() - size, size});
    return absl::OkStatus();
  }
  AddFooterFacts(parts, reporter);
  CAIRN_ASSIGN_OR_RETURN(const base::Uuid digest, DigestOf(subject.source));
  reporter.Add("digest", base::ToString(digest));
  AddPartFacts(parts, reporter);
  if (!parts.index.ok()) return absl::OkStatus();
  return BlockReport(subject.source, parts, reporter).Run();
}

absl::StatusOr<Way> ExplainRun(const Subject& subject, std::uint64_t at) {
  CAIRN_ASSIGN_OR_RETURN(const RunParts parts, ReadRunParts(subject.source));
  const std::uint64_t footer =
      subject.source.size() - parts.footer_bytes.size();
  if (at >= footer) {
    return Join({Judged("footer", {footer, parts.footer_bytes.size()},
                        parts.footer.status())},
                OutlineOf(kRunFooterFields, parts.footer_bytes, footer, at));
  }
  if (!parts.footer.ok()) return Unknown(parts, footer);
  if (at >= parts.footer->index_offset()) return ExplainPart(parts, at);
  if (!parts.index.ok()) return Unknown(parts, parts.footer->index_offset());
  return ExplainBlock(subject, parts, at);
}

}  // namespace cairn::inspect
