// Values of index entries: each field of them is found, in the log and in runs,
// and bytes that are no such value are explained as far as they go.

#include "inspect/value_outline.h"

#include <map>
#include <string>

#include "gtest/gtest.h"

#include "format/bucket_record.h"
#include "format/object_record.h"
#include "set/blob_entry.h"
#include "set/index_key.h"
#include "support/figures.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

using std::string_literals::operator""s;
using Entries = std::map<std::string, std::string>;
using Values = std::map<std::string, std::string>;

const std::string kBucket = "\0\0\0\0\0\0\0\7"s;
const format::BlobId kBlob{.epoch = 1, .random = 2, .counter = 3};
constexpr base::Uuid kWrite{.high = 0xe, .low = 1};

std::string EntryOf(std::string value) {
  return format::Encode(
      format::Entry{.write_id = kWrite, .value = std::move(value)});
}

std::string ObjectWithBody() {
  format::ObjectRecord record;
  record.head = {.last_modified = absl::FromUnixMillis(1234), .size = 5};
  record.headers.content_type = "text/plain";
  record.headers.expires = "never";
  record.metadata = {{"color", "red"}, {"shape", "round"}};
  record.inline_body = "hello";
  return format::Encode(record);
}

std::string ObjectOfParts() {
  format::ObjectRecord record;
  record.head = {.size = 3000};
  record.parts = {.id = {.high = 8, .low = 9}, .count = 300};
  return format::Encode(record);
}

// One of each kind, by the keys of the index.
Entries AllEntries() {
  const format::BucketRecord bucket{
      .id = 7, .created = absl::FromUnixMillis(99), .home_set = 6};
  const set::BlobEntry blob{.size = 5000,
                            .place = {.sealed = 5,
                                      .unit = 65536,
                                      .data_shards = 2,
                                      .parity_shards = 1,
                                      .digest = {.high = 3, .low = 4}}};
  return {
      {set::RecordKey("o" + kBucket + "body"), EntryOf(ObjectWithBody())},
      {set::RecordKey("o" + kBucket + "parts"), EntryOf(ObjectOfParts())},
      {set::RecordKey("p" + kBucket), EntryOf("\1")},
      {set::RecordKey("nphotos"), EntryOf(format::Encode(bucket))},
      {set::CounterKey("b"), EntryOf("\1\2\0\0\0\0\0\0"s)},
      {set::KeyOfBlob(set::kBlobKey, kBlob),
       set::EncodeBlobEntry(kWrite, blob)},
      {set::KeyOfBlob(set::kFreedKey, kBlob), set::EncodeFreedEntry(kWrite)},
      {set::KeyOfBlob(set::kHealKey, kBlob), set::EncodeHealEntry(kWrite, 6)},
  };
}

Sample LogOf(const Entries& entries) {
  LogBuilder log(set::kLogSizeMin);
  log.AppendPuts(entries);
  return log.Finish();
}

Sample RunOfEntries(const Entries& entries) {
  index::Model model;
  for (const auto& [key, entry] : entries) {
    model[key] = {.sequence = 10, .value = entry};
  }
  return RunOf(model);
}

// The values of all fields below the item `from`, by their names from there.
Values ExplainBelow(const Sample& sample, const std::string& from,
                    std::uint64_t end) {
  Values values;
  for (std::uint64_t at = 0; at < end; ++at) {
    const auto report = InspectSample(sample, {.offset = at});
    if (!report.ok()) continue;
    const InspectItem* item = &report->items.front();
    std::string name;
    bool is_below = false;
    while (!item->parts.empty()) {
      if (is_below) name += (name.empty() ? "" : " / ") + item->name;
      is_below = is_below || item->name.starts_with(from);
      if (item->parts.front().name == "byte") break;
      item = &item->parts.front();
    }
    if (!name.empty()) values.emplace(name, item->value);
  }
  return values;
}

void ExpectAll(const Values& values) {
  const auto expect = [&](const std::string& name, const std::string& value) {
    const auto found = values.find(name);
    ASSERT_TRUE(found != values.end()) << name;
    EXPECT_EQ(found->second, value) << name;
  };
  expect("object / version", "1");
  expect("object / field 0 / content_type", "\"text/plain\"");
  expect("object / field 1 / body", "68656c6c6f");
  expect("object / field 2 / expires", "\"never\"");
  expect("object / field 3 / user_metadata / pair 1 / name", "\"shape\"");
  expect("object / field 3 / user_metadata / pair 1 / value", "\"round\"");
  expect("object / last_modified", "1234");
  expect("object / size", "5");
  expect("object / field 0 / parts / id",
         base::ToString({.high = 8, .low = 9}));
  expect("object / field 0 / parts / count", "300");
  expect("bucket / home_set", "6");
  expect("bucket / id", "7");
  expect("bucket / created", "99");
  expect("part / mark", "1");
  expect("counter / count", "513");
  expect("files of a blob / size", "5000");
  expect("files of a blob / sealed", "00000005");
  expect("files of a blob / unit", "65536");
  expect("files of a blob / data_shards", "2");
  expect("files of a blob / parity_shards", "1");
  expect("files of a blob / digest", base::ToString({.high = 3, .low = 4}));
  expect("freed blob / mark", "1");
  expect("shards to heal / positions", "00000006");
  for (const auto& [name, value] : values) {
    EXPECT_EQ(name.find("do not decode"), std::string::npos) << name;
  }
}

TEST(ValueTest, EveryFieldOfAValueInTheLogIsExplained) {
  const Sample log = LogOf(AllEntries());
  ExpectAll(ExplainBelow(log, "entry", 16384));
}

TEST(ValueTest, EveryFieldOfAValueInARunIsExplained) {
  const Sample run = RunOfEntries(AllEntries());
  ExpectAll(ExplainBelow(run, "value", 4096));
}

// Whoever writes to a drive can make the checksums around values hold.
TEST(ValueTest, ForgedValuesAreExplainedAsFarAsTheyGo) {
  support::SeededRandom random(support::TestSeed(12));
  const std::uint64_t rounds = support::TestIterations(100);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Entries entries = AllEntries();
    for (auto& [key, entry] : entries) {
      entry.resize(18 + random.Choose(entry.size()));
      for (std::uint64_t i = random.Choose(4); i > 0; --i) {
        entry[17 + random.Choose(entry.size() - 17)] =
            static_cast<char>(random.Next());
      }
    }
    const Sample log = LogOf(entries);
    const Sample run = RunOfEntries(entries);
    for (std::uint64_t at = 0; at < 4096; at += 1 + random.Choose(40)) {
      ASSERT_TRUE(InspectSample(log, {.offset = 8192 + at}).ok()) << at;
      ASSERT_TRUE(InspectSample(run, {.offset = at}).ok()) << at;
    }
  }
}

}  // namespace
}  // namespace cairn::inspect
