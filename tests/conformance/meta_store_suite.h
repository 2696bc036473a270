// What every MetaStore keeps of its contract: guards, batches, counters, scans.
// Include it in one source, and instantiate it there:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, MetaStoreSuite, testing::Values(&Make));

#ifndef CAIRN_TESTS_CONFORMANCE_META_STORE_SUITE_H_
#define CAIRN_TESTS_CONFORMANCE_META_STORE_SUITE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "conformance/store_under_test.h"
#include "storage/meta_store.h"
#include "support/figures.h"
#include "support/sim_loop.h"

namespace cairn::storage {

class MetaStoreSuite : public testing::TestWithParam<StoreFactory> {
 protected:
  MetaStoreSuite() : store_(GetParam()()) {}

  StoreUnderTest& store() { return *store_; }

  ErrorCode CommitCode(Batch batch) {
    return CodeOf(store().Commit(std::move(batch)));
  }
  void Put(std::uint64_t write, std::string key, std::string value) {
    Batch batch{.write_id = IdOf(write)};
    batch.puts.push_back({.key = std::move(key), .value = std::move(value)});
    ASSERT_EQ(CommitCode(std::move(batch)), ErrorCode::kOk);
  }
  // "nothing" where there is no record.
  std::string Value(std::string key) {
    const auto record = store().ReadOne(std::move(key));
    EXPECT_TRUE(record.ok()) << record.status();
    if (!record.ok() || !record->has_value()) return "nothing";
    return (*record)->value;
  }
  std::int64_t Counter(std::string key) {
    ReadRequest request;
    request.counters.push_back(std::move(key));
    const auto result = store().Read(std::move(request));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->counters.at(0) : INT64_MIN;
  }
  // The keys that a scan finds, and whether there are more: "a b ...".
  std::string Scanned(Scan scan) {
    ReadRequest request;
    request.scan = std::move(scan);
    const auto result = store().Read(std::move(request));
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return "failed";
    std::string text;
    for (const Record& record : result->scanned) text += record.key + " ";
    return text + (result->more ? "..." : "");
  }
  // Whether a batch with this guard, that puts something else, is taken.
  bool Holds(
      std::string key,
      std::variant<Guard::Absent, Guard::Present, Guard::Written, Guard::AtMost>
          condition) {
    Batch batch{.write_id = IdOf(++last_write_)};
    batch.guards.push_back(
        {.key = std::move(key), .condition = std::move(condition)});
    batch.puts.push_back(
        {.key = "of " + std::to_string(last_write_), .value = "v"});
    const ErrorCode code = CommitCode(std::move(batch));
    EXPECT_TRUE(code == ErrorCode::kOk || code == ErrorCode::kConflict);
    const std::string value = Value("of " + std::to_string(last_write_));
    EXPECT_EQ(value, code == ErrorCode::kOk ? "v" : "nothing");
    return code == ErrorCode::kOk;
  }

 private:
  std::unique_ptr<StoreUnderTest> store_;
  std::uint64_t last_write_ = 1'000'000;
};

TEST_P(MetaStoreSuite, WhatWasPutReadsBackUntilItIsDeleted) {
  EXPECT_EQ(Value("a"), "nothing");
  Put(1, "a", "first");
  const auto first = store().ReadOne("a");
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ((*first)->key, "a");
  EXPECT_EQ((*first)->value, "first");
  EXPECT_EQ((*first)->write_id, IdOf(1));
  EXPECT_FALSE((*first)->blob.has_value());
  Put(2, "a", "second");
  const auto second = store().ReadOne("a");
  ASSERT_TRUE(second.ok() && second->has_value());
  EXPECT_EQ((*second)->value, "second");
  EXPECT_EQ((*second)->write_id, IdOf(2));
  Batch batch{.write_id = IdOf(3)};
  batch.deletes.push_back({.key = "a"});
  batch.deletes.push_back({.key = "never there"});
  EXPECT_EQ(CommitCode(std::move(batch)), ErrorCode::kOk);
  EXPECT_EQ(Value("a"), "nothing");
}

TEST_P(MetaStoreSuite, AnyBytesAreAKeyOrAValue) {
  const std::string key("\0\xff r c\n", 6);
  Put(1, key, std::string("\0", 1));
  EXPECT_EQ(Value(key), std::string("\0", 1));
  EXPECT_EQ(Value(key + '\0'), "nothing");
}

TEST_P(MetaStoreSuite, EachGuardHoldsWhenItSaysSo) {
  Put(1, "there", "v");
  EXPECT_TRUE(Holds("absent", Guard::Absent{}));
  EXPECT_FALSE(Holds("there", Guard::Absent{}));
  EXPECT_FALSE(Holds("absent", Guard::Present{}));
  EXPECT_TRUE(Holds("there", Guard::Present{}));
  EXPECT_FALSE(Holds("absent", Guard::Written{IdOf(1)}));
  EXPECT_FALSE(Holds("there", Guard::Written{IdOf(2)}));
  EXPECT_TRUE(Holds("there", Guard::Written{IdOf(1)}));
  EXPECT_TRUE(Holds("counter", Guard::AtMost{0}));
  EXPECT_FALSE(Holds("counter", Guard::AtMost{-1}));
}

TEST_P(MetaStoreSuite, AGuardSpeaksOfTheStateBeforeTheBatch) {
  Batch create{.write_id = IdOf(1)};
  create.guards.push_back({.key = "a", .condition = Guard::Absent{}});
  create.puts.push_back({.key = "a", .value = "v"});
  EXPECT_EQ(CommitCode(create), ErrorCode::kOk);
  EXPECT_EQ(CommitCode(create), ErrorCode::kConflict);
  Batch remove{.write_id = IdOf(2)};
  remove.guards.push_back({.key = "a", .condition = Guard::Written{IdOf(1)}});
  remove.deletes.push_back({.key = "a"});
  EXPECT_EQ(CommitCode(remove), ErrorCode::kOk);
  EXPECT_EQ(CommitCode(remove), ErrorCode::kConflict);
}

TEST_P(MetaStoreSuite, AtMostSpeaksOfTheCounterAfterTheBatch) {
  Batch batch{.write_id = IdOf(1)};
  batch.guards.push_back({.key = "c", .condition = Guard::AtMost{10}});
  batch.adds.push_back({.key = "c", .delta = 4});
  batch.adds.push_back({.key = "c", .delta = 1});
  EXPECT_EQ(CommitCode(batch), ErrorCode::kOk);
  EXPECT_EQ(CommitCode(batch), ErrorCode::kOk);
  EXPECT_EQ(Counter("c"), 10);
  EXPECT_EQ(CommitCode(batch), ErrorCode::kConflict);
  EXPECT_EQ(Counter("c"), 10);
}

TEST_P(MetaStoreSuite, OfABatchAllHappensOrNothing) {
  Put(1, "old", "v");
  Batch batch{.write_id = IdOf(2)};
  const std::vector<std::byte> bytes = BytesOf(1000, 1);
  batch.guards.push_back({.key = "old", .condition = Guard::Present{}});
  batch.guards.push_back({.key = "missing", .condition = Guard::Present{}});
  batch.puts.push_back({.key = "new", .value = "v"});
  batch.puts.push_back(
      {.key = "blob",
       .value = "v",
       .blob = SmallBlob{.id = store().blobs().NewBlobId(), .bytes = bytes}});
  batch.deletes.push_back({.key = "old"});
  batch.adds.push_back({.key = "c", .delta = 1});
  EXPECT_EQ(CommitCode(batch), ErrorCode::kConflict);
  EXPECT_EQ(Value("new"), "nothing");
  EXPECT_EQ(Value("blob"), "nothing");
  EXPECT_EQ(Value("old"), "v");
  EXPECT_EQ(Counter("c"), 0);
  Put(3, "missing", "v");
  EXPECT_EQ(CommitCode(batch), ErrorCode::kOk);
  EXPECT_EQ(Value("new"), "v");
  EXPECT_EQ(Value("old"), "nothing");
  EXPECT_EQ(Counter("c"), 1);
  const auto record = store().ReadOne("blob");
  ASSERT_TRUE(record.ok() && record->has_value());
  ASSERT_TRUE((*record)->blob.has_value());
  EXPECT_EQ((*record)->blob->size, bytes.size());
  EXPECT_EQ(store().ReadBlob(*(*record)->blob).value(), bytes);
}

TEST_P(MetaStoreSuite, CountersAddUpAndAreNoRecords) {
  Put(1, "c", "record");
  for (const std::int64_t delta : {5, -7, 0, 12}) {
    Batch batch{.write_id = IdOf(2)};
    batch.adds.push_back({.key = "c", .delta = delta});
    batch.adds.push_back({.key = "d", .delta = 2 * delta});
    ASSERT_EQ(CommitCode(std::move(batch)), ErrorCode::kOk);
  }
  EXPECT_EQ(Counter("c"), 10);
  EXPECT_EQ(Counter("d"), 20);
  EXPECT_EQ(Counter("e"), 0);
  EXPECT_EQ(Value("c"), "record");
  EXPECT_EQ(Value("d"), "nothing");
  EXPECT_EQ(Scanned({}), "c ");
}

TEST_P(MetaStoreSuite, AScanGoesByBytes) {
  for (const char* key :
       {"b", "b/1", "b/2", "b0", "a", "b\x7f", "b\xc3", "c"}) {
    Put(1, key, "v");
  }
  EXPECT_EQ(Scanned({}), "a b b/1 b/2 b0 b\x7f b\xc3 c ");
  EXPECT_EQ(Scanned({.prefix = "b/"}), "b/1 b/2 ");
  EXPECT_EQ(Scanned({.prefix = "x"}), "");
  EXPECT_EQ(Scanned({.prefix = "b", .after = "b"}), "b/1 b/2 b0 b\x7f b\xc3 ");
  EXPECT_EQ(Scanned({.prefix = "b", .after = "a"}),
            "b b/1 b/2 b0 b\x7f b\xc3 ");
  EXPECT_EQ(Scanned({.prefix = "b", .after = "b/\xff"}), "b0 b\x7f b\xc3 ");
  EXPECT_EQ(Scanned({.prefix = "b/", .after = "c"}), "");
  EXPECT_EQ(Scanned({.prefix = "b/", .limit = 2}), "b/1 b/2 ");
  EXPECT_EQ(Scanned({.prefix = "b/", .limit = 1}), "b/1 ...");
  EXPECT_EQ(Scanned({.after = "b0", .limit = 2}), "b\x7f b\xc3 ...");
}

TEST_P(MetaStoreSuite, PagesOfAScanLeaveNothingOut) {
  constexpr int kCount = 2345;
  std::vector<std::string> keys;
  for (int i = 0; i < kCount; ++i) {
    keys.push_back("k" + std::to_string(100'000 + i));
  }
  for (std::size_t i = 0; i < keys.size(); i += 15) {
    Batch batch{.write_id = IdOf(i + 1)};
    for (std::size_t j = i; j < std::min(i + 15, keys.size()); ++j) {
      batch.puts.push_back({.key = keys[j], .value = "v"});
    }
    ASSERT_EQ(CommitCode(std::move(batch)), ErrorCode::kOk);
  }
  std::vector<std::string> found;
  bool more = true;
  while (more) {
    ReadRequest request;
    request.scan = Scan{.prefix = "k"};
    if (!found.empty()) request.scan->after = found.back();
    const auto result = store().Read(std::move(request));
    ASSERT_TRUE(result.ok());
    ASSERT_LE(result->scanned.size(), kScanLimitMax);
    for (const Record& record : result->scanned) found.push_back(record.key);
    more = result->more;
    ASSERT_TRUE(!more || !result->scanned.empty());
  }
  EXPECT_EQ(found, keys);
}

TEST_P(MetaStoreSuite, OneReadAnswersKeysCountersAndAScan) {
  Put(1, "a", "1");
  Batch batch{.write_id = IdOf(2)};
  batch.adds.push_back({.key = "c", .delta = 3});
  ASSERT_EQ(CommitCode(std::move(batch)), ErrorCode::kOk);
  const auto result = store().Read({.keys = {"b", "a", "a"},
                                    .counters = {"c", "d"},
                                    .scan = Scan{.prefix = "a"}});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->records.size(), 3u);
  EXPECT_FALSE(result->records[0].has_value());
  EXPECT_EQ(result->records[1]->value, "1");
  EXPECT_EQ(result->records[2]->value, "1");
  EXPECT_EQ(result->counters, (std::vector<std::int64_t>{3, 0}));
  ASSERT_EQ(result->scanned.size(), 1u);
  EXPECT_EQ(result->scanned[0].value, "1");
}

TEST_P(MetaStoreSuite, OfCommitsWithOneGuardOneWins) {
  std::vector<base::Task<absl::Status>> commits;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    Batch batch{.write_id = IdOf(i)};
    batch.guards.push_back({.key = "a", .condition = Guard::Absent{}});
    batch.puts.push_back({.key = "a", .value = std::to_string(i)});
    batch.adds.push_back({.key = "c", .delta = 1});
    commits.push_back(store().meta().Commit(0, std::move(batch)));
  }
  const std::vector<absl::Status> results =
      store().Await(base::All(std::move(commits)));
  int won = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok()) {
      EXPECT_EQ(CodeOf(results[i]), ErrorCode::kConflict);
      continue;
    }
    ++won;
    EXPECT_EQ(Value("a"), std::to_string(i + 1));
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(Counter("c"), 1);
}

TEST_P(MetaStoreSuite, ABatchThatIsTooLargeChangesNothing) {
  const std::vector<std::byte> bytes = BytesOf(kSmallBlobSizeMax, 1);
  Batch batch{.write_id = IdOf(1)};
  for (std::size_t size = 0; size < store().batch_size_refused();
       size += bytes.size()) {
    batch.puts.push_back(
        {.key = "k" + std::to_string(size),
         .value = "v",
         .blob = SmallBlob{.id = store().blobs().NewBlobId(), .bytes = bytes}});
  }
  EXPECT_EQ(CommitCode(std::move(batch)), ErrorCode::kBatchTooLarge);
  EXPECT_EQ(Scanned({}), "");
}

TEST_P(MetaStoreSuite, WhatABatchFreesIsNotTheBlobThatItPuts) {
  const std::vector<std::byte> old_bytes = BytesOf(700, 1);
  const std::vector<std::byte> new_bytes = BytesOf(700, 2);
  Batch first{.write_id = IdOf(1)};
  first.puts.push_back({.key = "a",
                        .value = "v",
                        .blob = SmallBlob{.id = store().blobs().NewBlobId(),
                                          .bytes = old_bytes}});
  ASSERT_EQ(CommitCode(std::move(first)), ErrorCode::kOk);
  const auto before = store().ReadOne("a");
  ASSERT_TRUE(before.ok() && before->has_value());
  Batch second{.write_id = IdOf(2)};
  second.puts.push_back({.key = "a",
                         .value = "v",
                         .blob = SmallBlob{.id = store().blobs().NewBlobId(),
                                           .bytes = new_bytes}});
  second.frees.push_back(*(*before)->blob);
  ASSERT_EQ(CommitCode(std::move(second)), ErrorCode::kOk);
  const auto after = store().ReadOne("a");
  ASSERT_TRUE(after.ok() && after->has_value());
  EXPECT_EQ(store().ReadBlob(*(*after)->blob).value(), new_bytes);
  const auto freed = store().ReadBlob(*(*before)->blob);
  if (freed.ok()) {
    EXPECT_EQ(*freed, old_bytes);
  } else {
    EXPECT_TRUE(absl::IsNotFound(freed.status())) << freed.status();
  }
}

// A map does the same as the store.
class MetaStoreModel {
 public:
  bool Commit(const Batch& batch) {
    for (const Guard& guard : batch.guards) {
      if (!Holds(guard, batch)) return false;
    }
    for (const storage::Put& put : batch.puts) {
      records[put.key] = {put.value, batch.write_id};
    }
    for (const Delete& removed : batch.deletes) records.erase(removed.key);
    for (const Add& add : batch.adds) counters[add.key] += add.delta;
    return true;
  }

  std::map<std::string, std::pair<std::string, WriteId>> records;
  std::map<std::string, std::int64_t> counters;

 private:
  bool Holds(const Guard& guard, const Batch& batch) {
    const auto found = records.find(guard.key);
    const bool is_there = found != records.end();
    if (std::holds_alternative<Guard::Absent>(guard.condition)) {
      return !is_there;
    }
    if (std::holds_alternative<Guard::Present>(guard.condition)) {
      return is_there;
    }
    if (const auto* by = std::get_if<Guard::Written>(&guard.condition)) {
      return is_there && found->second.second == by->by;
    }
    std::int64_t value = counters[guard.key];
    for (const Add& add : batch.adds) {
      if (add.key == guard.key) value += add.delta;
    }
    return value <= std::get<Guard::AtMost>(guard.condition).limit;
  }
};

// Keys of a batch are different from each other, as callers make them.
inline Batch RandomBatch(support::SeededRandom& random, std::uint64_t write,
                         MetaStoreModel& model) {
  const auto key = [&] { return "k" + std::to_string(random.Choose(30)); };
  Batch batch{.write_id = IdOf(write)};
  for (std::size_t i = random.Choose(3); i > 0; --i) {
    Guard guard{.key = key()};
    const auto found = model.records.find(guard.key);
    switch (random.Choose(4)) {
      case 0:
        break;
      case 1:
        guard.condition = Guard::Present{};
        break;
      case 2:
        guard.condition =
            Guard::Written{found == model.records.end() || random.OneIn(4)
                               ? IdOf(random.Choose(write))
                               : found->second.second};
        break;
      default:
        guard.condition =
            Guard::AtMost{static_cast<std::int64_t>(random.Choose(20)) - 10};
    }
    batch.guards.push_back(std::move(guard));
  }
  std::map<std::string, bool> changed;
  for (std::size_t i = random.Choose(5); i > 0; --i) {
    const std::string name = key();
    if (!changed.emplace(name, true).second) continue;
    if (random.OneIn(3)) {
      batch.deletes.push_back({.key = name});
    } else {
      batch.puts.push_back(
          {.key = name, .value = "v" + std::to_string(random.Next())});
    }
  }
  if (random.OneIn(2)) {
    batch.adds.push_back(
        {.key = key(),
         .delta = static_cast<std::int64_t>(random.Choose(9)) - 4});
  }
  return batch;
}

TEST_P(MetaStoreSuite, AgreesWithAModel) {
  support::SeededRandom random(support::TestSeed(11));
  MetaStoreModel model;
  const std::uint64_t rounds = support::TestIterations(1000);
  std::uint64_t conflicts = 0;
  for (std::uint64_t write = 1; write <= rounds; ++write) {
    const Batch batch = RandomBatch(random, write, model);
    const bool is_taken = model.Commit(batch);
    conflicts += is_taken ? 0 : 1;
    ASSERT_EQ(CommitCode(batch),
              is_taken ? ErrorCode::kOk : ErrorCode::kConflict);
    if (write % 10 != 0) continue;
    const auto result =
        store().Read({.counters = {"k1"}, .scan = Scan{.prefix = "k"}});
    ASSERT_TRUE(result.ok());
    ASSERT_EQ(result->scanned.size(), model.records.size());
    auto expected = model.records.begin();
    for (const Record& record : result->scanned) {
      ASSERT_EQ(record.key, expected->first);
      ASSERT_EQ(record.value, expected->second.first);
      ASSERT_EQ(record.write_id, expected->second.second);
      ++expected;
    }
    ASSERT_EQ(result->counters[0], model.counters["k1"]);
  }
  EXPECT_GT(conflicts, rounds / 20);
}

}  // namespace cairn::storage

#endif  // CAIRN_TESTS_CONFORMANCE_META_STORE_SUITE_H_
