// Listing the objects of a bucket, a page at a time.

#ifndef CAIRN_LIST_H_
#define CAIRN_LIST_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

inline constexpr int kPageSizeMax = 1000;

// The entries of a listing are the keys that begin with `prefix`, each by
// itself, except that with a delimiter all keys in which it occurs behind the
// prefix are shown as one common prefix: from the beginning to the end of the
// first delimiter. With the delimiter "/" the keys "a", "b/1" and "b/2" are
// listed as the key "a" and the common prefix "b/". What a common prefix hides
// is skipped, not read.
struct ListOptions {
  std::string prefix;
  std::string delimiter;  // of any length; empty: none

  // Only entries, keys and common prefixes alike, that are greater, in the
  // order of their bytes. Ignored with a continuation.
  std::string start_after;

  // The ListPage::next of the page before, with the same bucket, prefix and
  // delimiter; empty: from the beginning.
  std::string continuation;

  int page_size = kPageSizeMax;  // entries: 1 .. kPageSizeMax
};

struct ObjectSummary {
  std::string key;
  std::uint64_t size = 0;  // bytes
  std::string etag;
  std::chrono::system_clock::time_point last_modified;
};

// One page. Both lists are in the order of their bytes; together they have at
// most `page_size` entries.
struct ListPage {
  std::vector<ObjectSummary> objects;
  std::vector<std::string> common_prefixes;

  // Leads to the next page; empty when this is the last one. Opaque.
  std::string next;
};

}  // namespace cairn

#endif  // CAIRN_LIST_H_
