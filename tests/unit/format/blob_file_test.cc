// The files of large blobs: shapes add up, footers and places come back, every
// damage is refused, and the bytes do not move.

#include "format/blob_file.h"

#include <cstdint>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "base/bytes.h"
#include "cairn/status.h"
#include "digest/checksum.h"
#include "digest/hex.h"

namespace cairn::format {
namespace {

constexpr BlobShape kShape{.size = 300000,
                           .unit = kBlobFrameSize,
                           .data_shards = 2,
                           .parity_shards = 1};

const BlobName kName{.deployment = {.high = 0x1111, .low = 0x2222},
                     .set = 3,
                     .id = {.epoch = 4, .random = 5, .counter = 6}};

BlobFooter SomeFooter() {
  BlobFooter footer{.manifest = {.name = kName, .shape = kShape},
                    .position = 1};
  for (std::uint64_t i = 0; i < kShape.frame_count(); ++i) {
    footer.table.push_back(0x0101010101010101 * (i + 1));
  }
  footer.manifest.table_digests[0] = {.high = 1, .low = 2};
  footer.manifest.table_digests[1] = DigestOf(footer.table);
  footer.manifest.table_digests[2] = {.high = 3, .low = 4};
  return footer;
}

std::vector<std::byte> Bytes(const BlobFooter& footer) {
  const base::AlignedBuffer buffer = Encode(footer);
  return {buffer.bytes().begin(), buffer.bytes().end()};
}

ErrorCode CodeOfFooter(const BlobFooter& footer) {
  return CodeOf(DecodeBlobFooter(Bytes(footer)).status());
}

TEST(BlobShapeTest, StripesHoldAllBytesAndLittleMore) {
  for (std::uint8_t data = 1; data <= 16; ++data) {
    const std::uint64_t stripe = std::uint64_t{data} * kBlobFrameSize;
    for (const std::uint64_t size :
         {std::uint64_t{1}, std::uint64_t{4095}, std::uint64_t{4097},
          std::uint64_t{data} * 4096, std::uint64_t{data} * 4096 + 1,
          stripe - 1, stripe, stripe + 1, 5 * stripe - 4096, 5 * stripe}) {
      const BlobShape shape{.size = size,
                            .unit = kBlobFrameSize,
                            .data_shards = data,
                            .parity_shards = 0};
      std::uint64_t content = 0;
      for (std::uint64_t i = 0; i < shape.stripe_count(); ++i) {
        EXPECT_EQ(shape.shard_size(i) % 4096, 0u);
        EXPECT_GT(shape.shard_size(i), 0u);
        EXPECT_LE(shape.shard_size(i), shape.unit);
        content += shape.shard_size(i);
      }
      EXPECT_EQ(content, shape.content_size());
      EXPECT_GE(content * data, size);
      EXPECT_LT(content * data, size + std::uint64_t{data} * 4096);
      std::uint64_t frames = 0;
      for (std::uint64_t i = 0; i < shape.frame_count(); ++i) {
        frames += shape.frame_size(i);
      }
      EXPECT_EQ(frames, content);
      EXPECT_EQ(shape.file_size() % 4096, 0u);
    }
  }
}

TEST(BlobShapeTest, TheFooterOfAGibibyteIs128KibibytesAndABlock) {
  const BlobShape shape{
      .size = 1 << 30, .unit = 1 << 20, .data_shards = 1, .parity_shards = 1};
  EXPECT_EQ(shape.footer_size(), (128u << 10) + 4096);
}

TEST(BlobShapeTest, WhatIsOutOfBoundsIsRefused) {
  const auto refuses = [](BlobShape shape) {
    return CodeOf(Validate(shape)) == ErrorCode::kCorrupt;
  };
  EXPECT_FALSE(refuses(kShape));
  BlobShape wrong = kShape;
  wrong.size = 0;
  EXPECT_TRUE(refuses(wrong));
  wrong.size = kBlobFileBytesMax + 1;
  EXPECT_TRUE(refuses(wrong));
  for (const std::uint32_t unit :
       {0u, 4096u, 3u * 4096u, kBlobUnitMax + 65536u}) {
    wrong = kShape;
    wrong.unit = unit;
    EXPECT_TRUE(refuses(wrong)) << unit;
  }
  wrong = kShape;
  wrong.data_shards = 0;
  EXPECT_TRUE(refuses(wrong));
  wrong.data_shards = 17;
  EXPECT_TRUE(refuses(wrong));
  wrong = kShape;
  wrong.parity_shards = 5;
  EXPECT_TRUE(refuses(wrong));
}

TEST(BlobFooterTest, ReadsBackWhatItWrote) {
  const std::vector<std::byte> bytes = Bytes(SomeFooter());
  const auto footer = DecodeBlobFooter(bytes);
  ASSERT_TRUE(footer.ok()) << footer.status();
  EXPECT_EQ(*footer, SomeFooter());
  const auto tail =
      DecodeBlobFooterTail(base::Bytes(bytes).last(kBlobFooterTailSize));
  ASSERT_TRUE(tail.ok()) << tail.status();
  EXPECT_EQ(tail->manifest, SomeFooter().manifest);
  EXPECT_EQ(tail->position, 1);
}

TEST(BlobFooterTest, EveryFlippedBitIsRefused) {
  std::vector<std::byte> bytes = Bytes(SomeFooter());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    ASSERT_EQ(CodeOf(DecodeBlobFooter(bytes).status()), ErrorCode::kCorrupt)
        << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
  }
}

TEST(BlobFooterTest, EveryOtherSizeIsRefused) {
  std::vector<std::byte> bytes = Bytes(SomeFooter());
  bytes.insert(bytes.begin(), 4096, std::byte{0});
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto footer = DecodeBlobFooter(base::Bytes(bytes).last(size));
    EXPECT_EQ(footer.ok(), size == bytes.size() - 4096) << size;
  }
}

TEST(BlobFooterTest, WhatContradictsItselfIsRefused) {
  BlobFooter footer = SomeFooter();
  footer.position = 3;
  EXPECT_EQ(CodeOfFooter(footer), ErrorCode::kCorrupt);
  footer.position = 0;
  EXPECT_EQ(CodeOfFooter(footer), ErrorCode::kCorrupt);
  footer = SomeFooter();
  footer.manifest.table_digests[3] = {.high = 1, .low = 1};
  EXPECT_EQ(CodeOfFooter(footer), ErrorCode::kCorrupt);
  footer = SomeFooter();
  footer.manifest.shape.parity_shards = 0;
  EXPECT_EQ(CodeOfFooter(footer), ErrorCode::kCorrupt);
  footer = SomeFooter();
  footer.manifest.shape.unit = 4096;
  EXPECT_EQ(CodeOfFooter(footer), ErrorCode::kCorrupt);
}

TEST(BlobFooterTest, TheDigestCoversAllThatTheDrivesShare) {
  const BlobManifest manifest = SomeFooter().manifest;
  const base::Uuid digest = DigestOf(manifest);
  BlobManifest other = manifest;
  other.name.set = 9;
  EXPECT_NE(DigestOf(other), digest);
  other = manifest;
  other.name.id.random = 9;
  EXPECT_NE(DigestOf(other), digest);
  other = manifest;
  other.shape.size = 9;
  EXPECT_NE(DigestOf(other), digest);
  other = manifest;
  other.table_digests[2].low = 9;
  EXPECT_NE(DigestOf(other), digest);
}

TEST(BlobFooterTest, TheBytesDoNotMove) {
  const std::vector<std::byte> bytes = Bytes(SomeFooter());
  ASSERT_EQ(bytes.size(), 4096u);
  EXPECT_EQ(digest::ToHex(base::Bytes(bytes).first(32)),
            "0101010101010101020202020202020203030303030303030000000000000000");
  EXPECT_EQ(digest::ToHex(base::Bytes(bytes).subspan(3584, 120)),
            "43424c4201000201"                  // magic .. geometry
            "0000010003000000"                  // unit, set
            "11110000000000002222000000000000"  // deployment
            "04000000050000000600000000000000"  // blob
            "e093040000000000"                  // size
            "01000000000000000200000000000000"  // digests
            "2553c08100a6c86d845e559146c44f4f"
            "03000000000000000400000000000000"
            "0000000000000000"
            "0000000000000000");
  EXPECT_EQ(digest::ToHex(base::Bytes(bytes).last(136)),
            "01" + std::string(254, '0') + "5226939fe3237980");
}

TEST(BlobFrameTest, AChecksumIsOfOnePlace) {
  const std::vector<std::byte> frame(4096, std::byte{0x5a});
  const BlobFramePlace place{.name = kName, .position = 1, .frame = 2};
  const std::uint64_t checksum = BlobFrameChecksum(place, frame);
  EXPECT_EQ(fmt::format("{:016x}", checksum), "706c130ee1590fc5");
  BlobFramePlace other = place;
  other.position = 2;
  EXPECT_NE(BlobFrameChecksum(other, frame), checksum);
  other = place;
  other.frame = 3;
  EXPECT_NE(BlobFrameChecksum(other, frame), checksum);
  other = place;
  other.name.id.counter = 7;
  EXPECT_NE(BlobFrameChecksum(other, frame), checksum);
  other = place;
  other.name.deployment.low = 7;
  EXPECT_NE(BlobFrameChecksum(other, frame), checksum);
  other = place;
  other.name.set = 7;
  EXPECT_NE(BlobFrameChecksum(other, frame), checksum);
}

TEST(BlobPathTest, SpellsTheWholeId) {
  const BlobId id{.epoch = 0x12, .random = 0xabcdef01, .counter = 0x123456789a};
  EXPECT_EQ(BlobPath(id), "blobs/9a/00000012-000000123456789a-abcdef01");
  EXPECT_EQ(BlobIdOf("00000012-000000123456789a-abcdef01"), id);
}

TEST(BlobPathTest, OtherNamesSpellNoId) {
  for (const std::string_view name :
       {"", "x", "00000012-000000123456789a-abcdef01.new",
        "00000012-000000123456789A-abcdef01",
        "00000012-000000123456789a-abcdefg1",
        "00000012_000000123456789a-abcdef01",
        "0000001200000000123456789a-abcdef0",
        "+0000012-000000123456789a-abcdef01",
        "00000012-00000x123456789a-abcdef01"}) {
    EXPECT_EQ(BlobIdOf(name), std::nullopt) << name;
  }
}

TEST(BlobPlaceTest, ReadsBackWhatItWroteAndDoesNotMove) {
  const BlobPlace place{.sealed = 5,
                        .unit = 2 * kBlobFrameSize,
                        .data_shards = 2,
                        .parity_shards = 1,
                        .digest = {.high = 0x0102030405060708, .low = 9}};
  const std::string bytes = Encode(place);
  EXPECT_EQ(bytes.size(), kBlobPlaceSize);
  EXPECT_EQ(digest::ToHex(base::AsBytes(bytes)),
            "0500000000000200020108070605040302010900000000000000");
  const auto read = DecodeBlobPlace(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, place);
}

TEST(BlobPlaceTest, WhatNobodyWritesIsRefused) {
  const BlobPlace place{.sealed = 7,
                        .unit = kBlobFrameSize,
                        .data_shards = 2,
                        .parity_shards = 1};
  const auto refuses = [](std::string_view bytes) {
    return CodeOf(DecodeBlobPlace(bytes).status()) == ErrorCode::kCorrupt;
  };
  const std::string bytes = Encode(place);
  EXPECT_FALSE(refuses(bytes));
  EXPECT_TRUE(refuses(bytes + "x"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(refuses(bytes.substr(0, size)));
  }
  BlobPlace wrong = place;
  wrong.sealed = 8;
  EXPECT_TRUE(refuses(Encode(wrong)));
  wrong = place;
  wrong.unit = 5;
  EXPECT_TRUE(refuses(Encode(wrong)));
  wrong = place;
  wrong.data_shards = 0;
  EXPECT_TRUE(refuses(Encode(wrong)));
}

}  // namespace
}  // namespace cairn::format
