// Records of objects come back as they were, and no bytes that are wrong are
// taken for one: each rule of FORMAT.md, sections 9 and 10, is broken by
// itself, and a record is cut and damaged at every place.

#include "format/object_record.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "format/tagged_fields.h"
#include "support/figures.h"
#include "support/sim_loop.h"

namespace cairn::format {
namespace {

ObjectRecord Bare() {
  ObjectRecord record;
  for (std::size_t i = 0; i < record.head.etag.size(); ++i) {
    record.head.etag[i] = static_cast<std::byte>(i);
  }
  record.head.last_modified = absl::FromUnixMillis(1'700'000'000'123);
  record.head.size = 300;
  return record;
}

ObjectRecord Inline() {
  ObjectRecord record = Bare();
  record.head.size = 4;
  record.inline_body = std::string("\0abc", 4);
  record.headers = {.content_type = "a",
                    .content_encoding = "b",
                    .content_language = "c",
                    .content_disposition = "d",
                    .cache_control = "e",
                    .expires = "f"};
  record.metadata = {{"m", ""}, {"n", std::string(200, 'v')}};
  return record;
}

ObjectRecord InParts() {
  ObjectRecord record = Bare();
  record.head.size = UINT64_MAX;
  record.parts = ObjectParts{.id = {.high = 5, .low = 6}, .count = UINT64_MAX};
  record.metadata = {{"only", "one"}};
  return record;
}

struct Field {
  std::uint64_t tag;
  std::string bytes;
};

// Bare() with the fields that are given.
std::string WithFields(const std::vector<Field>& fields) {
  std::string bytes = Encode(Bare());
  for (const Field& field : fields) {
    AppendField(bytes, {.tag = field.tag, .bytes = field.bytes});
  }
  return bytes;
}

ErrorCode CodeOfDecoding(std::string_view bytes) {
  return CodeOf(DecodeObjectRecord(bytes).status());
}

ErrorCode CodeWith(const std::vector<Field>& fields) {
  return CodeOfDecoding(WithFields(fields));
}

TEST(ObjectRecordTest, RecordsComeBackAsTheyWere) {
  for (const ObjectRecord& record : {Bare(), Inline(), InParts()}) {
    const std::string bytes = Encode(record);
    const auto decoded = DecodeObjectRecord(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, record);
    const auto head = DecodeObjectHead(bytes);
    ASSERT_TRUE(head.ok()) << head.status();
    EXPECT_EQ(*head, record.head);
  }
}

TEST(ObjectRecordTest, TimesAreMovedIntoTheirBounds) {
  EXPECT_EQ(ToRecordTime(absl::InfiniteFuture()),
            absl::FromUnixMillis(static_cast<std::int64_t>(kRecordMillisMax)));
  EXPECT_EQ(ToRecordTime(absl::InfinitePast()), absl::UnixEpoch());
  EXPECT_EQ(ToRecordTime(absl::FromUnixMicros(1999)), absl::FromUnixMillis(1));
  ObjectRecord record = Bare();
  record.head.last_modified = absl::InfiniteFuture();
  const auto head = DecodeObjectHead(Encode(record));
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->last_modified, ToRecordTime(absl::InfiniteFuture()));
}

TEST(ObjectRecordTest, ATimeBeyondItsBoundIsRefused) {
  std::string bytes = Encode(Bare());
  bytes[17 + 7] = '\x7f';
  EXPECT_EQ(CodeOfDecoding(bytes), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(DecodeObjectHead(bytes).status()), ErrorCode::kCorrupt);
}

TEST(ObjectRecordTest, AnotherVersionIsNamed) {
  std::string bytes = Encode(Bare());
  bytes[0] = 2;
  EXPECT_EQ(CodeOfDecoding(bytes), ErrorCode::kNewerFormat);
  EXPECT_EQ(CodeOf(DecodeObjectHead(bytes).status()), ErrorCode::kNewerFormat);
  bytes[0] = 0;
  EXPECT_EQ(CodeOfDecoding(bytes), ErrorCode::kCorrupt);
}

TEST(ObjectRecordTest, AFieldThatIsNotKnownIsPassedOverWhenItsTagIsOdd) {
  const std::string bytes = WithFields({{.tag = 1, .bytes = "text"},
                                        {.tag = 15, .bytes = ""},
                                        {.tag = 1'000'001, .bytes = "new"}});
  const auto decoded = DecodeObjectRecord(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ObjectRecord expected = Bare();
  expected.headers.content_type = "text";
  EXPECT_EQ(*decoded, expected);
  for (const std::uint64_t tag : {0, 6, 8, 10, 12, 1'000'000}) {
    EXPECT_EQ(CodeWith({{.tag = tag, .bytes = "new"}}),
              ErrorCode::kNewerFormat);
  }
}

TEST(ObjectRecordTest, TagsAscend) {
  EXPECT_EQ(CodeWith({{.tag = 3, .bytes = "x"}, {.tag = 1, .bytes = "x"}}),
            ErrorCode::kCorrupt);
  EXPECT_EQ(CodeWith({{.tag = 3, .bytes = "x"}, {.tag = 3, .bytes = "x"}}),
            ErrorCode::kCorrupt);
}

TEST(ObjectRecordTest, NoFieldIsEmpty) {
  for (const std::uint64_t tag : {1, 2, 3, 4, 5, 7, 9, 11, 13}) {
    EXPECT_EQ(CodeWith({{.tag = tag, .bytes = ""}}), ErrorCode::kCorrupt)
        << tag;
  }
}

TEST(ObjectRecordTest, ABodyIsAsLargeAsItsHeadSaysAndInOnePlace) {
  const std::string parts = std::string(16, 'p') + '\x02';
  EXPECT_EQ(CodeWith({{.tag = 2, .bytes = std::string(300, 'b')}}),
            ErrorCode::kOk);
  EXPECT_EQ(CodeWith({{.tag = 2, .bytes = std::string(299, 'b')}}),
            ErrorCode::kCorrupt);
  EXPECT_EQ(CodeWith({{.tag = 2, .bytes = std::string(300, 'b')},
                      {.tag = 4, .bytes = parts}}),
            ErrorCode::kCorrupt);
}

TEST(ObjectRecordTest, PartsAreAnIdAndANumberOfAtLeastTwo) {
  const std::string id(16, 'p');
  EXPECT_EQ(CodeWith({{.tag = 4, .bytes = id + '\x02'}}), ErrorCode::kOk);
  for (const std::string& bytes :
       {id, id + '\x01', id + '\x02' + '\x00', id + '\x82', id.substr(1),
        id + std::string("\x82\x00", 2)}) {
    EXPECT_EQ(CodeWith({{.tag = 4, .bytes = bytes}}), ErrorCode::kCorrupt);
  }
}

TEST(ObjectRecordTest, NamesOfMetadataAscend) {
  const auto code = [](std::string_view bytes) {
    return CodeWith({{.tag = 13, .bytes = std::string(bytes)}});
  };
  EXPECT_EQ(code("\x01"
                 "a"
                 "\x01"
                 "v"
                 "\x01"
                 "b"
                 "\x01"
                 "v"),
            ErrorCode::kOk);
  EXPECT_EQ(code("\x01"
                 "b"
                 "\x01"
                 "v"
                 "\x01"
                 "a"
                 "\x01"
                 "v"),
            ErrorCode::kCorrupt);
  EXPECT_EQ(code("\x01"
                 "a"
                 "\x01"
                 "v"
                 "\x01"
                 "a"
                 "\x01"
                 "w"),
            ErrorCode::kCorrupt);
  EXPECT_EQ(code("\x01"
                 "a"),
            ErrorCode::kCorrupt);
  EXPECT_EQ(code("\x01"
                 "a"
                 "\x02"
                 "v"),
            ErrorCode::kCorrupt);
  EXPECT_EQ(code("\x7f"
                 "a"
                 "\x01"
                 "v"),
            ErrorCode::kCorrupt);
}

TEST(ObjectRecordTest, ASizeBeyondTheEndIsRefusedBeforeAnythingIsAllocated) {
  std::string bytes = Encode(Bare());
  AppendVarint(bytes, 1);
  AppendVarint(bytes, UINT64_MAX);
  EXPECT_EQ(CodeOfDecoding(bytes), ErrorCode::kCorrupt);
}

TEST(ObjectRecordTest, ARecordThatIsCutInsideOfAFieldIsRefused) {
  const ObjectRecord record = Inline();
  const std::string bytes = Encode(record);
  // The lengths at which a field ends, where nothing shows what is missing.
  ObjectRecord shorter = record;
  std::vector<std::size_t> whole;
  shorter.metadata.clear();
  whole.push_back(Encode(shorter).size());
  for (std::string* text :
       {&shorter.headers.expires, &shorter.headers.cache_control,
        &shorter.headers.content_disposition, &shorter.headers.content_language,
        &shorter.headers.content_encoding, &shorter.inline_body,
        &shorter.headers.content_type}) {
    text->clear();
    whole.push_back(Encode(shorter).size());
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const bool is_whole =
        std::find(whole.begin(), whole.end(), size) != whole.end();
    EXPECT_EQ(CodeOfDecoding(std::string_view(bytes).substr(0, size)),
              is_whole ? ErrorCode::kOk : ErrorCode::kCorrupt)
        << size;
  }
}

// What is accepted is what Encode() makes, so that damage is refused or another
// record; only a field that is not known is dropped.
TEST(ObjectRecordTest, DamagedBytesAreRefusedOrARecord) {
  support::SeededRandom random(support::TestSeed(5));
  const std::uint64_t rounds = support::TestIterations(20'000);
  std::uint64_t refused = 0;
  std::uint64_t taken = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    std::string bytes = Encode(random.OneIn(2) ? Inline() : InParts());
    for (std::size_t n = 1 + random.Choose(3); n > 0; --n) {
      bytes[random.Choose(bytes.size())] = static_cast<char>(random.Next());
    }
    if (random.OneIn(4)) bytes.resize(random.Choose(bytes.size()));
    const auto decoded = DecodeObjectRecord(bytes);
    if (!decoded.ok()) {
      ++refused;
      ASSERT_TRUE(CodeOf(decoded.status()) == ErrorCode::kCorrupt ||
                  CodeOf(decoded.status()) == ErrorCode::kNewerFormat);
      continue;
    }
    ++taken;
    const std::string again = Encode(*decoded);
    ASSERT_LE(again.size(), bytes.size());
    ASSERT_EQ(DecodeObjectRecord(again).value(), *decoded);
  }
  EXPECT_GT(refused, rounds / 20);
  EXPECT_GT(taken, rounds / 20);
}

}  // namespace
}  // namespace cairn::format
