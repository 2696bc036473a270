// The bytes of large blobs: files, slices of open packs, and what the index
// holds of them, as FORMAT.md says, sections 5 and 8.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "format/blob_file.h"
#include "format/open_pack.h"
#include "golden/golden.h"
#include "set/blob_entry.h"
#include "set/index_key.h"

namespace cairn::format {
namespace {

constexpr BlobName kName{
    .deployment = kDeployment, .set = 0x01020304, .id = kBlob};

TEST(BlobGoldenTest, TheFooterOfABlobFile) {
  BlobFooter footer{
      .manifest = {.name = kName,
                   .shape = {.size = 300000,
                             .unit = kBlobFrameSize,
                             .data_shards = 2,
                             .parity_shards = 1}},
      .position = 1,
      .table = {0x0101010101010101, 0x0202020202020202, 0x0303030303030303}};
  footer.manifest.table_digests[1] = DigestOf(footer.table);
  const Golden golden{
      .front =
          "0101010101010101"
          "0202020202020202"
          "0303030303030303",
      .size = 4096,
      .back =
          "43424c42"
          "0100"
          "02"
          "01"
          "00000100"
          "04030201"
          "1817161514131211"
          "101f1e1d1c1b1a19"
          "54535251"
          "58575655"
          "505f5e5d5c5b5a59"
          "e093040000000000"
          "0000000000000000"
          "0000000000000000"
          "2553c08100a6c86d"
          "845e559146c44f4f"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "01"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000"
          "04d352c3bf4336b3"};
  ExpectBytes(Encode(footer).bytes(), golden);
  ExpectDecoded(DecodeBlobFooter(BytesOf(golden)), footer);
  EXPECT_EQ(base::ToString(DigestOf(footer.manifest)),
            "e72977c5-3a12-7a21-de6b-88d8614ab546");
}

TEST(BlobGoldenTest, TheNameAndTheFramesOfABlobFile) {
  EXPECT_EQ(BlobPath(kBlob), "blobs/50/51525354-595a5b5c5d5e5f50-55565758");
  EXPECT_EQ(BlobFrameChecksum({.name = kName, .position = 1, .frame = 2},
                              base::AsBytes("frame")),
            0x5a94eb357665ffd3u);
}

TEST(BlobGoldenTest, ThePlaceOfABlob) {
  const BlobPlace place{.sealed = 5,
                        .unit = 2 * kBlobFrameSize,
                        .data_shards = 2,
                        .parity_shards = 1,
                        .digest = kHash};
  constexpr std::string_view kHex =
      "05000000"
      "00000200"
      "02"
      "01"
      "4847464544434241"
      "404f4e4d4c4b4a49";
  ExpectBytes(base::AsBytes(Encode(place)), {kHex});
  ExpectDecoded(DecodeBlobPlace(FromHex(kHex)), place);
}

// The entries of large blobs: an envelope of kind 0, then the value.
constexpr std::string_view kEnvelopeHex =
    "00"
    "4847464544434241"
    "404f4e4d4c4b4a49";

std::string EnvelopeAnd(std::string_view value_hex) {
  return FromHex(std::string(kEnvelopeHex).append(value_hex));
}

TEST(BlobGoldenTest, TheEntriesOfALargeBlob) {
  const set::BlobEntry blob{.size = 0x0102030405,
                            .place = {.sealed = 0x3f,
                                      .unit = 4 * kBlobFrameSize,
                                      .data_shards = 4,
                                      .parity_shards = 2,
                                      .digest = kHash}};
  const std::string entry = EnvelopeAnd(
      "0504030201000000"
      "3f000000"
      "00000400"
      "04"
      "02"
      "4847464544434241"
      "404f4e4d4c4b4a49");
  EXPECT_EQ(set::EncodeBlobEntry(kHash, blob), entry);
  ExpectDecoded(set::DecodeBlobEntry(entry), blob);
  EXPECT_EQ(set::EncodeFreedEntry(kHash), EnvelopeAnd("01"));
  const std::string heal = EnvelopeAnd("21000000");
  EXPECT_EQ(set::EncodeHealEntry(kHash, 0x21), heal);
  ExpectDecoded(set::DecodeHealEntry(heal), set::PositionSet{0x21});
}

TEST(BlobGoldenTest, TheKeysOfALargeBlob) {
  const std::string id = FromHex("51525354595a5b5c5d5e5f5055565758");
  EXPECT_EQ(set::KeyOfBlob(set::kBlobKey, kBlob), "b" + id);
  EXPECT_EQ(set::KeyOfBlob(set::kFreedKey, kBlob), "g" + id);
  EXPECT_EQ(set::KeyOfBlob(set::kHealKey, kBlob), "h" + id);
  EXPECT_EQ(set::BlobOfKey("h" + id), kBlob);
}

// Pack 5; 3 blocks of 4096 bytes before it, 17 in it.
TEST(BlobGoldenTest, ABlobInAnOpenPack) {
  const Slice slice{
      .pack = {.epoch = 0x01020304, .number = 5, .random = 0x0a0b0c0d},
      .offset = 3 * 4096,
      .size = 17 * 4096};
  const BlobId id{
      .epoch = 0x01020304, .random = 0x0a0b0c0d, .counter = 0x8000000500030010};
  EXPECT_EQ(IdOf(slice), id);
  EXPECT_EQ(SliceOf(id), slice);
  EXPECT_EQ(OpenPackPath(slice.pack), "open_packs/01020304-00000005-0a0b0c0d");
  EXPECT_EQ(OpenPackIdOf("01020304-00000005-0a0b0c0d"), slice.pack);
  EXPECT_EQ(set::KeyOfBlob(set::kBlobKey, id),
            "b" + FromHex("010203048000000500030010"
                          "0a0b0c0d"));
  EXPECT_EQ(set::PrefixOfPack(set::kBlobKey, slice.pack),
            "b" + FromHex("0102030480000005"));
}

}  // namespace
}  // namespace cairn::format
