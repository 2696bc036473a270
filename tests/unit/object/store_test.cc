// Buckets and objects do what cairn/engine.h says: one test for each promise
// and each error, on a store in memory.

#include "object/store.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "digest/hex.h"
#include "digest/md5.h"
#include "unit/object/object_testing.h"

namespace cairn::object {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() { EXPECT_TRUE(Ready(store().CreateBucket("photos")).ok()); }

  Store& store() { return world_.store; }
  support::MemoryStore& memory() { return world_.memory; }

  ErrorCode PutCode(std::string_view key, const PutOptions& options = {}) {
    const ObjectRef ref{.bucket = "photos", .key = key};
    return CodeOf(PutText(store(), ref, "x", options).status());
  }
  ErrorCode GetCode(ObjectRef ref, const GetOptions& options = {}) {
    return CodeOf(GetText(store(), ref, options).status());
  }
  ErrorCode DeleteCode(ObjectRef ref, const DeleteOptions& options = {}) {
    return CodeOf(Ready(store().Delete(ref, options)));
  }
  BucketInfo Usage() {
    const auto info = Ready(store().HeadBucket("photos"));
    EXPECT_TRUE(info.ok()) << info.status();
    return info.value_or(BucketInfo{});
  }

  World world_{1};
  const ObjectRef cat_{.bucket = "photos", .key = "cat"};
};

TEST_F(StoreTest, AnObjectOfEverySizeReadsBack) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kInlineSizeMax, kInlineSizeMax + 1,
        storage::kSmallBlobSizeMax, storage::kSmallBlobSizeMax + 1,
        std::size_t{kTestBlobSizeMax}, std::size_t{kTestBlobSizeMax} + 1,
        std::size_t{5 * kTestBlobSizeMax}, std::size_t{500'000}}) {
    const std::string body = BodyOf(size, size);
    const auto put = PutText(store(), cat_, body);
    ASSERT_TRUE(put.ok()) << size << put.status();
    const auto got = GetText(store(), cat_);
    ASSERT_TRUE(got.ok()) << size << got.status();
    EXPECT_EQ(*got, body) << size;
    EXPECT_EQ(Usage().object_count, 1u);
    EXPECT_EQ(Usage().object_bytes, size);
  }
}

TEST_F(StoreTest, WhatWasReplacedOrDeletedTakesNoRoom) {
  for (const std::size_t size : {500'000, 1000, 100'000, 10, 500'000}) {
    ASSERT_TRUE(PutText(store(), cat_, BodyOf(size, size)).ok());
    const std::size_t blob_count =
        size < 513 ? 0 : (size + kTestBlobSizeMax - 1) / kTestBlobSizeMax;
    EXPECT_EQ(memory().blob_count(), blob_count) << size;
  }
  EXPECT_EQ(DeleteCode(cat_), ErrorCode::kOk);
  EXPECT_EQ(memory().blob_count(), 0u);
  EXPECT_EQ(memory().record_count(), 1u);
  EXPECT_EQ(Usage().object_count, 0u);
  EXPECT_EQ(Usage().object_bytes, 0u);
}

TEST_F(StoreTest, HeadersAndMetadataComeBack) {
  const PutOptions options{
      .headers = {.content_type = "image/png", .expires = "never"},
      .metadata = {{"camera", "\xc3\xa9t\xc3\xa9"}, {"empty", ""}}};
  const auto put = PutText(store(), cat_, "body", options);
  ASSERT_TRUE(put.ok());
  EXPECT_FALSE(put->replaced);
  const auto info = Ready(store().Head(cat_, {}));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->key, "cat");
  EXPECT_EQ(info->size, 4u);
  EXPECT_EQ(info->etag, put->etag);
  EXPECT_EQ(info->last_modified, put->last_modified);
  EXPECT_EQ(info->headers, options.headers);
  EXPECT_EQ(info->metadata, options.metadata);
}

TEST_F(StoreTest, AnMd5ETagIsThatOfWhatWasPutHoweverItWasPut) {
  const PutOptions options{.etag = ETagKind::kMd5};
  const auto put = [&](std::string_view body) {
    return Ready(store().Put(cat_, base::AsBytes(body), options));
  };
  for (const std::size_t size : {0, 3, 512, 513, 65'536, 65'537, 300'000}) {
    const std::string body = BodyOf(size, size);
    digest::Md5 md5;
    md5.Update(base::AsBytes(body));
    const std::string expected = digest::ToHex(*md5.Finish());
    EXPECT_EQ(put(body)->etag, expected) << size;
    EXPECT_EQ(Ready(store().Head(cat_, {}))->etag, expected) << size;
    auto writer = Ready(store().BeginPut(cat_, options));
    ASSERT_TRUE(writer.ok());
    for (std::size_t at = 0; at < size; at += 30'000) {
      const std::string piece = body.substr(at, 30'000);
      ASSERT_TRUE(Ready((*writer)->Append(base::AsBytes(piece))).ok());
    }
    EXPECT_EQ(Ready((*writer)->Commit())->etag, expected) << size;
  }
  EXPECT_EQ(put("abc")->etag, "900150983cd24fb0d6963f7d28e17f72");
}

TEST_F(StoreTest, AnOpaqueETagOf32HexDigitsIsNewWithEveryPut) {
  const PutOptions opaque{.etag = ETagKind::kOpaque};
  const auto first = PutText(store(), cat_, "same", opaque);
  const auto second = PutText(store(), cat_, "same", opaque);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->etag.size(), 32u);
  EXPECT_EQ(first->etag.find_first_not_of("0123456789abcdef"),
            std::string::npos);
  EXPECT_NE(first->etag, second->etag);
  EXPECT_TRUE(second->replaced);
}

TEST_F(StoreTest, WhatIsNotThereIsNamed) {
  EXPECT_EQ(GetCode(cat_), ErrorCode::kNoSuchKey);
  EXPECT_EQ(GetCode({.bucket = "nowhere", .key = "cat"}),
            ErrorCode::kNoSuchBucket);
  EXPECT_EQ(GetCode({.bucket = "NO NAME", .key = "cat"}),
            ErrorCode::kNoSuchBucket);
  EXPECT_EQ(DeleteCode(cat_), ErrorCode::kOk);
  EXPECT_EQ(DeleteCode({.bucket = "nowhere", .key = "cat"}),
            ErrorCode::kNoSuchBucket);
  EXPECT_EQ(CodeOf(Ready(store().Head(cat_, {})).status()),
            ErrorCode::kNoSuchKey);
  EXPECT_EQ(
      CodeOf(PutText(store(), {.bucket = "nowhere", .key = "k"}, "x").status()),
      ErrorCode::kNoSuchBucket);
  EXPECT_EQ(CodeOf(Ready(store().HeadBucket("nowhere")).status()),
            ErrorCode::kNoSuchBucket);
  EXPECT_EQ(CodeOf(Ready(store().DeleteBucket("nowhere"))),
            ErrorCode::kNoSuchBucket);
  EXPECT_EQ(CodeOf(Ready(store().List("nowhere", {})).status()),
            ErrorCode::kNoSuchBucket);
}

TEST_F(StoreTest, KeysAndBucketNamesAreChecked) {
  for (const std::string& key :
       {std::string(), std::string(1025, 'k'), std::string("\xff"),
        std::string("\xed\xa0\x80")}) {
    EXPECT_EQ(PutCode(key), ErrorCode::kInvalidKey) << key.size();
    const ObjectRef ref{.bucket = "photos", .key = key};
    EXPECT_EQ(GetCode(ref), ErrorCode::kInvalidKey);
    EXPECT_EQ(DeleteCode(ref), ErrorCode::kInvalidKey);
    EXPECT_EQ(CodeOf(Ready(store().Head(ref, {})).status()),
              ErrorCode::kInvalidKey);
    EXPECT_EQ(CodeOf(Ready(store().BeginPut(ref, {})).status()),
              ErrorCode::kInvalidKey);
  }
  EXPECT_EQ(CodeOf(Ready(store().CreateBucket("Photos"))),
            ErrorCode::kInvalidBucketName);
}

TEST_F(StoreTest, KeysAreNoPaths) {
  const std::vector<std::string> keys = {"a",
                                         "a/",
                                         "a/b",
                                         "a//b",
                                         "/a",
                                         "../a",
                                         ".",
                                         "..",
                                         "\\",
                                         "a\nb",
                                         std::string("a\0b", 3),
                                         std::string(1024, 'k'),
                                         "\xf4\x8f\xbf\xbf"};
  for (const std::string& key : keys) {
    ASSERT_TRUE(PutText(store(), {.bucket = "photos", .key = key}, key).ok());
  }
  for (const std::string& key : keys) {
    const auto got = GetText(store(), {.bucket = "photos", .key = key});
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(*got, key);
  }
}

TEST_F(StoreTest, HeadersAndMetadataAreBounded) {
  const auto code = [&](const PutOptions& options) {
    return PutCode("cat", options);
  };
  EXPECT_EQ(code({.metadata = {{"a", std::string(2047, 'v')}}}),
            ErrorCode::kOk);
  EXPECT_EQ(code({.metadata = {{"a", std::string(2048, 'v')}}}),
            ErrorCode::kMetadataTooLarge);
  EXPECT_EQ(code({.headers = {.content_type = std::string(4096, 'v')}}),
            ErrorCode::kOk);
  EXPECT_EQ(code({.headers = {.content_type = std::string(4096, 'v'),
                              .expires = "v"}}),
            ErrorCode::kMetadataTooLarge);
  EXPECT_EQ(code({.headers = {.cache_control = "a\r\nb"}}),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.metadata = {{"a", "\n"}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.metadata = {{"a", "\xff"}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.metadata = {{"A", "v"}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.metadata = {{"a b", "v"}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.metadata = {{"", "v"}}}), ErrorCode::kInvalidArgument);
}

TEST_F(StoreTest, ConditionsOfPut) {
  EXPECT_EQ(PutCode("cat", {.if_match = "*"}), ErrorCode::kNoSuchKey);
  EXPECT_EQ(PutCode("cat", {.if_match = std::string(32, '0')}),
            ErrorCode::kNoSuchKey);
  EXPECT_EQ(PutCode("cat", {.if_none_match = "*"}), ErrorCode::kOk);
  EXPECT_EQ(PutCode("cat", {.if_none_match = "*"}),
            ErrorCode::kPreconditionFailed);
  EXPECT_EQ(PutCode("cat", {.if_match = "*"}), ErrorCode::kOk);
  const std::string etag = PutText(store(), cat_, "y")->etag;
  EXPECT_EQ(PutCode("cat", {.if_none_match = etag}),
            ErrorCode::kPreconditionFailed);
  EXPECT_EQ(PutCode("cat", {.if_match = std::string(32, '0')}),
            ErrorCode::kPreconditionFailed);
  EXPECT_EQ(PutCode("cat", {.if_match = etag}), ErrorCode::kOk);
  EXPECT_EQ(PutCode("cat", {.if_match = etag}), ErrorCode::kPreconditionFailed);
}

TEST_F(StoreTest, ConditionsOfGetAndHead) {
  const std::string etag = PutText(store(), cat_, "x")->etag;
  const std::string other(32, '0');
  const auto head_code = [&](const HeadOptions& options) {
    return CodeOf(Ready(store().Head(cat_, options)).status());
  };
  EXPECT_EQ(GetCode(cat_, {.if_match = etag}), ErrorCode::kOk);
  EXPECT_EQ(GetCode(cat_, {.if_match = "*"}), ErrorCode::kOk);
  EXPECT_EQ(GetCode(cat_, {.if_match = other}), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(GetCode(cat_, {.if_none_match = etag}), ErrorCode::kNotModified);
  EXPECT_EQ(GetCode(cat_, {.if_none_match = "*"}), ErrorCode::kNotModified);
  EXPECT_EQ(GetCode(cat_, {.if_none_match = other}), ErrorCode::kOk);
  EXPECT_EQ(head_code({.if_match = other}), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(head_code({.if_none_match = etag}), ErrorCode::kNotModified);
  EXPECT_EQ(head_code({.if_match = etag, .if_none_match = other}),
            ErrorCode::kOk);
}

TEST_F(StoreTest, ConditionsOfDelete) {
  EXPECT_EQ(DeleteCode(cat_, {.if_match = "*"}), ErrorCode::kNoSuchKey);
  const std::string etag = PutText(store(), cat_, "x")->etag;
  EXPECT_EQ(DeleteCode(cat_, {.if_match = std::string(32, '0')}),
            ErrorCode::kPreconditionFailed);
  EXPECT_EQ(DeleteCode(cat_, {.if_match = etag}), ErrorCode::kOk);
  EXPECT_EQ(GetCode(cat_), ErrorCode::kNoSuchKey);
}

TEST_F(StoreTest, RangesGiveTheirBytesOnly) {
  for (const std::size_t size : {100, 10'000, 300'000}) {
    const std::string body = BodyOf(size, 7);
    ASSERT_TRUE(PutText(store(), cat_, body).ok());
    const auto range = [&](ByteRange of) {
      return GetText(store(), cat_, {.range = of}).value_or("failed");
    };
    EXPECT_EQ(range(ByteRange::First(10)), body.substr(0, 10));
    EXPECT_EQ(range(ByteRange::Last(10)), body.substr(size - 10));
    EXPECT_EQ(range(ByteRange::From(90)), body.substr(90));
    EXPECT_EQ(range(ByteRange::Between(3, 3)), body.substr(3, 1));
    EXPECT_EQ(range(ByteRange::Between(60, UINT64_MAX)), body.substr(60));
    EXPECT_EQ(range(ByteRange::First(UINT64_MAX)), body);
    EXPECT_EQ(GetCode(cat_, {.range = ByteRange::From(size)}),
              ErrorCode::kInvalidRange);
    EXPECT_EQ(GetCode(cat_, {.range = ByteRange::Between(5, 4)}),
              ErrorCode::kInvalidRange);
  }
}

TEST_F(StoreTest, NoRangeSuitsAnEmptyObject) {
  ASSERT_TRUE(PutText(store(), cat_, "").ok());
  EXPECT_EQ(GetCode(cat_, {.range = ByteRange::First(1)}),
            ErrorCode::kInvalidRange);
  EXPECT_EQ(GetCode(cat_, {.range = ByteRange::Last(1)}),
            ErrorCode::kInvalidRange);
  EXPECT_EQ(GetText(store(), cat_).value_or("failed"), "");
}

TEST_F(StoreTest, ABucketIsCreatedOnceAndDeletedWhenEmpty) {
  EXPECT_EQ(CodeOf(Ready(store().CreateBucket("photos"))),
            ErrorCode::kBucketAlreadyExists);
  ASSERT_TRUE(PutText(store(), cat_, "x").ok());
  EXPECT_EQ(CodeOf(Ready(store().DeleteBucket("photos"))),
            ErrorCode::kBucketNotEmpty);
  EXPECT_EQ(DeleteCode(cat_), ErrorCode::kOk);
  EXPECT_TRUE(Ready(store().DeleteBucket("photos")).ok());
  EXPECT_EQ(GetCode(cat_), ErrorCode::kNoSuchBucket);
  EXPECT_EQ(memory().record_count(), 0u);
}

TEST_F(StoreTest, BucketsAreListedByName) {
  for (const char* name : {"cats", "dogs", "cats.old", "birds"}) {
    ASSERT_TRUE(Ready(store().CreateBucket(name)).ok());
  }
  const auto names = [&](const ListBucketsOptions& options) {
    const auto page = Ready(store().ListBuckets(options));
    std::string text = page.ok() ? "" : "failed";
    if (!page.ok()) return text;
    for (const BucketSummary& bucket : page->buckets) text += bucket.name + " ";
    return text + (page->is_truncated ? "..." : "");
  };
  EXPECT_EQ(names({}), "birds cats cats.old dogs photos ");
  EXPECT_EQ(names({.prefix = "cats"}), "cats cats.old ");
  EXPECT_EQ(names({.start_after = "cats", .page_size = 2}),
            "cats.old dogs ...");
  EXPECT_EQ(names({.page_size = 0}), "failed");
  EXPECT_EQ(names({.page_size = 1001}), "failed");
}

TEST_F(StoreTest, AStoreThatRemembersADeletedBucketFindsTheNewOne) {
  Store other(Environment{.meta = memory(),
                          .blobs = memory(),
                          .clock = world_.loop,
                          .random = world_.random});
  ASSERT_TRUE(PutText(store(), cat_, "old").ok());
  ASSERT_EQ(DeleteCode(cat_), ErrorCode::kOk);
  ASSERT_TRUE(Ready(other.DeleteBucket("photos")).ok());
  EXPECT_EQ(PutCode("cat"), ErrorCode::kNoSuchBucket);
  ASSERT_TRUE(Ready(store().CreateBucket("photos")).ok());
  EXPECT_EQ(GetCode(cat_), ErrorCode::kNoSuchKey);  // remembered now

  ASSERT_TRUE(Ready(other.DeleteBucket("photos")).ok());
  ASSERT_TRUE(Ready(other.CreateBucket("photos")).ok());
  ASSERT_TRUE(PutText(other, cat_, "new").ok());
  EXPECT_EQ(GetText(store(), cat_).value_or("failed"), "new");

  ASSERT_TRUE(Ready(other.Delete(cat_, {})).ok());
  ASSERT_TRUE(Ready(other.DeleteBucket("photos")).ok());
  ASSERT_TRUE(Ready(other.CreateBucket("photos")).ok());
  ASSERT_TRUE(PutText(store(), cat_, "newer").ok());
  EXPECT_EQ(GetText(other, cat_).value_or("failed"), "newer");
  EXPECT_EQ(Usage().object_count, 1u);
}

TEST_F(StoreTest, AStreamOfUnknownLengthIsPut) {
  for (const std::size_t size : {0, 1, 600, 65'536, 65'537, 140'000, 500'000}) {
    const std::string body = BodyOf(size, size);
    auto writer = Ready(store().BeginPut(cat_, {}));
    ASSERT_TRUE(writer.ok());
    for (std::size_t at = 0; at < size; at += 30'000) {
      const std::string piece = body.substr(at, 30'000);
      ASSERT_TRUE(Ready((*writer)->Append(base::AsBytes(piece))).ok());
    }
    ASSERT_TRUE(Ready((*writer)->Commit()).ok());
    EXPECT_EQ(GetText(store(), cat_).value_or("failed"), body) << size;
  }
}

TEST_F(StoreTest, AStreamThatIsGivenUpLeavesNothingToSee) {
  auto writer = Ready(store().BeginPut(cat_, {}));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(Ready((*writer)->Append(base::AsBytes("abc"))).ok());
  writer->reset();
  EXPECT_EQ(GetCode(cat_), ErrorCode::kNoSuchKey);
  EXPECT_EQ(memory().record_count(), 1u);
}

TEST_F(StoreTest, AConditionIsCheckedBeforeAStreamIsReadAndAfter) {
  ASSERT_TRUE(PutText(store(), cat_, "x").ok());
  const PutOptions options{.if_none_match = "*"};
  EXPECT_EQ(CodeOf(Ready(store().BeginPut(cat_, options)).status()),
            ErrorCode::kPreconditionFailed);
  ASSERT_EQ(DeleteCode(cat_), ErrorCode::kOk);
  auto writer = Ready(store().BeginPut(cat_, options));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(PutText(store(), cat_, "first").ok());
  EXPECT_EQ(CodeOf(Ready((*writer)->Commit()).status()),
            ErrorCode::kPreconditionFailed);
  EXPECT_EQ(GetText(store(), cat_).value_or("failed"), "first");
}

TEST_F(StoreTest, ASmallObjectThatIsOpenOutlivesItsKey) {
  for (const std::size_t size : {10, 65'536}) {
    const std::string body = BodyOf(size, size);
    ASSERT_TRUE(PutText(store(), cat_, body).ok());
    auto reader = Ready(store().Get(cat_, {}));
    ASSERT_TRUE(reader.ok());
    ASSERT_TRUE(PutText(store(), cat_, "replaced").ok());
    EXPECT_EQ(ReadAll(**reader).value_or("failed"), body);
  }
}

TEST_F(StoreTest, ALargeObjectThatIsOpenIsFoundAgainOrAConflict) {
  for (const std::size_t size : {70'000, 300'000}) {
    const std::string body = BodyOf(size, size);
    ASSERT_TRUE(PutText(store(), cat_, body).ok());
    auto reader = Ready(store().Get(cat_, {}));
    ASSERT_TRUE(reader.ok());
    memory().MoveBlobs();
    EXPECT_EQ(ReadAll(**reader).value_or("failed"), body);
    ASSERT_TRUE(PutText(store(), cat_, body).ok());
    EXPECT_EQ(CodeOf(ReadAll(**reader).status()), ErrorCode::kConflict);
  }
}

TEST_F(StoreTest, AReaderGivesItsRangeFromFrontToBack) {
  for (const std::size_t size : {0, 10, 65'536, 70'001, 300'000}) {
    const std::string body = BodyOf(size, size);
    ASSERT_TRUE(PutText(store(), cat_, body).ok());
    auto reader = Ready(store().Get(cat_, {}));
    ASSERT_TRUE(reader.ok());
    EXPECT_TRUE(StreamAll(**reader).value_or("failed") == body) << size;
    EXPECT_EQ(StreamAll(**reader).value_or("failed"), "");
    if (size < 10) continue;
    auto part =
        Ready(store().Get(cat_, {.range = ByteRange::Between(5, size - 3)}));
    ASSERT_TRUE(part.ok());
    EXPECT_TRUE(StreamAll(**part).value_or("failed") ==
                body.substr(5, size - 7))
        << size;
  }
}

TEST_F(StoreTest, AStreamGoesOnWhereBlobsWereMoved) {
  const std::string body = BodyOf(300'000, 1);
  ASSERT_TRUE(PutText(store(), cat_, body).ok());
  auto reader = Ready(store().Get(cat_, {}));
  ASSERT_TRUE(reader.ok());
  std::string text;
  while (text.size() < body.size()) {
    const auto next = Ready((*reader)->Next());
    ASSERT_TRUE(next.ok()) << next.status();
    ASSERT_FALSE(next->pieces.empty());
    text += support::TextOf(*next);
    memory().MoveBlobs();
  }
  EXPECT_TRUE(text == body);
}

TEST_F(StoreTest, AStreamOfAnObjectThatIsReplacedKeepsItsPlace) {
  const std::string body = BodyOf(300'000, 1);
  ASSERT_TRUE(PutText(store(), cat_, body).ok());
  auto reader = Ready(store().Get(cat_, {}));
  ASSERT_TRUE(reader.ok());
  const auto first = Ready((*reader)->Next());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(PutText(store(), cat_, body).ok());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(CodeOf(Ready((*reader)->Next()).status()), ErrorCode::kConflict);
  }
  EXPECT_EQ(support::TextOf(*first),
            body.substr(0, support::TextOf(*first).size()));
}

TEST_F(StoreTest, AReaderGivesWhatThereIsBehindAnyOffset) {
  const std::string body = BodyOf(200'000, 3);
  ASSERT_TRUE(PutText(store(), cat_, body).ok());
  auto reader = Ready(store().Get(cat_, {.range = ByteRange::From(1000)}));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->info().size, body.size());
  EXPECT_EQ((*reader)->range(), (ByteSpan{.offset = 1000, .size = 199'000}));
  for (const std::size_t offset : {0, 1, 68'999, 69'000, 139'000, 198'999}) {
    std::string into(80'000, '\0');
    const auto size = Ready(
        (*reader)->ReadAt(offset, std::as_writable_bytes(std::span(into))));
    ASSERT_TRUE(size.ok());
    into.resize(*size);
    EXPECT_EQ(into, body.substr(1000 + offset, 80'000)) << offset;
  }
  std::string into(1, '\0');
  for (const std::uint64_t offset : {std::uint64_t{199'000}, UINT64_MAX}) {
    EXPECT_EQ(*Ready((*reader)->ReadAt(
                  offset, std::as_writable_bytes(std::span(into)))),
              0u);
  }
}

}  // namespace
}  // namespace cairn::object
