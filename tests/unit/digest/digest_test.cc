// Checksums equal their published check values and are bound to an identity.

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

#include "digest/checksum.h"
#include "digest/crc32c.h"

namespace cairn::digest {
namespace {

TEST(Crc32cTest, EqualsTheCheckValue) {
  EXPECT_EQ(Crc32c(base::AsBytes("123456789")), 0xe3069283u);
  EXPECT_EQ(Crc32c({}), 0u);
}

TEST(Crc32cTest, ExtendsFromEveryCut) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::uint32_t head = Crc32c(base::AsBytes(text.substr(0, cut)));
    EXPECT_EQ(ExtendCrc32c(head, base::AsBytes(text.substr(cut))),
              Crc32c(base::AsBytes(text)));
  }
}

// These values are on users' drives: another result is another format.
TEST(ChecksumTest, IsXxh3) {
  EXPECT_EQ(Checksum64(base::AsBytes(""), 0), 0x2d06800538d394c2u);
  EXPECT_EQ(
      Hash128(base::AsBytes("")),
      (base::Uuid{.high = 0x99aa06d3014798d8, .low = 0x6001c324468d497f}));
}

TEST(ChecksumTest, DependsOnTheIdentityAndItsOrder) {
  const base::Bytes bytes = base::AsBytes("same bytes");
  EXPECT_NE(Checksum64(bytes, Identity({1, 2})),
            Checksum64(bytes, Identity({2, 1})));
  EXPECT_NE(Checksum64(bytes, Identity({1})),
            Checksum64(bytes, Identity({1, 0})));
}

}  // namespace
}  // namespace cairn::digest
