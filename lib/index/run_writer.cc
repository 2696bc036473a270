#include "index/run_writer.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/run_filter.h"

namespace cairn::index {
namespace {

using base::Task;
using format::RunRecord;

std::size_t FilterSize(std::uint64_t record_count) {
  return base::AlignUp(
      format::FilterLineCount(record_count) * format::kFilterLineSize,
      format::kRunAlignment);
}

std::optional<std::string> ToString(std::optional<std::string_view> text) {
  if (!text.has_value()) return std::nullopt;
  return std::string(*text);
}

}  // namespace

void RunWriter::Counts::Add(const RunRecord& record) {
  ++records;
  tombstones += record.kind == format::RecordKind::kTombstone ? 1 : 0;
  key_bytes += record.key.size();
  value_bytes += record.value.size();
}

void RunWriter::Counts::Add(const Counts& other) {
  records += other.records;
  tombstones += other.tombstones;
  key_bytes += other.key_bytes;
  value_bytes += other.value_bytes;
}

RunWriter::RunWriter(RunWriterOptions options, RunSink& sink)
    : options_(std::move(options)),
      sink_(sink),
      salt_(format::FilterSalt(options_.id.deployment)) {
  block_.Begin(options_.lower);
  bounds_.range.lower = options_.lower;
}

RunWriter::~RunWriter() = default;

absl::Status RunWriter::Check(const RunRecord& record) const {
  if (record.key.size() > format::kRunKeySizeMax) {
    return base::Error(ErrorCode::kInvalidArgument, "run: a key of {} bytes",
                       record.key.size());
  }
  if (record.value.size() > format::kRunValueSizeMax) {
    return base::Error(ErrorCode::kInvalidArgument, "run: a value of {} bytes",
                       record.value.size());
  }
  const bool is_tombstone = record.kind == format::RecordKind::kTombstone;
  if (is_tombstone && !record.value.empty()) {
    return base::Error(ErrorCode::kInternal, "run: a tombstone with a value");
  }
  const bool is_in_order = block_.is_empty() ? record.key >= block_.lower()
                                             : record.key > block_.last_key();
  if (!is_in_order) {
    return base::Error(ErrorCode::kInternal, "run: a key out of order");
  }
  if (record.sequence <= options_.from_sequence ||
      record.sequence > options_.to_sequence) {
    return base::Error(ErrorCode::kInternal,
                       "run: sequence {} in a run of ({}, {}]", record.sequence,
                       options_.from_sequence, options_.to_sequence);
  }
  return absl::OkStatus();
}

absl::Status RunWriter::Add(const RunRecord& record) {
  CAIRN_RETURN_IF_ERROR(status_);
  CAIRN_RETURN_IF_ERROR(Check(record));
  if (!block_.Add(record)) {
    const std::string_view separator =
        format::Separator(block_.last_key(), record.key);
    EndBlock(separator);
    block_.Begin(separator);
    CAIRN_CHECK(block_.Add(record));
  }
  block_counts_.Add(record);
  hashes_.push_back(format::FilterHash(record.key, salt_));
  return absl::OkStatus();
}

void RunWriter::EndBlock(std::optional<std::string_view> upper) {
  const std::size_t size = block_.EncodedSize(upper);
  if (block_count_ > 0 && !FitsInFile(size, upper)) {
    const std::string lower(block_.lower());
    EndFile(lower);
    BeginFile(lower);
  }
  const format::RunPlace place = {
      .file = options_.id, .number = block_count_, .offset = blocks_size_};
  const std::uint64_t checksum = block_.Encode(upper, place, Reserve(size));
  index_.Add(block_.lower(), {.number = block_count_,
                              .size = static_cast<std::uint32_t>(size),
                              .offset = blocks_size_,
                              .checksum = checksum});
  if (block_count_ == 0) bounds_.smallest = block_.first_key();
  bounds_.largest = block_.last_key();
  ++block_count_;
  blocks_size_ += size;
  counts_.Add(std::exchange(block_counts_, {}));
}

bool RunWriter::FitsInFile(std::size_t block_size,
                           std::optional<std::string_view> upper) const {
  format::RunBounds bounds = bounds_;
  bounds.largest = block_.last_key();
  bounds.range.upper = ToString(upper);
  const std::size_t index_size = base::AlignUp(
      index_.SizeBoundWith(block_.lower(), bounds), format::kRunAlignment);
  const std::uint64_t size =
      blocks_size_ + block_size + index_size +
      FilterSize(counts_.records + block_counts_.records) +
      format::kRunFooterSize;
  return size <= options_.file_size_max;
}

format::RunFooter RunWriter::FooterFor(const format::RunBounds& bounds) const {
  format::RunFooter footer = {
      .id = options_.id,
      .from_sequence = options_.from_sequence,
      .to_sequence = options_.to_sequence,
      .record_count = counts_.records,
      .tombstone_count = counts_.tombstones,
      .key_bytes = counts_.key_bytes,
      .value_bytes = counts_.value_bytes,
      .block_count = block_count_,
      .index_size = static_cast<std::uint32_t>(index_.EncodedSize(bounds)),
      .filter_size = static_cast<std::uint32_t>(FilterSize(counts_.records)),
      .filter_lines =
          static_cast<std::uint32_t>(format::FilterLineCount(counts_.records))};
  footer.file_size = blocks_size_ + footer.index_size + footer.filter_size +
                     format::kRunFooterSize;
  return footer;
}

void RunWriter::EndFile(std::optional<std::string> upper) {
  bounds_.range.upper = std::move(upper);
  format::RunFooter footer = FooterFor(bounds_);
  SealChunk();
  const std::size_t tail_size = footer.file_size - blocks_size_;
  const base::MutableBytes tail = Reserve(tail_size);
  const base::MutableBytes index = tail.first(footer.index_size);
  const base::MutableBytes filter =
      tail.subspan(footer.index_size, footer.filter_size);

  index_.Encode(bounds_, index);
  std::fill(filter.begin(), filter.end(), std::byte{0});
  format::AddToFilter(
      std::span(hashes_).first(counts_.records),
      filter.first(footer.filter_lines * format::kFilterLineSize));
  footer.index_checksum = format::RunIndexChecksum(footer, index);
  footer.filter_checksum = format::RunFilterChecksum(footer, filter);
  const format::RunFooterBytes bytes = format::Encode(footer);
  std::memcpy(tail.last(bytes.size()).data(), bytes.data(), bytes.size());

  filling_->finished = {.footer = footer,
                        .bounds = bounds_,
                        .digest = format::RunFileDigest(bytes)};
  SealChunk();
}

void RunWriter::BeginFile(std::string_view lower) {
  ++options_.id.file;
  hashes_.erase(hashes_.begin(),
                hashes_.begin() + static_cast<std::ptrdiff_t>(counts_.records));
  counts_ = {};
  blocks_size_ = 0;
  block_count_ = 0;
  index_ = {};
  bounds_ = {};
  bounds_.range.lower = lower;
}

// Returns where the next `size` bytes of the file go.
base::MutableBytes RunWriter::Reserve(std::size_t size) {
  if (filling_.has_value() && filling_->buffer.size() - filling_->size < size) {
    SealChunk();
  }
  if (!filling_.has_value()) {
    filling_ = Chunk{.file = options_.id.file,
                     .offset = blocks_size_,
                     .buffer = base::AlignedBuffer(std::max(kChunkSize, size))};
  }
  const base::MutableBytes bytes =
      filling_->buffer.bytes().subspan(filling_->size, size);
  filling_->size += size;
  return bytes;
}

void RunWriter::SealChunk() {
  if (!filling_.has_value()) return;
  ready_.push_back(*std::exchange(filling_, std::nullopt));
}

Task<absl::Status> RunWriter::WriteChunk(Chunk& chunk) {
  const base::AlignedBuffer& buffer = chunk.buffer;
  Task<absl::Status> write =
      sink_.Write(chunk.file, chunk.offset, buffer.bytes().first(chunk.size));
  CAIRN_CO_RETURN_IF_ERROR(co_await write);
  if (!chunk.finished.has_value()) co_return absl::OkStatus();
  Task<absl::Status> finish = sink_.Finish(*std::move(chunk.finished));
  co_return co_await finish;
}

Task<absl::Status> RunWriter::Flush() {
  while (status_.ok() && !ready_.empty()) {
    Task<absl::Status> write = WriteChunk(ready_.front());
    status_ = co_await write;
    ready_.pop_front();
  }
  co_return status_;
}

Task<absl::Status> RunWriter::Finish(std::optional<std::string> upper) {
  CAIRN_CO_RETURN_IF_ERROR(status_);
  const std::string_view last =
      block_.is_empty() ? block_.lower() : std::string_view(block_.last_key());
  if (upper.has_value() &&
      (*upper < last || (*upper == last && !block_.is_empty()))) {
    co_return base::Error(ErrorCode::kInternal,
                          "run: a record at or behind its end");
  }
  if (!block_.is_empty()) EndBlock(upper);
  EndFile(std::move(upper));
  Task<absl::Status> flush = Flush();
  co_return co_await flush;
}

}  // namespace cairn::index
