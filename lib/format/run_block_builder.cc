#include "format/run_block_builder.h"

#include <algorithm>

#include "base/check.h"
#include "format/byte_io.h"
#include "format/varint.h"

namespace cairn::format {
namespace {

constexpr std::size_t kRestartSize = 4;

std::uint32_t Narrow(std::size_t size) {
  return static_cast<std::uint32_t>(size);
}

std::uint32_t TagOf(const RunRecord& record) {
  return Narrow(record.value.size() << 1) |
         static_cast<std::uint32_t>(record.kind);
}

}  // namespace

void RunBlockBuilder::Begin(std::string_view lower) {
  lower_ = lower;
  first_key_.clear();
  last_key_.clear();
  texts_.clear();
  records_.clear();
  heads_size_bound_ = 0;
}

bool RunBlockBuilder::Add(const RunRecord& record) {
  CAIRN_CHECK(record.key.size() <= kRunKeySizeMax);
  CAIRN_CHECK(record.value.size() <= kRunValueSizeMax);
  CAIRN_CHECK(record.kind == RecordKind::kPut || record.value.empty());
  if (is_empty()) {
    CAIRN_CHECK(record.key >= lower_);
    first_key_ = record.key;
    prefix_size_ = record.key.size();
    lower_shared_ = CommonPrefix(lower_, record.key);
    sequence_min_ = record.sequence;
    sequence_max_ = record.sequence;
    Append(record, 0);
    return true;
  }
  const std::size_t shared = CommonPrefix(last_key_, record.key);
  CAIRN_CHECK(std::string_view(last_key_).substr(shared) <
              record.key.substr(shared));
  if (SizeBoundWith(record, shared) > kRunBlockSizeTarget) return false;
  // What neighbours share bounds what the first and the last key share.
  prefix_size_ = std::min(prefix_size_, shared);
  sequence_min_ = std::min(sequence_min_, record.sequence);
  sequence_max_ = std::max(sequence_max_, record.sequence);
  Append(record, shared);
  return true;
}

void RunBlockBuilder::Append(const RunRecord& record, std::size_t shared) {
  if (records_.size() % kRunRestartInterval == 0) shared = 0;
  const std::string_view rest = record.key.substr(shared);
  records_.push_back({.shared = Narrow(shared),
                      .rest_size = Narrow(rest.size()),
                      .tag = TagOf(record),
                      .sequence = record.sequence});
  texts_.append(rest).append(record.value);
  last_key_.resize(shared);
  last_key_.append(rest);
  heads_size_bound_ += VarintSize(shared) + VarintSize(rest.size()) +
                       VarintSize(records_.back().tag);
}

std::size_t RunBlockBuilder::restart_count() const {
  return (records_.size() + kRunRestartInterval - 1) / kRunRestartInterval;
}

std::size_t RunBlockBuilder::SizeBoundWith(const RunRecord& record,
                                           std::size_t shared) const {
  const std::size_t prefix = std::min(prefix_size_, shared);
  const bool is_restart = records_.size() % kRunRestartInterval == 0;
  const std::size_t rest = record.key.size() - (is_restart ? 0 : shared);
  const std::size_t restarts = restart_count() + (is_restart ? 1 : 0);
  const std::size_t lower = lower_.size() - std::min(lower_shared_, prefix);
  const std::size_t upper = record.key.size() + 1 - prefix;
  const std::uint64_t sequences = std::max(sequence_max_, record.sequence) -
                                  std::min(sequence_min_, record.sequence);
  return kRunBlockHeaderSize + prefix + lower + upper + heads_size_bound_ +
         VarintSize(shared) + VarintSize(rest) + VarintSize(TagOf(record)) +
         (records_.size() + 1) * VarintSize(sequences) + texts_.size() + rest +
         record.value.size() - restarts * prefix + restarts * kRestartSize;
}

std::size_t RunBlockBuilder::RecordsSize() const {
  std::size_t size = texts_.size();
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& record = records_[i];
    const bool is_restart = i % kRunRestartInterval == 0;
    const std::size_t prefix_in_rest = is_restart ? prefix_size_ : 0;
    const std::size_t prefix_in_shared = is_restart ? 0 : prefix_size_;
    size -= prefix_in_rest;
    size += VarintSize(record.shared - prefix_in_shared) +
            VarintSize(record.rest_size - prefix_in_rest) +
            VarintSize(record.tag) +
            VarintSize(record.sequence - sequence_min_);
  }
  return size;
}

std::size_t RunBlockBuilder::EncodedSize(
    std::optional<std::string_view> upper) const {
  const std::string_view prefix =
      std::string_view(first_key_).substr(0, prefix_size_);
  std::size_t size = kRunBlockHeaderSize + prefix.size() + lower_.size() -
                     CommonPrefix(prefix, lower_);
  if (upper.has_value()) size += upper->size() - CommonPrefix(prefix, *upper);
  size += RecordsSize() + restart_count() * kRestartSize;
  return base::AlignUp(size, kRunAlignment);
}

void RunBlockBuilder::EncodeRecords(
    base::MutableBytes into, std::vector<std::uint32_t>& restarts) const {
  std::byte* at = into.data();
  const std::byte* text = base::AsBytes(texts_).data();
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& record = records_[i];
    const bool is_restart = i % kRunRestartInterval == 0;
    const std::size_t skipped = is_restart ? prefix_size_ : 0;
    if (is_restart) {
      restarts.push_back(Narrow(static_cast<std::size_t>(at - into.data())));
    }
    const std::size_t rest = record.rest_size - skipped;
    at = PutVarint(at, is_restart ? 0 : record.shared - prefix_size_);
    at = PutVarint(at, rest);
    at = PutVarint(at, record.tag);
    at = PutVarint(at, record.sequence - sequence_min_);
    text += skipped;
    const std::size_t size = rest + (record.tag >> 1);
    std::memcpy(at, text, size);
    at += size;
    text += size;
  }
  CAIRN_CHECK(at == into.data() + into.size());
}

std::uint64_t RunBlockBuilder::Encode(std::optional<std::string_view> upper,
                                      const RunPlace& place,
                                      base::MutableBytes into) const {
  CAIRN_CHECK(!is_empty() && into.size() <= kRunBlockSizeMax);
  const std::string_view prefix =
      std::string_view(first_key_).substr(0, prefix_size_);
  const std::string_view lower = lower_;
  const std::size_t lower_shared = CommonPrefix(prefix, lower);
  const std::size_t upper_shared =
      upper.has_value() ? CommonPrefix(prefix, *upper) : 0;
  const std::string_view upper_rest =
      upper.has_value() ? upper->substr(upper_shared) : std::string_view();
  const std::size_t records_size = RecordsSize();

  FieldWriter fields(into);
  fields.Put(std::uint64_t{0});
  fields.Put(kRunBlockMagic);
  fields.Put(Narrow(into.size()));
  fields.Put(Narrow(records_.size()));
  fields.Put(Narrow(records_size));
  fields.Put(sequence_min_);
  fields.Put(Narrow(prefix.size()));
  fields.Put(Narrow(lower_shared));
  fields.Put(Narrow(lower.size() - lower_shared));
  fields.Put(upper.has_value() ? Narrow(upper_shared) : kRunNoUpper);
  fields.Put(Narrow(upper_rest.size()));
  fields.PutBytes(base::AsBytes(prefix));
  fields.PutBytes(base::AsBytes(lower.substr(lower_shared)));
  fields.PutBytes(base::AsBytes(upper_rest));

  std::vector<std::uint32_t> restarts;
  EncodeRecords(into.subspan(fields.offset(), records_size), restarts);
  FieldWriter tail(into.subspan(fields.offset() + records_size));
  for (const std::uint32_t restart : restarts) tail.Put(restart);
  tail.PutZeros(into.size() - fields.offset() - records_size - tail.offset());

  const std::uint64_t checksum = RunBlock::Checksum(into, place);
  FieldWriter(into).Put(checksum);
  return checksum;
}

}  // namespace cairn::format
