#include "object/listing.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

#include "base/status.h"
#include "format/object_record.h"
#include "object/condition.h"
#include "object/index_key.h"

namespace cairn::object {
namespace {

// Bounds of a scan that may meet common prefixes: it pays for what it reads and
// does not list, and doubles as long as it lists most of it.
constexpr std::size_t kScanLimitMin = 4;
constexpr std::size_t kScanLimitFirst = 32;

// Behind every key that begins as what stands before it: no byte of UTF-8 is as
// large.
constexpr char kBehindAll = '\xff';

}  // namespace

Listing::Listing(format::BucketId bucket, const ListOptions& options,
                 std::string_view after)
    : options_(options),
      bucket_prefix_(ObjectKey(bucket, "")),
      page_size_(static_cast<std::size_t>(options.page_size)),
      scan_limit_(options.delimiter.empty() ? page_size_ : kScanLimitFirst) {
  if (!after.empty()) behind_ = BehindEntry(after);
}

std::optional<storage::Scan> Listing::NextScan() const {
  if (is_done_) return std::nullopt;
  return storage::Scan{
      .prefix = bucket_prefix_ + options_.prefix,
      .after = behind_.empty() ? "" : bucket_prefix_ + behind_,
      .limit = std::min(scan_limit_, page_size_ - entry_count_ + 1)};
}

std::string_view Listing::KeyOf(const storage::Record& record) const {
  return std::string_view(record.key).substr(bucket_prefix_.size());
}

std::optional<std::string_view> Listing::CommonPrefixOf(
    std::string_view key) const {
  const std::string& delimiter = options_.delimiter;
  if (delimiter.empty() || !key.starts_with(options_.prefix)) {
    return std::nullopt;
  }
  const std::size_t at = key.find(delimiter, options_.prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return key.substr(0, at + delimiter.size());
}

// What is hidden by a common prefix is not greater than it, although its bytes
// are.
std::string Listing::BehindEntry(std::string_view entry) const {
  const auto common_prefix = CommonPrefixOf(entry);
  if (!common_prefix.has_value()) return std::string(entry);
  return std::string(*common_prefix) + kBehindAll;
}

absl::Status Listing::AddRecord(const storage::Record& record) {
  const std::string_view key = KeyOf(record);
  if (const auto common_prefix = CommonPrefixOf(key)) {
    page_.common_prefixes.emplace_back(*common_prefix);
    last_entry_ = *common_prefix;
  } else {
    CAIRN_ASSIGN_OR_RETURN(const format::ObjectHead head,
                           format::DecodeObjectHead(record.value));
    page_.objects.push_back(
        {.key = std::string(key),
         .size = head.size,
         .etag = ToText(head.etag),
         .last_modified = absl::ToChronoTime(head.last_modified)});
    last_entry_ = key;
  }
  behind_ = BehindEntry(key);
  ++entry_count_;
  return absl::OkStatus();
}

absl::Status Listing::Add(storage::ReadResult result) {
  const std::size_t listed_before = entry_count_;
  for (const storage::Record& record : result.scanned) {
    if (!behind_.empty() && KeyOf(record) <= behind_) continue;
    if (is_full()) {
      next_after_ = last_entry_;
      is_done_ = true;
      return absl::OkStatus();
    }
    CAIRN_RETURN_IF_ERROR(AddRecord(record));
  }
  if (!result.more) {
    is_done_ = true;
  } else if (is_full() && behind_ == last_entry_) {
    // What follows is not hidden by the last entry.
    next_after_ = last_entry_;
    is_done_ = true;
  }
  Adapt(result.scanned.size(), entry_count_ - listed_before);
  return absl::OkStatus();
}

void Listing::Adapt(std::size_t scanned_count, std::size_t listed_count) {
  if (options_.delimiter.empty()) return;
  scan_limit_ =
      2 * listed_count >= scanned_count ? 2 * scan_limit_ : scan_limit_ / 2;
  scan_limit_ = std::clamp(scan_limit_, kScanLimitMin, storage::kScanLimitMax);
}

}  // namespace cairn::object
