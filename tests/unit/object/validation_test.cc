// The rules for keys, names of buckets and what travels with an object, each at
// its bounds.

#include "object/validation.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

#include "cairn/status.h"

namespace cairn::object {
namespace {

// The bytes of UTF-8 for `code`, whether it may be written so or not.
std::string Utf8(std::uint32_t code, int size) {
  if (size == 1) return std::string(1, static_cast<char>(code));
  std::string text;
  for (int i = 0; i < size - 1; ++i) {
    text.insert(text.begin(), static_cast<char>(0x80 | (code & 0x3f)));
    code >>= 6;
  }
  const std::uint32_t mark = 0xff00U >> size & 0xff;
  text.insert(text.begin(), static_cast<char>(mark | code));
  return text;
}

bool IsWellFormed(std::uint32_t code, int size) {
  if (size == 1) return code < 0x80;
  if (size == 2) return code >= 0x80;
  if (size == 3) return code >= 0x800 && (code < 0xd800 || code > 0xdfff);
  return code >= 0x10000 && code <= 0x10ffff;
}

TEST(ValidationTest, EveryCharacterIsJudgedAsUnicodeHasIt) {
  for (int size = 1; size <= 4; ++size) {
    const std::uint32_t end = size == 1 ? 0x80 : 1U << (5 * size + 1);
    for (std::uint32_t code = 0; code < end; ++code) {
      ASSERT_EQ(IsUtf8(Utf8(code, size)), IsWellFormed(code, size))
          << code << " " << size;
    }
  }
}

TEST(ValidationTest, ACharacterThatIsCutOrAloneIsNoUtf8) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x88z"));
  for (const char* text :
       {"\x80", "\xbf", "\xc3", "a\xc3", "\xc3z", "\xe2\x82", "\xe2\x82z",
        "\xf0\x9f\x90", "\xf0\x9f\x90z", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
        "\xc3\xa9\xa9"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

TEST(ValidationTest, AKeyHasBetween1And1024Bytes) {
  EXPECT_EQ(CodeOf(CheckKey("")), ErrorCode::kInvalidKey);
  EXPECT_TRUE(CheckKey("k").ok());
  EXPECT_TRUE(CheckKey(std::string(1024, 'k')).ok());
  EXPECT_EQ(CodeOf(CheckKey(std::string(1025, 'k'))), ErrorCode::kInvalidKey);
  EXPECT_TRUE(CheckKey(std::string("\0", 1)).ok());
  EXPECT_EQ(CodeOf(CheckKey("\xff")), ErrorCode::kInvalidKey);
}

TEST(ValidationTest, NamesOfBuckets) {
  for (const std::string& name :
       {std::string("abc"), std::string("a-b"), std::string("a.b"),
        std::string("123"), std::string("a--b"), std::string("1.2.3"),
        std::string("1.2.3.4.5"), std::string("1.2.3.x"),
        std::string("1234.1.1.1"), std::string("a.-b"), std::string("xn-a"),
        std::string("mrap"), std::string(63, 'a')}) {
    EXPECT_TRUE(IsBucketName(name)) << name;
  }
  for (const std::string& name : {std::string(),
                                  std::string("ab"),
                                  std::string(64, 'a'),
                                  std::string("Abc"),
                                  std::string("a_b"),
                                  std::string("a/b"),
                                  std::string("-ab"),
                                  std::string("ab-"),
                                  std::string(".ab"),
                                  std::string("ab."),
                                  std::string("a..b"),
                                  std::string("a b"),
                                  std::string("1.2.3.4"),
                                  std::string("192.168.100.255"),
                                  std::string("xn--abc"),
                                  std::string("sthree-abc"),
                                  std::string("amzn-s3-demo-abc"),
                                  std::string("abc-s3alias"),
                                  std::string("abc--ol-s3"),
                                  std::string("abc.mrap"),
                                  std::string("abc--x-s3"),
                                  std::string("abc--table-s3"),
                                  std::string("a\xc3\xa9z"),
                                  std::string("ab\0", 3)}) {
    EXPECT_FALSE(IsBucketName(name)) << name;
  }
}

TEST(ValidationTest, WhatIsQuotedIsCutAndHasNoControlCharacters) {
  EXPECT_EQ(Quoted("abc"), "abc");
  EXPECT_EQ(Quoted("ab\ncd"), "ab");
  EXPECT_EQ(Quoted(std::string(100, 'a')), std::string(64, 'a'));
}

}  // namespace
}  // namespace cairn::object
