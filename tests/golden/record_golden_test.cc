// The bytes of records, as FORMAT.md says, sections 9 to 11: they do not move,
// and they are read for ever.

#include <algorithm>
#include <string>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "digest/hex.h"
#include "format/bucket_record.h"
#include "format/object_record.h"
#include "object/index_key.h"
#include "set/group.h"

namespace cairn::format {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(
        std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

ETag CountingETag() {
  ETag etag;
  for (std::size_t i = 0; i < etag.size(); ++i) {
    etag[i] = static_cast<std::byte>(0xa0 + i);
  }
  return etag;
}

ObjectHead HeadOf(std::uint64_t size) {
  return {.etag = CountingETag(),
          .last_modified = absl::FromUnixMillis(0x018c'0102'0304),
          .size = size};
}

void ExpectBytes(const ObjectRecord& record, std::string_view hex) {
  EXPECT_EQ(digest::ToHex(base::AsBytes(Encode(record))), hex);
  const auto decoded = DecodeObjectRecord(FromHex(hex));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, record);
}

TEST(RecordGoldenTest, AnObjectInABlob) {
  ExpectBytes({.head = HeadOf(300)},
              "01a0a1a2a3a4a5a6a7a8a9aaabacadaeaf0403020"
              "18c010000"
              "ac02");
}

TEST(RecordGoldenTest, AnObjectInItsRecordWithEverythingThatHeadersSay) {
  ExpectBytes({.head = HeadOf(3),
               .headers = {.content_type = "t",
                           .content_encoding = "e",
                           .content_language = "l",
                           .content_disposition = "d",
                           .cache_control = "c",
                           .expires = "x"},
               .metadata = {{"m", "v"}, {"n", ""}},
               .inline_body = "abc"},
              "01a0a1a2a3a4a5a6a7a8a9aaabacadaeaf0403020"
              "18c010000"
              "03"
              "010174"
              "0203616263"
              "030165"
              "05016c"
              "070164"
              "090163"
              "0b0178"
              "0d07"
              "016d0176"
              "016e00");
}

TEST(RecordGoldenTest, AnObjectInParts) {
  ExpectBytes({.head = HeadOf(std::uint64_t{1} << 40),
               .parts = ObjectParts{.id = {.high = 1, .low = 2}, .count = 128}},
              "01a0a1a2a3a4a5a6a7a8a9aaabacadaeaf0403020"
              "18c010000"
              "808080808020"
              "0412"
              "0100000000000000"
              "0200000000000000"
              "8001");
}

TEST(RecordGoldenTest, ABucket) {
  const BucketRecord record{.id = 0x0102030405060708,
                            .created = absl::FromUnixMillis(0x018c'0102'0304),
                            .home_set = 0x0a0b0c0d};
  constexpr std::string_view kHex =
      "0100"
      "0d0c0b0a"
      "0807060504030201"
      "04030201"
      "8c010000";
  EXPECT_EQ(digest::ToHex(base::AsBytes(Encode(record))), kHex);
  EXPECT_EQ(DecodeBucketRecord(FromHex(kHex)).value(), record);
}

void ExpectText(std::string_view text, std::string_view hex) {
  EXPECT_EQ(digest::ToHex(base::AsBytes(text)), hex);
}

TEST(RecordGoldenTest, TheKeysOfRecordsAndCounters) {
  constexpr BucketId kBucket = 0x0102030405060708;
  ExpectText(object::BucketKey("name"), "6e6e616d65");
  ExpectText(object::ObjectKey(kBucket, "key"), "6f01020304050607086b6579");
  ExpectText(object::PartKey(kBucket, {.high = 0x11, .low = 0x22}, 0x33),
             "700102030405060708"
             "0000000000000011"
             "0000000000000022"
             "00000033");
  ExpectText(object::kLastBucketId, "62");
  ExpectText(object::ObjectCountKey(kBucket), "7501020304050607086f");
  ExpectText(object::ObjectBytesKey(kBucket), "75010203040506070862");
}

TEST(RecordGoldenTest, ACounter) {
  ExpectText(set::EncodeCounter(-2), "feffffffffffffff");
  EXPECT_EQ(set::DecodeCounter(FromHex("0201000000000000")), 0x0102);
}

}  // namespace
}  // namespace cairn::format
