#include "cli/listing.h"

#include <cstddef>

#include "fmt/format.h"

#include "cli/text.h"

namespace cairn::cli {
namespace {

constexpr std::size_t kTimeWidth = 20;
constexpr std::size_t kSizeWidth = 14;

}  // namespace

Listing Listing::AsJson(const Json& head, const std::string& name) {
  std::string text = ToText(head);
  text.pop_back();  // the brace that closes the object
  if (!head.empty()) text += ",";
  Print(text + ToText(name) + ":[");
  return Listing(true);
}

void Listing::Add(const BucketPage& page) {
  for (const BucketSummary& bucket : page.buckets) Add(bucket);
}

void Listing::Add(const ListPage& page) {
  auto prefix = page.common_prefixes.begin();
  for (const ObjectSummary& object : page.objects) {
    while (prefix != page.common_prefixes.end() && *prefix < object.key) {
      Add(*prefix++);
    }
    Add(object);
  }
  while (prefix != page.common_prefixes.end()) Add(*prefix++);
}

void Listing::End() const {
  if (is_json_) Print("]}\n");
}

void Listing::Add(const BucketSummary& bucket) {
  const std::string created = ShowTime(bucket.created);
  if (is_json_)
    return AddElement({{"name", bucket.name}, {"created", created}});
  Print(fmt::format("{}  {}\n", created, Printable(bucket.name)));
}

void Listing::Add(const ObjectSummary& object) {
  const std::string modified = ShowTime(object.last_modified);
  if (is_json_) {
    return AddElement({{"key", object.key},
                       {"size", object.size},
                       {"etag", object.etag},
                       {"last_modified", modified}});
  }
  Print(fmt::format("{:<{}}  {:>{}}  {}\n", modified, kTimeWidth, object.size,
                    kSizeWidth, Printable(object.key)));
}

void Listing::Add(const std::string& common_prefix) {
  if (is_json_) return AddElement({{"common_prefix", common_prefix}});
  Print(fmt::format("{:<{}}  {:>{}}  {}\n", "", kTimeWidth, "...", kSizeWidth,
                    Printable(common_prefix)));
}

void Listing::AddElement(const Json& element) {
  if (!is_first_) Print(",");
  is_first_ = false;
  Print(ToText(element));
}

}  // namespace cairn::cli
