// MD5 and SHA-256 equal the vectors of their standards, however the bytes are
// cut.

#include <cstddef>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

#include "digest/hex.h"
#include "digest/md5.h"
#include "digest/sha256.h"

namespace cairn::digest {
namespace {

template <typename Digest>
std::string HexOf(std::string_view text, std::size_t cut = 0) {
  Digest digest;
  digest.Update(base::AsBytes(text.substr(0, cut)));
  digest.Update(base::AsBytes(text.substr(cut)));
  const auto value = digest.Finish();
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? ToHex(*value) : "";
}

// RFC 1321, appendix A.5.
TEST(Md5Test, EqualsTheVectorsOfItsStandard) {
  EXPECT_EQ(HexOf<Md5>(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(HexOf<Md5>("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(HexOf<Md5>("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(HexOf<Md5>("1234567890123456789012345678901234567890"
                       "1234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

// FIPS 180-4, examples of SHA-256.
TEST(Sha256Test, EqualsTheVectorsOfItsStandard) {
  EXPECT_EQ(HexOf<Sha256>(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexOf<Sha256>("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      HexOf<Sha256>("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HexOf<Sha256>(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(EvpDigestTest, EveryCutGivesTheDigestOfTheWhole) {
  const std::string text(200, 'x');
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(HexOf<Md5>(text, cut), HexOf<Md5>(text));
    EXPECT_EQ(HexOf<Sha256>(text, cut), HexOf<Sha256>(text));
  }
}

TEST(HexTest, WritesTwoDigitsForEachByte) {
  const std::byte bytes[] = {std::byte{0x00}, std::byte{0x0f}, std::byte{0xa0},
                             std::byte{0xff}};
  EXPECT_EQ(ToHex(bytes), "000fa0ff");
  EXPECT_EQ(ToHex({}), "");
}

}  // namespace
}  // namespace cairn::digest
