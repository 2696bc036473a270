// The bytes of everything that a set keeps on its drives, as FORMAT.md says,
// sections 1 to 8 and 12: they do not move, and they are read for ever.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "format/checkpoint.h"
#include "format/drive_identity.h"
#include "format/entry.h"
#include "format/frame_header.h"
#include "format/frame_metadata.h"
#include "format/pack.h"
#include "format/run_block_builder.h"
#include "format/run_filter.h"
#include "format/run_footer.h"
#include "format/run_index.h"
#include "format/sector.h"
#include "format/stripe.h"
#include "golden/golden.h"
#include "set/set_contents.h"

namespace cairn::format {
namespace {

TEST(SetGoldenTest, ADriveIdentity) {
  const DriveIdentity identity{.position = 1,
                               .deployment = kDeployment,
                               .drive = kDrive,
                               .log = kLog,
                               .pool = 0x0a0b0c0d,
                               .set = 0x01020304,
                               .data_shards = 2,
                               .parity_shards = 1,
                               .log_size = 0x04000000,
                               .members = {kLog, kDrive, kHash}};
  const Golden golden{
      .front =
          "43414952"
          "0100"
          "01"
          "01"
          "1817161514131211"
          "101f1e1d1c1b1a19"
          "2827262524232221"
          "202f2e2d2c2b2a29"
          "3837363534333231"
          "303f3e3d3c3b3a39"
          "0d0c0b0a"
          "04030201"
          "02000000"
          "01000000"
          "0000000400000000"
          "00000000"
          "03000000"
          "3837363534333231"
          "303f3e3d3c3b3a39"
          "2827262524232221"
          "202f2e2d2c2b2a29"
          "4847464544434241"
          "404f4e4d4c4b4a49"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000"
          "84699e54f7219734",
      .size = kIdentityBlockSize};
  ExpectBytes(Encode(identity), golden);
  ExpectDecoded(DecodeDriveIdentity(BytesOf(golden)), identity);
}

TEST(SetGoldenTest, APromise) {
  const Promise promise{.epoch = 0x01020304, .log = kLog};
  const Golden golden{.front =
                          "4350524d"
                          "04030201"
                          "3837363534333231"
                          "303f3e3d3c3b3a39"
                          "2618ee6c6337009b",
                      .size = kPromiseSlotSize};
  ExpectBytes(Encode(promise), golden);
  ExpectDecoded(DecodePromise(BytesOf(golden), kLog), promise);
}

TEST(SetGoldenTest, ASectorOfTheLog) {
  constexpr Stamp kStamp{.epoch = 0x01020304, .sequence = 0x0102030405060708};
  const SectorPlace place{.log = LogTag(kDrive), .offset = 0x12000};
  std::vector<std::byte> sector(kSectorSize);
  SectorWriter writer(sector);
  writer.Append(base::AsBytes("payload"));
  writer.Finish(kStamp, place);
  const Golden golden{.front = "7061796c6f6164",
                      .size = kSectorSize,
                      .back =
                          "04030201"
                          "0807060504030201"
                          "cb0be3f1"};
  ExpectBytes(sector, golden);
  EXPECT_EQ(GetStamp(BytesOf(golden), place), kStamp);
}

FrameHeader SomeHeader() {
  return {.kind = FrameKind::kCommit,
          .position = 2,
          .drive = kDrive,
          .deployment = kDeployment,
          .set = 0x01020304,
          .epoch = 0x05060708,
          .epoch_id = 0x090a0b0c0d0e0f00,
          .sequence = 0x0102030405060708,
          .offset = 0x12000,
          .predecessor = kHash,
          .frame_size = 4096,
          .metadata_size = 0x64,
          .shards_size = 0x210,
          .stripe_count = 2,
          .metadata_checksum = 0x1122334455667788,
          .behind_since = {0, 0x0807060504030201}};
}

TEST(SetGoldenTest, AFrameHeader) {
  const Golden golden{
      .front =
          "4346524d"
          "0100"
          "01"
          "02"
          "2827262524232221"
          "202f2e2d2c2b2a29"
          "1817161514131211"
          "101f1e1d1c1b1a19"
          "04030201"
          "08070605"
          "000f0e0d0c0b0a09"
          "0807060504030201"
          "0020010000000000"
          "4847464544434241"
          "404f4e4d4c4b4a49"
          "00100000"
          "64000000"
          "10020000"
          "02000000"
          "8877665544332211"
          "0000000000000000"
          "0102030405060708"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000"
          "b8463387610c04cf",
      .size = kFrameHeaderSize};
  ExpectBytes(Encode(SomeHeader()), golden);
  ExpectDecoded(DecodeFrameHeader(BytesOf(golden)), SomeHeader());
}

TEST(SetGoldenTest, TheKindsOfFrames) {
  for (const auto& [kind, number] :
       {std::pair{FrameKind::kCommit, 1}, std::pair{FrameKind::kOpening, 2},
        std::pair{FrameKind::kCheckpoint, 3},
        std::pair{FrameKind::kEmpty, 4}}) {
    FrameHeader header = SomeHeader();
    header.kind = kind;
    EXPECT_EQ(Encode(header)[6], static_cast<std::byte>(number));
  }
}

TEST(SetGoldenTest, WhatChainsFrames) {
  FrameHeader header = SomeHeader();
  const base::Uuid hash = CommonHash(header);
  EXPECT_EQ(base::ToString(hash), "b64cacef-80f5-d73a-fd86-e7a5a8b58353");
  header.drive = kLog;
  header.position = 0;
  EXPECT_EQ(CommonHash(header), hash);
  EXPECT_EQ(MetadataChecksum(header, base::AsBytes("metadata")),
            0xa205316e74367697u);
}

TEST(SetGoldenTest, TheMetadataOfACommit) {
  const CommitMetadata metadata{
      .stripes = {{.blob = kBlob, .size = 500}},
      .mutations = {{.key = "key", .entry = "entry"}, {.key = "gone"}}};
  const Golden golden{
      "01000000"
      "54535251"
      "58575655"
      "505f5e5d5c5b5a59"
      "f4010000"
      "02000000"
      "03000000"
      "6b6579"
      "05000000"
      "656e747279"
      "04000000"
      "676f6e65"
      "00000000"};
  ExpectBytes(Encode(metadata), golden);
  ExpectDecoded(DecodeCommitMetadata(BytesOf(golden)), metadata);
}

TEST(SetGoldenTest, TheMetadataOfAnOpening) {
  const OpeningMetadata metadata{.members = {kDrive, {}},
                                 .previous_members = {kLog}};
  const Golden golden{
      "02000000"
      "2827262524232221"
      "202f2e2d2c2b2a29"
      "0000000000000000"
      "0000000000000000"
      "01000000"
      "3837363534333231"
      "303f3e3d3c3b3a39"};
  ExpectBytes(Encode(metadata), golden);
  ExpectDecoded(DecodeOpeningMetadata(BytesOf(golden)), metadata);
}

constexpr LogPosition kPosition{
    .sequence = 0x0384, .next_offset = 0x014000, .hash = kHash};
const RunFile kRun{.id = FileId(3, 4),
                   .file = 1,
                   .from_sequence = 2,
                   .to_sequence = 0x0384,
                   .size = 0x5000,
                   .digest = kLog};
const PackFile kPack{.id = FileId(3, 5), .size = 0x2000, .tile_count = 1};

TEST(SetGoldenTest, TheMetadataOfACheckpoint) {
  const CheckpointMetadata metadata{.change = {.checkpoint = kPosition,
                                               .epoch = 3,
                                               .members = {kDrive},
                                               .removed = {FileId(2, 1)},
                                               .added_runs = {kRun},
                                               .added_packs = {kPack}},
                                    .catalogue_digest = kDeployment};
  const Golden golden{
      "1817161514131211"
      "101f1e1d1c1b1a19"
      // The checkpoint, its epoch, the members.
      "8403000000000000"
      "0040010000000000"
      "4847464544434241"
      "404f4e4d4c4b4a49"
      "03000000"
      "01000000"
      "2827262524232221"
      "202f2e2d2c2b2a29"
      // What is removed.
      "01000000"
      "0100000002000000"
      // The runs that are added.
      "01000000"
      "0400000003000000"
      "01000000"
      "0200000000000000"
      "8403000000000000"
      "0050000000000000"
      "3837363534333231"
      "303f3e3d3c3b3a39"
      // The packs.
      "01000000"
      "0500000003000000"
      "0020000000000000"
      "01000000"};
  ExpectBytes(Encode(metadata), golden);
  ExpectDecoded(DecodeCheckpointMetadata(BytesOf(golden)), metadata);
}

TEST(SetGoldenTest, TheChecksumOfAShard) {
  EXPECT_EQ(ShardSize(500, 2), 256u);
  EXPECT_EQ(ShardRecordSize(500, 2), 264u);
  EXPECT_EQ(ShardChecksum(kBlob, 1, base::AsBytes("shard")),
            0x07bb09f9112603a5u);
}

void ExpectEntry(const Entry& entry, std::string_view hex) {
  ExpectBytes(base::AsBytes(Encode(entry)), {hex});
  ExpectDecoded(DecodeEntry(FromHex(hex)), entry);
}

TEST(SetGoldenTest, AnEntryWithoutABlob) {
  ExpectEntry({.write_id = kHash, .value = "v"},
              "00"
              "4847464544434241"
              "404f4e4d4c4b4a49"
              "76");
}

TEST(SetGoldenTest, AnEntryOfABlobInTheLog) {
  ExpectEntry(
      {.write_id = kHash,
       .blob = EntryBlob{.id = kBlob,
                         .size = 500,
                         .place = LogPlace{.sequence = 0x0384, .stripe = 7}},
       .value = "v"},
      "01"
      "4847464544434241"
      "404f4e4d4c4b4a49"
      "54535251"
      "58575655"
      "505f5e5d5c5b5a59"
      "f401000000000000"
      "8403000000000000"
      "07000000"
      "76");
}

TEST(SetGoldenTest, AnEntryOfABlobInAPack) {
  ExpectEntry({.write_id = kHash,
               .blob = EntryBlob{.id = kBlob,
                                 .size = 500,
                                 .place = PackPlace{.pack = FileId(3, 5),
                                                    .column = 1,
                                                    .offset = 0x40}},
               .value = "v"},
              "02"
              "4847464544434241"
              "404f4e4d4c4b4a49"
              "54535251"
              "58575655"
              "505f5e5d5c5b5a59"
              "f401000000000000"
              "0500000003000000"
              "01000000"
              "4000000000000000"
              "76");
}

TEST(SetGoldenTest, PlacesAlone) {
  const Place log = LogPlace{.sequence = 0x0384, .stripe = 7};
  const Place pack =
      PackPlace{.pack = FileId(3, 5), .column = 1, .offset = 0x40};
  constexpr std::string_view kLogHex = "01840300000000000007000000";
  constexpr std::string_view kPackHex =
      "020500000003000000010000004000000000000000";
  ExpectBytes(base::AsBytes(EncodePlace(log)), {kLogHex});
  ExpectBytes(base::AsBytes(EncodePlace(pack)), {kPackHex});
  ExpectDecoded(DecodePlace(FromHex(kLogHex)), log);
  ExpectDecoded(DecodePlace(FromHex(kPackHex)), pack);
}

TEST(SetGoldenTest, ACatalogue) {
  const Catalogue catalogue{.changed_by = 0x0389,
                            .checkpoint = kPosition,
                            .epoch = 3,
                            .members = {kDrive},
                            .runs = {kRun},
                            .packs = {kPack}};
  const Golden golden{.front =
                          "43434154"
                          "0100"
                          "0000"
                          "9000000000000000"
                          "2827262524232221"
                          "202f2e2d2c2b2a29"
                          "8903000000000000"
                          "8403000000000000"
                          "0040010000000000"
                          "4847464544434241"
                          "404f4e4d4c4b4a49"
                          "03000000"
                          "01000000"
                          "2827262524232221"
                          "202f2e2d2c2b2a29"
                          "01000000"
                          "0400000003000000"
                          "01000000"
                          "0200000000000000"
                          "8403000000000000"
                          "0050000000000000"
                          "3837363534333231"
                          "303f3e3d3c3b3a39"
                          "01000000"
                          "0500000003000000"
                          "0020000000000000"
                          "01000000"
                          "f7e672e737ed80e1",
                      .size = 4096};
  ExpectBytes(Encode(catalogue, kDrive), golden);
  ExpectDecoded(DecodeCatalogue(BytesOf(golden), kDrive), catalogue);
  EXPECT_EQ(base::ToString(Digest(catalogue)),
            "df7dfddf-bca0-5926-b498-3f0fd19906f9");
}

// An object's header, key and bytes, in a column of one block.
TEST(SetGoldenTest, AColumnOfAPack) {
  const PackObject object{
      .blob = kBlob, .write_id = kHash, .key = "key", .size = 5};
  constexpr PackBlockPlace kPlace{.deployment = kDeployment,
                                  .pack = FileId(3, 5),
                                  .position = 1,
                                  .block = 2};
  std::vector<std::byte> payload(PackedSize(3, 5));
  ASSERT_EQ(PutPackObject(object, payload), 59u);
  for (std::size_t i = 59; i < payload.size(); ++i) payload[i] = std::byte{7};
  std::vector<std::byte> column(ColumnSize(payload.size()));
  SealColumn(payload, kPlace, column);

  const Golden golden{.front =
                          "43504f42"
                          "03000000"
                          "0500000000000000"
                          "54535251"
                          "58575655"
                          "505f5e5d5c5b5a59"
                          "4847464544434241"
                          "404f4e4d4c4b4a49"
                          "e4c378b0e85b3491"
                          "6b6579"
                          "0707070707",
                      .size = kPackBlockSize,
                      .back = "828117d377afb857"};
  ExpectBytes(column, golden);
  std::vector<std::byte> blocks = BytesOf(golden);
  const auto opened = OpenBlocks(blocks, kPlace);
  ASSERT_TRUE(opened.ok()) << opened.status();
  ExpectDecoded(GetPackObject(*opened), object);
}

constexpr RunFileId kRunId{.deployment = kDeployment,
                           .set = 0x01020304,
                           .file = 1,
                           .run = FileId(3, 4)};
constexpr RunPlace kBlockPlace{.file = kRunId, .number = 1, .offset = 0x1000};

std::vector<RunRecord> SomeRecords() {
  return {{.key = "ab", .sequence = 0x0102, .value = "one"},
          {.key = "abc", .sequence = 0x0101, .kind = RecordKind::kTombstone},
          {.key = "b", .sequence = 0x0301, .value = ""}};
}

TEST(SetGoldenTest, ABlockOfARun) {
  RunBlockBuilder builder;
  builder.Begin("a");
  for (const RunRecord& record : SomeRecords()) {
    ASSERT_TRUE(builder.Add(record));
  }
  std::vector<std::byte> bytes(builder.EncodedSize("c"));
  builder.Encode("c", kBlockPlace, bytes);
  const Golden golden{.front =
                          "c9382eaaef1e38cc"
                          "4352424c"
                          "00100000"
                          "03000000"
                          "14000000"
                          "0101000000000000"
                          "00000000"
                          "00000000"
                          "01000000"
                          "00000000"
                          "01000000"
                          "61"
                          "63"
                          "0002060161626f6e65"
                          "0201010063"
                          "000100800462",
                      .size = 4096};
  ExpectBytes(bytes, golden);

  const std::vector<std::byte> old = BytesOf(golden);
  const auto block = RunBlock::Decode(old, kBlockPlace);
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(block->range(), (KeyRange{.lower = "a", .upper = "c"}));
  RunBlock::Iterator iterator(*block);
  iterator.SeekToFirst();
  for (const RunRecord& record : SomeRecords()) {
    ASSERT_TRUE(iterator.is_valid());
    EXPECT_EQ(iterator.record(), record);
    iterator.Next();
  }
  EXPECT_FALSE(iterator.is_valid());
}

// Seventeen records: the last one is a restart, and keys share a prefix.
TEST(SetGoldenTest, ABlockOfARunWithTwoRestarts) {
  RunBlockBuilder builder;
  builder.Begin("k0");
  for (char c = 'a'; c <= 'q'; ++c) {
    ASSERT_TRUE(builder.Add({.key = std::string("k1") + c, .sequence = 7}));
  }
  std::vector<std::byte> bytes(builder.EncodedSize(std::nullopt));
  builder.Encode(std::nullopt, kBlockPlace, bytes);
  const Golden golden{.front =
                          "28ee76eca845206e"
                          "4352424c"
                          "00100000"
                          "11000000"
                          "55000000"
                          "0700000000000000"
                          "02000000"
                          "01000000"
                          "01000000"
                          "ffffffff"
                          "00000000"
                          "6b31"
                          "30"
                          "00010000610001000062000100006300010000640001000065"
                          "0001000066000100006700010000680001000069000100006a"
                          "000100006b000100006c000100006d000100006e000100006f"
                          "00010000700001000071"
                          "00000000"
                          "50000000",
                      .size = 4096};
  ExpectBytes(bytes, golden);
  const std::vector<std::byte> old = BytesOf(golden);
  const auto block = RunBlock::Decode(old, kBlockPlace);
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(block->record_count(), 17u);
  EXPECT_EQ(block->range(), (KeyRange{.lower = "k0"}));
  EXPECT_TRUE(block->Find("k1q").has_value());
}

RunFooter SomeRunFooter() {
  return {.id = kRunId,
          .from_sequence = 2,
          .to_sequence = 0x0384,
          .file_size = 0x5000,
          .record_count = 60,
          .tombstone_count = 8,
          .key_bytes = 0x0901,
          .value_bytes = 0x0a01,
          .block_count = 2,
          .index_size = 4096,
          .filter_size = 4096,
          .filter_lines = 2,
          .index_checksum = 0x1122334455667788,
          .filter_checksum = 0x99aabbccddeeff00};
}

TEST(SetGoldenTest, TheFooterOfARun) {
  const Golden golden{.front =
                          "1d02238be7a53279"
                          "4352554e"
                          "0100"
                          "0000"
                          "1817161514131211"
                          "101f1e1d1c1b1a19"
                          "04030201"
                          "01000000"
                          "0400000003000000"
                          "0200000000000000"
                          "8403000000000000"
                          "0050000000000000"
                          "3c00000000000000"
                          "0800000000000000"
                          "0109000000000000"
                          "010a000000000000"
                          "02000000"
                          "00100000"
                          "00100000"
                          "02000000"
                          "8877665544332211"
                          "00ffeeddccbbaa99",
                      .size = kRunFooterSize};
  ExpectBytes(Encode(SomeRunFooter()), golden);
  ExpectDecoded(DecodeRunFooter(BytesOf(golden)), SomeRunFooter());
  EXPECT_EQ(base::ToString(RunFileDigest(BytesOf(golden))),
            "c28cccfe-d663-9081-25ec-5da1fa128333");
}

// One whole piece, and one byte more.
TEST(SetGoldenTest, TheDigestOfARunFile) {
  set::PieceDigest digest;
  const std::vector<std::byte> piece(set::PieceDigest::kPieceSize,
                                     std::byte{7});
  digest.Append(piece);
  digest.Append(base::Bytes(piece).first(1));
  EXPECT_EQ(base::ToString(digest.Finish()),
            "a572fe68-a2ff-6f76-6c3f-27a3f2c56965");
}

TEST(SetGoldenTest, TheIndexOfARun) {
  const RunBounds bounds{
      .range = {.lower = "a", .upper = "c"}, .smallest = "ab", .largest = "b9"};
  RunIndexBuilder builder;
  builder.Add(
      "a",
      {.number = 0, .size = 4096, .offset = 0, .checksum = 0x0102030405060708});
  builder.Add("b1", {.number = 1,
                     .size = 4096,
                     .offset = 4096,
                     .checksum = 0x1112131415161718});
  std::vector<std::byte> bytes(builder.EncodedSize(bounds));
  builder.Encode(bounds, bytes);
  const Golden golden{.front =
                          // lower, smallest, largest, upper
                      "0161"
                      "026162"
                      "026239"
                      "0263"
                      // shared, rest, size / 4096, the rest, the checksum
                      "000001"
                      "0807060504030201"
                      "000201"
                      "6231"
                      "1817161514131211",
                      .size = 4096};
  ExpectBytes(bytes, golden);

  RunFooter footer = SomeRunFooter();
  EXPECT_EQ(RunIndexChecksum(footer, BytesOf(golden)), 0x3e5420a8645f507au);
  footer.index_checksum = RunIndexChecksum(footer, BytesOf(golden));
  const auto index = RunIndex::Decode(BytesOf(golden), footer);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->bounds(), bounds);
  EXPECT_EQ(index->block(1).checksum, 0x1112131415161718u);
  EXPECT_EQ(index->BlockRange(0), (KeyRange{.lower = "a", .upper = "b1"}));
}

TEST(SetGoldenTest, TheFilterOfARun) {
  const std::uint64_t salt = FilterSalt(kDeployment);
  std::vector<std::byte> lines(FilterLineCount(60) * kFilterLineSize);
  const std::array<std::uint64_t, 2> hashes = {FilterHash("ab", salt),
                                               FilterHash("b9", salt)};
  AddToFilter(hashes, lines);
  const Golden golden{
      "0000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000000000000000000000000000000000000000000000"
      "0000002000000000000000000000000008804000102080000000000000400000"
      "0000000000000000000000080000000000000100000000000004000002000000"};
  ExpectBytes(lines, golden);
  const std::vector<std::byte> old = BytesOf(golden);
  for (const std::uint64_t hash : hashes) {
    EXPECT_TRUE(RunFilter(old).MayContain(hash));
  }
  EXPECT_EQ(RunFilterChecksum(SomeRunFooter(), old), 0x75813f3994ff9371u);
}

}  // namespace
}  // namespace cairn::format
