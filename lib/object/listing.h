// Makes one page of a listing out of scans of the index.

#ifndef CAIRN_LIB_OBJECT_LISTING_H_
#define CAIRN_LIB_OBJECT_LISTING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "cairn/list.h"
#include "format/bucket_record.h"
#include "storage/meta_store.h"

namespace cairn::object {

// Has no I/O: says what to scan next, is told what was found.
//
//   while (const auto scan = listing.NextScan()) {
//     status = listing.Add(result of the scan);
//   }
//
// An entry, a key or a common prefix, is listed when it is greater than where
// the page begins. So the last entry of a page says all that the next page has
// to know.
class Listing {
 public:
  // `options` is borrowed. The page begins behind `after`, an entry or any
  // text.
  Listing(format::BucketId bucket, const ListOptions& options,
          std::string_view after);

  // nullopt: the page is done.
  std::optional<storage::Scan> NextScan() const;

  // Errors: kCorrupt, kNewerFormat.
  absl::Status Add(storage::ReadResult result);

  // When the page is done: the page, without ListPage::next, and the entry that
  // the next page begins behind; empty: there is none.
  ListPage TakePage() { return std::move(page_); }
  const std::string& next_after() const { return next_after_; }

 private:
  std::string_view KeyOf(const storage::Record& record) const;
  std::optional<std::string_view> CommonPrefixOf(std::string_view key) const;
  std::string BehindEntry(std::string_view entry) const;
  absl::Status AddRecord(const storage::Record& record);
  bool is_full() const { return entry_count_ == page_size_; }
  void Adapt(std::size_t scanned_count, std::size_t listed_count);

  const ListOptions& options_;
  const std::string bucket_prefix_;  // of index keys
  const std::size_t page_size_;

  // Where the next scan begins: behind this key, which no key needs to be.
  std::string behind_;
  std::size_t scan_limit_;
  bool is_done_ = false;

  ListPage page_;
  std::size_t entry_count_ = 0;
  std::string last_entry_;
  std::string next_after_;
};

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_LISTING_H_
