#include "format/run_block.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"
#include "format/run_block_builder.h"
#include "format/varint.h"

namespace cairn::format {
namespace {

constexpr std::size_t kChecksumSize = 8;
constexpr std::size_t kRestartSize = 4;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "run block: wrong {}", field);
}

const char* Text(const std::byte* bytes) {
  return reinterpret_cast<const char*>(bytes);
}

std::string_view GetText(FieldReader& fields, std::size_t size) {
  const base::Bytes bytes = fields.GetBytes(size);
  return {Text(bytes.data()), bytes.size()};
}

std::size_t SizeOf(const std::byte* from, const std::byte* to) {
  return static_cast<std::size_t>(to - from);
}

// Walks over the records of a block and checks what later calls rely on.
class OrderCheck {
 public:
  // `rest` is what follows the first `shared` bytes of the last key. Whether
  // the key is greater, and `shared` as long as can be except in a restart.
  bool Next(bool is_restart, std::size_t shared, std::string_view rest) {
    if (shared > key_.size()) return false;
    const bool is_greater =
        is_first_ || (is_restart ? rest > key_ : Grows(shared, rest));
    is_first_ = false;
    key_.resize(shared);
    key_.append(rest);
    return is_greater;
  }

  const std::string& key() const { return key_; }

 private:
  bool Grows(std::size_t shared, std::string_view rest) const {
    if (rest.empty()) return false;
    return shared == key_.size() ||
           static_cast<unsigned char>(rest[0]) >
               static_cast<unsigned char>(key_[shared]);
  }

  std::string key_;
  bool is_first_ = true;
};

}  // namespace

absl::StatusOr<RunBlock> RunBlock::Decode(base::Bytes bytes, RunPlace place) {
  if (bytes.size() < kRunAlignment || bytes.size() > kRunBlockSizeMax ||
      bytes.size() % kRunAlignment != 0) {
    return Wrong("size");
  }
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data(), sizeof(checksum));
  if (checksum != Checksum(bytes, place)) return Wrong("checksum");
  RunBlock block;
  CAIRN_RETURN_IF_ERROR(block.DecodeHeader(bytes));
  CAIRN_RETURN_IF_ERROR(block.CheckRecords());
  return block;
}

std::uint64_t RunBlock::Checksum(base::Bytes bytes, RunPlace place) {
  place.part = RunPart::kBlock;
  return digest::Checksum64(bytes.subspan(kChecksumSize),
                            ChecksumIdentity(place));
}

absl::Status RunBlock::DecodeHeader(base::Bytes bytes) {
  bytes_ = bytes;
  FieldReader fields(bytes.subspan(kChecksumSize));
  if (fields.Get<std::uint32_t>() != kRunBlockMagic) return Wrong("magic");
  if (fields.Get<std::uint32_t>() != bytes.size()) return Wrong("size");
  record_count_ = fields.Get<std::uint32_t>();
  const auto records_size = fields.Get<std::uint32_t>();
  sequence_base_ = fields.Get<std::uint64_t>();
  const auto prefix_size = fields.Get<std::uint32_t>();
  lower_shared_ = fields.Get<std::uint32_t>();
  const auto lower_size = fields.Get<std::uint32_t>();
  upper_shared_ = fields.Get<std::uint32_t>();
  const auto upper_size = fields.Get<std::uint32_t>();
  if (record_count_ == 0) return Wrong("record count");

  prefix_ = GetText(fields, prefix_size);
  lower_rest_ = GetText(fields, lower_size);
  upper_rest_ = GetText(fields, upper_size);
  const base::Bytes records = fields.GetBytes(records_size);
  const std::uint64_t restarts = restart_count() * std::uint64_t{kRestartSize};
  if (!fields.ok() || restarts > fields.remaining()) return Wrong("sizes");
  records_ = records.data();
  records_end_ = records.data() + records.size();

  const bool has_upper = upper_shared_ != kRunNoUpper;
  if (lower_shared_ > prefix_size ||
      (has_upper ? upper_shared_ > prefix_size : upper_size != 0)) {
    return Wrong("range");
  }
  fields.GetBytes(static_cast<std::size_t>(restarts));
  if (!fields.GetZeros(fields.remaining())) return Wrong("padding");
  return absl::OkStatus();
}

absl::Status RunBlock::CheckRecords() {
  OrderCheck order;
  std::string first;
  const std::byte* at = records_;
  for (std::uint32_t i = 0; i < record_count_; ++i) {
    const bool is_restart = i % kRunRestartInterval == 0;
    if (is_restart && RestartAt(i / kRunRestartInterval) != at) {
      return Wrong("restart");
    }
    Head head;
    if (DecodeHead(at, head) == nullptr) return Wrong("record");
    if (is_restart && head.shared != 0) return Wrong("restart");
    if (!order.Next(is_restart, head.shared, head.rest)) return Wrong("order");
    if (prefix_.size() + order.key().size() > kRunKeySizeMax) {
      return Wrong("key");
    }
    if (i == 0) first = order.key();
    sequence_max_ = std::max(sequence_max_, head.sequence);
    at = head.next;
  }
  if (at != records_end_) return Wrong("records");
  const std::string prefix(prefix_);
  if (const KeyRange within = range(); !within.Contains(prefix + first) ||
                                       !within.Contains(prefix + order.key())) {
    return Wrong("range");
  }
  return absl::OkStatus();
}

std::uint64_t RunBlock::checksum() const {
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, bytes_.data(), sizeof(checksum));
  return checksum;
}

KeyRange RunBlock::range() const {
  KeyRange range;
  range.lower = prefix_.substr(0, lower_shared_);
  range.lower += lower_rest_;
  if (upper_shared_ != kRunNoUpper) {
    range.upper = prefix_.substr(0, upper_shared_);
    *range.upper += upper_rest_;
  }
  return range;
}

const std::byte* RunBlock::DecodeHead(const std::byte* at, Head& head) const {
  std::array<std::uint64_t, 4> numbers;
  for (std::uint64_t& number : numbers) {
    at = GetVarint(at, records_end_, number);
    if (at == nullptr) return nullptr;
  }
  const auto [shared, rest_size, tag, delta] = numbers;
  const std::uint64_t value_size = tag >> 1;
  const std::uint64_t room = SizeOf(at, records_end_);
  if (rest_size > room || value_size > room - rest_size ||
      value_size > kRunValueSizeMax || shared > kRunKeySizeMax ||
      ((tag & 1) != 0 && value_size != 0) ||
      delta > ~std::uint64_t{0} - sequence_base_) {
    return nullptr;
  }
  head.shared = static_cast<std::size_t>(shared);
  head.kind = static_cast<RecordKind>(tag & 1);
  head.sequence = sequence_base_ + delta;
  head.rest = {Text(at), static_cast<std::size_t>(rest_size)};
  head.value = {Text(at) + rest_size, static_cast<std::size_t>(value_size)};
  head.next = at + rest_size + value_size;
  return head.next;
}

RunBlock::Head RunBlock::HeadAt(const std::byte* at) const {
  Head head;
  CAIRN_CHECK(DecodeHead(at, head) != nullptr);
  return head;
}

std::size_t RunBlock::restart_count() const {
  return (record_count_ + kRunRestartInterval - 1) / kRunRestartInterval;
}

const std::byte* RunBlock::RestartAt(std::size_t index) const {
  std::uint32_t offset = 0;
  std::memcpy(&offset, records_end_ + index * kRestartSize, kRestartSize);
  return offset < SizeOf(records_, records_end_) ? records_ + offset : nullptr;
}

std::string_view RunBlock::RestartKey(std::size_t index) const {
  return HeadAt(RestartAt(index)).rest;
}

RunBlock::Position RunBlock::LowerBound(std::string_view key) const {
  const int order = key.substr(0, prefix_.size()).compare(prefix_);
  if (order < 0) return {.at = records_};
  if (order > 0) return {.at = records_end_};
  return LowerBoundOfRest(key.substr(prefix_.size()));
}

RunBlock::Position RunBlock::LowerBoundOfRest(std::string_view rest) const {
  std::size_t low = 0;  // restarts before it are <= `rest`
  std::size_t high = restart_count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (RestartKey(middle) <= rest) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return {.at = records_};
  return ScanFrom(low - 1, rest);
}

// Compares no byte twice: `matched` bytes of the last key, which is less, are
// those of `rest`. A record that shares more with the last key is less as well,
// one that shares less is greater; only one that shares just as much is looked
// into.
RunBlock::Position RunBlock::ScanFrom(std::size_t restart,
                                      std::string_view rest) const {
  const bool is_last = restart + 1 == restart_count();
  const std::byte* end = is_last ? records_end_ : RestartAt(restart + 1);
  std::size_t matched = 0;
  Head head;
  for (const std::byte* at = RestartAt(restart); at != end; at = head.next) {
    head = HeadAt(at);
    if (head.shared > matched) continue;
    if (head.shared < matched) return {.at = at, .restart = restart};
    const std::string_view wanted = rest.substr(matched);
    const std::size_t common = CommonPrefix(head.rest, wanted);
    if (common == wanted.size()) {
      const bool is_equal = common == head.rest.size();
      return {.at = at, .restart = restart, .is_equal = is_equal};
    }
    if (common < head.rest.size() &&
        static_cast<unsigned char>(head.rest[common]) >
            static_cast<unsigned char>(wanted[common])) {
      return {.at = at, .restart = restart};
    }
    matched += common;
  }
  return {.at = end, .restart = is_last ? restart : restart + 1};
}

std::optional<RunRecord> RunBlock::Find(std::string_view key) const {
  const Position found = LowerBound(key);
  if (!found.is_equal) return std::nullopt;
  const Head head = HeadAt(found.at);
  return RunRecord{.key = key,
                   .sequence = head.sequence,
                   .kind = head.kind,
                   .value = head.value};
}

void RunBlock::Iterator::SeekToFirst() {
  key_ = block_.prefix_;
  MoveTo(block_.records_);
}

void RunBlock::Iterator::Seek(std::string_view key) {
  const Position found = block_.LowerBound(key);
  if (found.at == block_.records_end_) {
    at_ = found.at;
    return;
  }
  key_ = block_.prefix_;
  MoveTo(block_.RestartAt(found.restart));
  while (at_ != found.at) Next();
}

void RunBlock::Iterator::Next() { MoveTo(head_.next); }

void RunBlock::Iterator::MoveTo(const std::byte* at) {
  at_ = at;
  if (!is_valid()) return;
  head_ = block_.HeadAt(at);
  key_.resize(block_.prefix_.size() + head_.shared);
  key_.append(head_.rest);
}

RunRecord RunBlock::Iterator::record() const {
  return {.key = key_,
          .sequence = head_.sequence,
          .kind = head_.kind,
          .value = head_.value};
}

}  // namespace cairn::format
