// Records of buckets come back as they were, and each wrong field is refused.

#include "format/bucket_record.h"

#include <string>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "format/object_record.h"
#include "format/tagged_fields.h"

namespace cairn::format {
namespace {

BucketRecord Some() {
  return {.id = 0x0102030405060708,
          .created = absl::FromUnixMillis(1'700'000'000'123),
          .home_set = 9};
}

ErrorCode CodeOfDecoding(std::string_view bytes) {
  return CodeOf(DecodeBucketRecord(bytes).status());
}

std::string WithByte(std::size_t at, char byte) {
  std::string bytes = Encode(Some());
  bytes[at] = byte;
  return bytes;
}

TEST(BucketRecordTest, ARecordComesBackAsItWas) {
  const auto decoded = DecodeBucketRecord(Encode(Some()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Some());
}

TEST(BucketRecordTest, WhatIsNewerIsNamed) {
  EXPECT_EQ(CodeOfDecoding(WithByte(0, 2)), ErrorCode::kNewerFormat);
  EXPECT_EQ(CodeOfDecoding(WithByte(1, 1)), ErrorCode::kNewerFormat);
  std::string bytes = Encode(Some());
  AppendField(bytes, {.tag = 1, .bytes = "optional"});
  EXPECT_EQ(DecodeBucketRecord(bytes).value(), Some());
  AppendField(bytes, {.tag = 2, .bytes = "mandatory"});
  EXPECT_EQ(CodeOfDecoding(bytes), ErrorCode::kNewerFormat);
}

TEST(BucketRecordTest, WhatIsWrongIsRefused) {
  EXPECT_EQ(CodeOfDecoding(WithByte(0, 0)), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOfDecoding(WithByte(21, '\x7f')), ErrorCode::kCorrupt);
  BucketRecord nameless = Some();
  nameless.id = 0;
  EXPECT_EQ(CodeOfDecoding(Encode(nameless)), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOfDecoding(Encode(Some()) + '\x01'), ErrorCode::kCorrupt);
}

TEST(BucketRecordTest, ARecordThatIsCutIsRefused) {
  const std::string bytes = Encode(Some());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(CodeOfDecoding(bytes.substr(0, size)), ErrorCode::kCorrupt)
        << size;
  }
}

}  // namespace
}  // namespace cairn::format
