// How `cairn ls` prints what it lists, a page at a time.

#ifndef CAIRN_BINDINGS_CLI_LISTING_H_
#define CAIRN_BINDINGS_CLI_LISTING_H_

#include <string>

#include "cairn/bucket.h"
#include "cairn/list.h"
#include "cli/json.h"

namespace cairn::cli {

// Prints entries as they come: a line each, or the elements of an array that is
// the last member of a JSON object.
class Listing {
 public:
  // `head` has the members before the array, `name` is the array's.
  static Listing AsJson(const Json& head, const std::string& name);
  static Listing AsText() { return Listing(false); }

  void Add(const BucketPage& page);

  // Keys and common prefixes in the order of their bytes.
  void Add(const ListPage& page);

  void End() const;

 private:
  explicit Listing(bool is_json) : is_json_(is_json) {}

  void Add(const BucketSummary& bucket);
  void Add(const ObjectSummary& object);
  void Add(const std::string& common_prefix);
  void AddElement(const Json& element);

  bool is_json_;
  bool is_first_ = true;
};

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_LISTING_H_
