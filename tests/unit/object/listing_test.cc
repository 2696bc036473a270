// Listings agree with a model that looks at every key, whatever the prefix, the
// delimiter, the beginning and the size of the pages; what a common prefix
// hides is not read; continuations lead where they should, or nowhere.

#include "object/listing.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "object/continuation.h"
#include "support/figures.h"
#include "unit/object/object_testing.h"

namespace cairn::object {
namespace {

constexpr std::string_view kBucket = "photos";

// The entries of a listing in their order: keys and common prefixes.
std::set<std::string> ModelEntries(const std::set<std::string>& keys,
                                   const ListOptions& options) {
  std::set<std::string> entries;
  for (const std::string& key : keys) {
    if (!key.starts_with(options.prefix)) continue;
    std::string entry = key;
    if (!options.delimiter.empty()) {
      const std::size_t at = key.find(options.delimiter, options.prefix.size());
      if (at != std::string::npos) {
        entry = key.substr(0, at + options.delimiter.size());
      }
    }
    if (entry > options.start_after) entries.insert(entry);
  }
  return entries;
}

std::vector<std::string> EntriesOf(const ListPage& page) {
  std::vector<std::string> entries = page.common_prefixes;
  for (const ObjectSummary& object : page.objects) {
    entries.push_back(object.key);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

class ListingTest : public testing::Test {
 protected:
  ListingTest() {
    EXPECT_TRUE(Ready(store().CreateBucket(kBucket)).ok());
    EXPECT_TRUE(Ready(store().CreateBucket("photo")).ok());
    EXPECT_TRUE(Ready(store().CreateBucket("photos2")).ok());
    for (const char* bucket : {"photo", "photos2"}) {
      EXPECT_TRUE(
          PutText(store(), {.bucket = bucket, .key = "other"}, "x").ok());
    }
  }

  Store& store() { return world_.store; }

  void Put(const std::string& key) {
    ASSERT_TRUE(PutText(store(), {.bucket = kBucket, .key = key}, key).ok());
  }

  // All pages, which are checked, one after the other.
  void ExpectAgrees(const std::set<std::string>& keys, ListOptions options) {
    const std::set<std::string> expected = ModelEntries(keys, options);
    const auto page_size = static_cast<std::size_t>(options.page_size);
    auto next = expected.begin();
    std::size_t left = expected.size();
    while (true) {
      const auto page = Ready(store().List(kBucket, options));
      ASSERT_TRUE(page.ok()) << page.status();
      const std::vector<std::string> entries = EntriesOf(*page);
      ASSERT_EQ(entries.size(), std::min(left, page_size));
      for (const std::string& entry : entries) ASSERT_EQ(entry, *next++);
      left -= entries.size();
      ASSERT_EQ(page->next.empty(), left == 0);
      ASSERT_TRUE(std::is_sorted(page->common_prefixes.begin(),
                                 page->common_prefixes.end()));
      if (left == 0) return;
      options.continuation = page->next;
    }
  }

  World world_{1};
};

TEST_F(ListingTest, AgreesWithAModel) {
  support::SeededRandom random(support::TestSeed(21));
  const auto text = [&](std::size_t size_max) {
    static const std::vector<std::string> kPieces = {
        "a", "b", "/", "//", "-", "\xc3\xa9", std::string("\0", 1), "ab"};
    std::string made;
    for (std::size_t i = random.Choose(size_max + 1); i > 0; --i) {
      made += kPieces[random.Choose(kPieces.size())];
    }
    return made;
  };
  std::set<std::string> keys;
  for (int i = 0; i < 300; ++i) {
    const std::string key = text(6);
    if (!key.empty() && keys.insert(key).second) Put(key);
  }
  const std::vector<std::string> delimiters = {"", "/", "//", "a", "\xc3\xa9"};
  for (std::uint64_t i = support::TestIterations(2000); i > 0; --i) {
    const ListOptions options{
        .prefix = text(2),
        .delimiter = delimiters[random.Choose(delimiters.size())],
        .start_after = random.OneIn(2) ? "" : text(4),
        .page_size =
            static_cast<int>(random.OneIn(3) ? 1000 : 1 + random.Choose(20))};
    ASSERT_NO_FATAL_FAILURE(ExpectAgrees(keys, options))
        << "prefix " << options.prefix << ", delimiter " << options.delimiter
        << ", behind " << options.start_after << ", pages of "
        << options.page_size;
  }
}

TEST_F(ListingTest, AnObjectIsListedAsItIs) {
  ASSERT_NO_FATAL_FAILURE(Put("cat"));
  const auto info = Ready(store().Head({.bucket = kBucket, .key = "cat"}, {}));
  const auto page = Ready(store().List(kBucket, {}));
  ASSERT_TRUE(info.ok() && page.ok());
  ASSERT_EQ(page->objects.size(), 1u);
  EXPECT_EQ(page->objects[0].key, "cat");
  EXPECT_EQ(page->objects[0].size, info->size);
  EXPECT_EQ(page->objects[0].etag, info->etag);
  EXPECT_EQ(page->objects[0].last_modified, info->last_modified);
}

TEST_F(ListingTest, APageHasBetween1And1000Entries) {
  for (const int size : {-1, 0, 1001}) {
    EXPECT_EQ(
        CodeOf(Ready(store().List(kBucket, {.page_size = size})).status()),
        ErrorCode::kInvalidArgument);
  }
}

// Lists one page of `options`; how many records were read for it.
std::size_t RecordsRead(World& world, const ListOptions& options,
                        std::size_t entry_count) {
  Listing listing(1, options, options.start_after);
  std::size_t count = 0;
  while (auto scan = listing.NextScan()) {
    storage::ReadRequest request;
    request.scan = std::move(scan);
    auto read = Ready(world.memory.Read(kHome, std::move(request)));
    EXPECT_TRUE(read.ok());
    count += read->scanned.size();
    EXPECT_TRUE(listing.Add(*std::move(read)).ok());
  }
  EXPECT_EQ(EntriesOf(listing.TakePage()).size(), entry_count);
  return count;
}

TEST_F(ListingTest, WhatACommonPrefixHidesIsSkipped) {
  for (int directory = 0; directory < 20; ++directory) {
    for (int i = 0; i < 300; ++i) {
      ASSERT_NO_FATAL_FAILURE(
          Put("d" + std::to_string(100 + directory) + "/" + std::to_string(i)));
    }
  }
  EXPECT_LE(RecordsRead(world_, {.delimiter = "/"}, 20), 200u);
  EXPECT_LE(RecordsRead(world_, {.delimiter = "/", .page_size = 1}, 1), 4u);
  EXPECT_LE(RecordsRead(world_, {.prefix = "d105/", .delimiter = "/"}, 300),
            400u);
  EXPECT_LE(RecordsRead(world_, {.page_size = 10}, 10), 11u);
}

TEST_F(ListingTest, WhatHappensBetweenPagesShowsInThoseThatFollow) {
  for (const char* key : {"a", "b", "c", "e"}) {
    ASSERT_NO_FATAL_FAILURE(Put(key));
  }
  ListOptions options{.page_size = 2};
  const auto first = Ready(store().List(kBucket, options));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(EntriesOf(*first), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(Ready(store().Delete({.bucket = kBucket, .key = "b"}, {})).ok());
  ASSERT_TRUE(Ready(store().Delete({.bucket = kBucket, .key = "c"}, {})).ok());
  for (const char* key : {"aa", "d"}) ASSERT_NO_FATAL_FAILURE(Put(key));
  options.continuation = first->next;
  const auto second = Ready(store().List(kBucket, options));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(EntriesOf(*second), (std::vector<std::string>{"d", "e"}));
  EXPECT_EQ(second->next, "");
}

TEST_F(ListingTest, AContinuationLeadsNowhereElse) {
  for (const char* key : {"a", "b"}) ASSERT_NO_FATAL_FAILURE(Put(key));
  const std::string next = Ready(store().List(kBucket, {.page_size = 1}))->next;
  ASSERT_NE(next, "");
  const auto code = [&](std::string_view bucket, const ListOptions& options) {
    return CodeOf(Ready(store().List(bucket, options)).status());
  };
  EXPECT_EQ(code(kBucket, {.continuation = next}), ErrorCode::kOk);
  EXPECT_EQ(code("photo", {.continuation = next}),
            ErrorCode::kInvalidContinuation);
  EXPECT_EQ(code(kBucket, {.prefix = "a", .continuation = next}),
            ErrorCode::kInvalidContinuation);
  EXPECT_EQ(code(kBucket, {.delimiter = "/", .continuation = next}),
            ErrorCode::kInvalidContinuation);
  for (const std::string& wrong :
       {std::string("x"), std::string("zz"), next.substr(1), next.substr(0, 18),
        next + "0", std::string(100'000, '0'),
        std::string("02") + next.substr(2), std::string(18, 'A')}) {
    EXPECT_EQ(code(kBucket, {.continuation = wrong}),
              ErrorCode::kInvalidContinuation)
        << wrong.substr(0, 40);
  }
}

TEST_F(ListingTest, ARecordThatIsDamagedIsSaidToBe) {
  ASSERT_NO_FATAL_FAILURE(Put("a"));
  storage::Batch batch{.write_id = {.high = 1, .low = 1}};
  batch.puts.push_back({.key = ObjectKey(1, "b"), .value = "?"});
  ASSERT_TRUE(Ready(world_.memory.Commit(kHome, std::move(batch))).ok());
  EXPECT_EQ(CodeOf(Ready(store().List(kBucket, {})).status()),
            ErrorCode::kNewerFormat);
  EXPECT_EQ(
      CodeOf(Ready(store().Head({.bucket = kBucket, .key = "b"}, {})).status()),
      ErrorCode::kNewerFormat);
}

TEST(ContinuationTest, TokensComeBack) {
  const ListingIdentity listing{.bucket = 7, .prefix = "p", .delimiter = "/"};
  for (const std::string& last : {std::string("p"), std::string("p\0\xff", 3),
                                  "p" + std::string(1023, 'k')}) {
    EXPECT_EQ(
        DecodeContinuation(listing, EncodeContinuation(listing, last)).value(),
        last);
  }
  for (const char* last : {"", "q"}) {
    EXPECT_EQ(
        CodeOf(DecodeContinuation(listing, EncodeContinuation(listing, last))
                   .status()),
        ErrorCode::kInvalidContinuation);
  }
}

}  // namespace
}  // namespace cairn::object
