#include "format/run_index.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/byte_io.h"
#include "format/run_block.h"
#include "format/varint.h"

namespace cairn::format {
namespace {

constexpr std::size_t kChecksumSize = 8;
constexpr std::size_t kBlockSizeMin = 3 + kChecksumSize;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "run index: wrong {}", field);
}

void AppendVarint(std::vector<std::byte>& to, std::uint64_t value) {
  std::array<std::byte, kVarintSizeMax> bytes;
  to.insert(to.end(), bytes.data(), PutVarint(bytes.data(), value));
}

void AppendText(std::vector<std::byte>& to, std::string_view text) {
  const base::Bytes bytes = base::AsBytes(text);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> EncodeBounds(const RunBounds& bounds) {
  std::vector<std::byte> bytes;
  for (const std::string* key :
       {&bounds.range.lower, &bounds.smallest, &bounds.largest}) {
    AppendVarint(bytes, key->size());
    AppendText(bytes, *key);
  }
  const std::optional<std::string>& upper = bounds.range.upper;
  AppendVarint(bytes, upper.has_value() ? upper->size() + 1 : 0);
  if (upper.has_value()) AppendText(bytes, *upper);
  return bytes;
}

std::size_t BoundsSizeBound(const RunBounds& bounds) {
  return bounds.range.lower.size() + bounds.smallest.size() +
         bounds.largest.size() + bounds.range.upper.value_or("").size() +
         4 * kVarintSizeMax;
}

// The first eight bytes as a number that orders like them.
std::uint64_t HeadOf(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof(head); ++i) {
    const auto byte =
        i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    head = head << 8 | byte;
  }
  return head;
}

}  // namespace

void RunIndexBuilder::Add(std::string_view separator,
                          const RunBlockRef& block) {
  const bool is_first = blocks_.empty();
  if (is_first) separator = {};
  const std::size_t shared = CommonPrefix(last_separator_, separator);
  AppendVarint(blocks_, shared);
  AppendVarint(blocks_, separator.size() - shared);
  AppendVarint(blocks_, block.size / kRunAlignment);
  AppendText(blocks_, separator.substr(shared));
  const base::Bytes checksum = std::as_bytes(std::span(&block.checksum, 1));
  blocks_.insert(blocks_.end(), checksum.begin(), checksum.end());
  last_separator_ = separator;
}

std::size_t RunIndexBuilder::SizeBoundWith(std::string_view separator,
                                           const RunBounds& bounds) const {
  return BoundsSizeBound(bounds) + blocks_.size() + separator.size() +
         3 * kVarintSizeMax + kChecksumSize;
}

std::size_t RunIndexBuilder::EncodedSize(const RunBounds& bounds) const {
  return base::AlignUp(EncodeBounds(bounds).size() + blocks_.size(),
                       kRunAlignment);
}

void RunIndexBuilder::Encode(const RunBounds& bounds,
                             base::MutableBytes into) const {
  FieldWriter fields(into);
  fields.PutBytes(EncodeBounds(bounds));
  fields.PutBytes(blocks_);
  fields.PutZeros(into.size() - fields.offset());
}

// Reads the parts of an index one after the other.
class RunIndex::Decoder {
 public:
  explicit Decoder(base::Bytes bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool GetBounds(RunBounds& bounds) {
    std::uint64_t upper_size = 0;
    if (!GetKey(bounds.range.lower) || !GetKey(bounds.smallest) ||
        !GetKey(bounds.largest) || !GetNumber(upper_size)) {
      return false;
    }
    if (upper_size == 0) return true;
    return GetText(upper_size - 1, bounds.range.upper.emplace());
  }

  // Moves on to the next block. False when it does not fit or when its
  // separator is not greater than the last one.
  bool NextBlock() {
    std::uint64_t shared = 0;
    std::uint64_t rest_size = 0;
    std::uint64_t pages = 0;
    if (!GetNumber(shared) || !GetNumber(rest_size) || !GetNumber(pages) ||
        shared > separator_.size() || pages == 0 || pages > kRunBlockPagesMax) {
      return false;
    }
    shared_ = static_cast<std::size_t>(shared);
    size_ = static_cast<std::uint32_t>(pages * kRunAlignment);
    // The separator begins the first key of the block.
    if (shared + rest_size > size_) return false;
    std::string rest;
    return GetText(rest_size, rest) && Extend(rest) && GetChecksum();
  }

  bool GetZeros() {
    return std::all_of(at_, end_,
                       [](std::byte byte) { return byte == std::byte{0}; });
  }

  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  const std::string& separator() const { return separator_; }
  std::size_t shared() const { return shared_; }
  std::uint32_t size() const { return size_; }
  std::uint64_t checksum() const { return checksum_; }

 private:
  static constexpr std::uint64_t kRunBlockPagesMax =
      kRunBlockSizeMax / kRunAlignment;

  bool GetNumber(std::uint64_t& number) {
    const std::byte* next = GetVarint(at_, end_, number);
    if (next == nullptr) return false;
    at_ = next;
    return true;
  }

  bool GetText(std::uint64_t size, std::string& text) {
    if (size > remaining() || size > kRunKeySizeMax) return false;
    const auto count = static_cast<std::size_t>(size);
    text = base::AsText({at_, count});
    at_ += count;
    return true;
  }

  bool GetKey(std::string& key) {
    std::uint64_t size = 0;
    return GetNumber(size) && GetText(size, key);
  }

  bool GetChecksum() {
    if (remaining() < kChecksumSize) return false;
    std::memcpy(&checksum_, at_, kChecksumSize);
    at_ += kChecksumSize;
    return true;
  }

  bool Extend(std::string_view rest) {
    const bool is_first = std::exchange(is_first_, false);
    if (is_first) return rest.empty();
    if (rest.empty()) return false;
    const auto next = static_cast<unsigned char>(rest[0]);
    if (shared_ < separator_.size() &&
        next <= static_cast<unsigned char>(separator_[shared_])) {
      return false;
    }
    separator_.resize(shared_);
    separator_.append(rest);
    return true;
  }

  const std::byte* at_;
  const std::byte* end_;
  bool is_first_ = true;
  std::string separator_;
  std::size_t shared_ = 0;
  std::uint32_t size_ = 0;
  std::uint64_t checksum_ = 0;
};

absl::StatusOr<RunIndex> RunIndex::Decode(base::Bytes bytes,
                                          const RunFooter& footer) {
  if (bytes.size() != footer.index_size) return Wrong("size");
  if (RunIndexChecksum(footer, bytes) != footer.index_checksum) {
    return Wrong("checksum");
  }
  RunIndex index;
  Decoder decoder(bytes);
  if (!decoder.GetBounds(index.bounds_)) return Wrong("bounds");
  if (footer.block_count > decoder.remaining() / kBlockSizeMin) {
    return Wrong("block count");
  }

  // Once to check everything and to find the common prefix, once to keep.
  Decoder check = decoder;
  std::size_t prefix_size = kRunKeySizeMax;
  std::uint64_t offset = 0;
  index.blocks_.reserve(footer.block_count);
  for (std::uint32_t i = 0; i < footer.block_count; ++i) {
    if (!check.NextBlock()) return Wrong("block");
    index.blocks_.push_back({.number = i,
                             .size = check.size(),
                             .offset = offset,
                             .checksum = check.checksum()});
    offset += check.size();
    if (i == 1) prefix_size = check.separator().size();
    if (i > 1) prefix_size = std::min(prefix_size, check.shared());
  }
  if (offset != footer.index_offset()) return Wrong("blocks");
  if (check.remaining() >= kRunAlignment || !check.GetZeros()) {
    return Wrong("padding");
  }

  index.prefix_ = check.separator().substr(0, prefix_size);
  for (std::uint32_t i = 0; i < footer.block_count; ++i) {
    CAIRN_CHECK(decoder.NextBlock());
    if (i > 0) index.AddRest(decoder.separator().substr(prefix_size));
  }
  CAIRN_RETURN_IF_ERROR(index.CheckBounds());
  return index;
}

void RunIndex::AddRest(std::string_view rest) {
  rests_.append(rest);
  rest_ends_.push_back(static_cast<std::uint32_t>(rests_.size()));
  heads_.push_back(HeadOf(rest));
}

absl::Status RunIndex::CheckBounds() const {
  const KeyRange& range = bounds_.range;
  if (range.upper.has_value() && *range.upper < range.lower) {
    return Wrong("range");
  }
  if (blocks_.empty()) {
    const bool has_keys = !bounds_.smallest.empty() || !bounds_.largest.empty();
    return has_keys ? Wrong("bounds") : absl::OkStatus();
  }
  if (!range.Contains(bounds_.smallest) || !range.Contains(bounds_.largest) ||
      bounds_.largest < bounds_.smallest) {
    return Wrong("bounds");
  }
  if (blocks_.size() == 1) return absl::OkStatus();
  if (BeginOf(1) <= bounds_.smallest ||
      BeginOf(block_count() - 1) > bounds_.largest) {
    return Wrong("separators");
  }
  return absl::OkStatus();
}

std::string_view RunIndex::Rest(std::uint32_t number) const {
  const std::uint32_t begin = number == 1 ? 0 : rest_ends_[number - 2];
  return std::string_view(rests_).substr(begin, rest_ends_[number - 1] - begin);
}

std::string RunIndex::BeginOf(std::uint32_t number) const {
  if (number == 0) return bounds_.range.lower;
  return prefix_ + std::string(Rest(number));
}

std::uint32_t RunIndex::Find(std::string_view key) const {
  if (blocks_.size() == 1) return 0;
  const int order = key.substr(0, prefix_.size()).compare(prefix_);
  if (order < 0) return 0;
  if (order > 0) return block_count() - 1;
  const std::string_view rest = key.substr(prefix_.size());
  const std::uint64_t head = HeadOf(rest);
  std::uint32_t low = 0;  // blocks up to it begin at or before `key`
  std::uint32_t high = block_count() - 1;
  while (low < high) {
    const std::uint32_t middle = low + (high - low + 1) / 2;
    const std::uint64_t other = heads_[middle - 1];
    if (other < head || (other == head && Rest(middle) <= rest)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

bool RunIndex::BeginsAtOrAfter(std::uint32_t number,
                               std::string_view key) const {
  if (number == 0) return bounds_.range.lower >= key;
  const int order = key.substr(0, prefix_.size()).compare(prefix_);
  if (order != 0) return order < 0;
  return Rest(number) >= key.substr(prefix_.size());
}

KeyRange RunIndex::BlockRange(std::uint32_t number) const {
  KeyRange range{.lower = BeginOf(number)};
  if (number + 1 < block_count()) {
    range.upper = BeginOf(number + 1);
  } else {
    range.upper = bounds_.range.upper;
  }
  return range;
}

std::size_t RunIndex::memory_size() const {
  return sizeof(*this) + blocks_.capacity() * sizeof(RunBlockRef) +
         prefix_.capacity() + rests_.capacity() +
         rest_ends_.capacity() * sizeof(std::uint32_t) +
         heads_.capacity() * sizeof(std::uint64_t) +
         bounds_.range.lower.capacity() + bounds_.smallest.capacity() +
         bounds_.largest.capacity();
}

}  // namespace cairn::format
