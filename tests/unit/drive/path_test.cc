// A path is one to three names of few characters, and nothing that leads out
// of the drive or to its lock.

#include "drive/path.h"

#include <string>

#include "gtest/gtest.h"

namespace cairn::drive {
namespace {

TEST(PathTest, OneToThreeNamesAreAPath) {
  for (const char* path : {"a", "0-9_z.x", "a/b", "a/b/c", "log", "lock1",
                           "runs/lock", "lock.x", "a..b"}) {
    EXPECT_TRUE(IsValidPath(path)) << path;
  }
  EXPECT_TRUE(IsValidPath(std::string(255, 'a')));
}

TEST(PathTest, AllElseIsNone) {
  for (const char* path :
       {"",    "/",    "/a",   "a/",       "a//b",    "a/b/c/d",   ".",
        "..",  "../a", "a/..", "a/./b",    ".hidden", "a/.hidden", "A",
        "a b", "a\n",  "a\\b", "\xc3\xa4", "lock",    "lock/a"}) {
    EXPECT_FALSE(IsValidPath(path)) << path;
  }
  EXPECT_FALSE(IsValidPath(std::string(256, 'a')));
  EXPECT_FALSE(IsValidPath(std::string("a\0b", 3)));
}

// Every character, alone.
TEST(PathTest, ANameHasFewKindsOfCharacters) {
  for (int c = 0; c < 256; ++c) {
    const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                            c == '.' || c == '_' || c == '-';
    EXPECT_EQ(IsValidName(std::string("x") + static_cast<char>(c)), is_allowed)
        << c;
  }
}

}  // namespace
}  // namespace cairn::drive
