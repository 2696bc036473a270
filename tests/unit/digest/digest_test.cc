// Checksums equal their published check values, whether the bytes come whole
// or in pieces, and are bound to an identity.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "digest/checksum.h"
#include "digest/crc32c.h"

namespace cairn::digest {
namespace {

// The bytes and the seed of XXH3's own sanity checks.
constexpr std::uint64_t kSeed = 11400714785074694797u;

std::vector<std::byte> SanityBytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint64_t generator = 2654435761u;
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(generator >> 56);
    generator *= kSeed;
  }
  return bytes;
}

std::uint32_t Crc32cByDefinition(base::Bytes bytes) {
  std::uint32_t state = ~std::uint32_t{0};
  for (const std::byte byte : bytes) {
    state ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      state = state >> 1 ^ ((state & 1) != 0 ? 0x82f63b78u : 0u);
    }
  }
  return ~state;
}

TEST(Crc32cTest, EqualsTheCheckValue) {
  EXPECT_EQ(Crc32c(base::AsBytes("123456789")), 0xe3069283u);
  EXPECT_EQ(Crc32c({}), 0u);
}

TEST(Crc32cTest, EverySizeAndAlignmentEqualsTheDefinition) {
  const std::vector<std::byte> bytes = SanityBytes(1100);
  for (std::size_t from = 0; from < 16; ++from) {
    for (std::size_t size = 0; size <= 300; ++size) {
      const base::Bytes piece = base::Bytes(bytes).subspan(from, size);
      ASSERT_EQ(Crc32c(piece), Crc32cByDefinition(piece))
          << size << " bytes from " << from;
    }
  }
  EXPECT_EQ(Crc32c(bytes), Crc32cByDefinition(bytes));
}

TEST(Crc32cTest, ExtendsFromEveryCut) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::uint32_t head = Crc32c(base::AsBytes(text.substr(0, cut)));
    EXPECT_EQ(ExtendCrc32c(head, base::AsBytes(text.substr(cut))),
              Crc32c(base::AsBytes(text)));
  }
}

// These values are on users' drives: another result is another format. They
// are those of XXH3's own checks, of every class of input size that it has.
TEST(ChecksumTest, IsXxh3) {
  struct Known {
    std::size_t size;
    std::uint64_t unseeded;
    std::uint64_t seeded;
    base::Uuid hash;
  };
  const Known kKnown[] = {
      {0,
       0x2d06800538d394c2,
       0xa8a6b918b2f0364a,
       {0x99aa06d3014798d8, 0x6001c324468d497f}},
      {1,
       0xc44bdff4074eecdb,
       0x032be332dd766ef8,
       {0xa6cd5e9392000f6a, 0xc44bdff4074eecdb}},
      {6,
       0x27b56a84cd2d7325,
       0x84589c116ab59ab9,
       {0x082afe0b8162d12a, 0x3e7039bdda43cfc6}},
      {12,
       0xa713daf0dfbb77e7,
       0xe7303e1b2336de0e,
       {0x6e3efd8fc7802b18, 0x061a192713f69ad9}},
      {24,
       0xa3fe70bf9d3510eb,
       0x850e80fc35bdd690,
       {0x0ce966e4678d3761, 0x1e7044d28b1b901d}},
      {48,
       0x397da259ecba1f11,
       0xadc2cbaa44acc616,
       {0xa002ac4e5478227e, 0xf942219aed80f67b}},
      {80,
       0xbcdefbbb2c47c90a,
       0xc6dd0cb699532e73,
       {0xfdf2cefde9eaac8a, 0x454ae6bf7a8a532d}},
      {195,
       0xcd94217ee362ec3a,
       0xba68003d370cb3d9,
       {0x7729543a26b207ee, 0x3fb593c086a66075}},
      {403,
       0xcdeb804d65c6dea4,
       0x6259f6ecfd6443fd,
       {0x1b6de21e332dd73d, 0xcdeb804d65c6dea4}},
      {512,
       0x617e49599013cb6b,
       0x3ce457de14c27708,
       {0x18d2d110dcc9bca1, 0x617e49599013cb6b}},
      {2048,
       0xdd59e2c3a5f038e0,
       0x66f81670669ababc,
       {0xf736557fd47073a5, 0xdd59e2c3a5f038e0}},
      {2240,
       0x6e73a90539cf2948,
       0x757ba8487d1b5247,
       {0xccb134fbfa7ce49d, 0x6e73a90539cf2948}},
      {2367,
       0xcb37aeb9e5d361ed,
       0xd2db3415b942b42a,
       {0xe89c0f6ff369b427, 0xcb37aeb9e5d361ed}},
  };
  for (const Known& known : kKnown) {
    SCOPED_TRACE(testing::Message() << known.size << " bytes");
    const std::vector<std::byte> bytes = SanityBytes(known.size);
    EXPECT_EQ(Checksum64(bytes, 0), known.unseeded);
    EXPECT_EQ(Checksum64(bytes, kSeed), known.seeded);
    EXPECT_EQ(Hash128(bytes), known.hash);
  }
}

TEST(ChecksumTest, DependsOnTheIdentityAndItsOrder) {
  const base::Bytes bytes = base::AsBytes("same bytes");
  EXPECT_NE(Checksum64(bytes, Identity({1, 2})),
            Checksum64(bytes, Identity({2, 1})));
  EXPECT_NE(Checksum64(bytes, Identity({1})),
            Checksum64(bytes, Identity({1, 0})));
}

TEST(ChecksumTest, IdentitiesDifferInEveryPartAndInTheirCount) {
  std::set<std::uint64_t> identities = {Identity({})};
  std::size_t count = 1;
  for (std::uint64_t a = 0; a < 16; ++a) {
    identities.insert(Identity({a}));
    ++count;
    for (std::uint64_t b = 0; b < 16; ++b) {
      identities.insert(Identity({a, b}));
      identities.insert(Identity({a, b, 0}));
      count += 2;
    }
  }
  EXPECT_EQ(identities.size(), count);
}

TEST(ChecksumTest, EveryFlippedBitIsNoticed) {
  std::vector<std::byte> bytes = SanityBytes(512);
  const std::uint64_t checksum = Checksum64(bytes, kSeed);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    EXPECT_NE(Checksum64(bytes, kSeed), checksum) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
}

std::uint64_t InPieces(base::Bytes bytes, std::uint64_t identity,
                       std::size_t piece_size) {
  Checksum64Stream stream(identity);
  for (; bytes.size() > piece_size; bytes = bytes.subspan(piece_size)) {
    stream.Update(bytes.first(piece_size));
  }
  stream.Update(bytes);
  return stream.value();
}

// Small pieces go by other instructions than large ones, where the machine has
// them; so this compares those as well.
TEST(Checksum64StreamTest, PiecesOfEverySizeGiveTheValueOfTheWhole) {
  const std::vector<std::byte> bytes = SanityBytes(5000);
  for (const std::uint64_t identity : {std::uint64_t{0}, kSeed}) {
    const std::uint64_t whole = Checksum64(bytes, identity);
    for (std::size_t piece_size = 1; piece_size <= 1100; ++piece_size) {
      ASSERT_EQ(InPieces(bytes, identity, piece_size), whole)
          << "pieces of " << piece_size;
    }
  }
}

TEST(Checksum64StreamTest, EverySizeInTwoPiecesGivesTheValueOfTheWhole) {
  const std::vector<std::byte> bytes = SanityBytes(1400);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const base::Bytes whole = base::Bytes(bytes).first(size);
    ASSERT_EQ(InPieces(whole, kSeed, size / 3 + 1), Checksum64(whole, kSeed))
        << size << " bytes";
  }
}

TEST(Checksum64StreamTest, GoesOnAfterItsValueWasTakenAndWhenCopied) {
  Checksum64Stream stream(7);
  EXPECT_EQ(stream.value(), Checksum64({}, 7));
  stream.Update(base::AsBytes("abc"));
  EXPECT_EQ(stream.value(), Checksum64(base::AsBytes("abc"), 7));
  Checksum64Stream copy = stream;
  stream.Update(base::AsBytes("def"));
  copy.Update(base::AsBytes("xyz"));
  EXPECT_EQ(stream.value(), Checksum64(base::AsBytes("abcdef"), 7));
  EXPECT_EQ(copy.value(), Checksum64(base::AsBytes("abcxyz"), 7));
}

}  // namespace
}  // namespace cairn::digest
