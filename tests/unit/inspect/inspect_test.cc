// The public door, on real files of a real directory, and what it prints.

#include "cairn/inspect.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "drive/read_only_file.h"
#include "inspect/drive.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

namespace fs = std::filesystem;

const std::string kBlob = "blobs/04/00000001-0000000000000004-0000beef";
const std::string kOpenPack = "open_packs/00000001-00000002-0000beef";

class InspectTest : public testing::Test {
 protected:
  InspectTest() {
    std::string name = testing::TempDir() + "cairn-inspect-XXXXXX";
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    for (const Sample& sample :
         {IdentitySample(), LogSample(), CatalogueSample(), RunSample(40),
          PackSample(1, 9), BlobSample(1, 5000), OpenPackSample(1)}) {
      Write(sample.path, sample.bytes);
    }
  }
  ~InspectTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& path) const {
    return (folder_ / path).string();
  }

  void Write(const std::string& path, const FileBytes& bytes) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream file(folder_ / path, std::ios::binary);
    file << base::AsText(bytes);
    CAIRN_CHECK(file.good());
  }

  // What is printed, with the folder's name left out.
  std::string Print(const std::string& path,
                    const InspectOptions& options = {}) {
    const auto report = Inspect(Path(path), options);
    if (!report.ok()) return std::string(report.status().message());
    std::string text = RenderText(*report);
    const std::string folder = folder_.string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos;
         at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    return text;
  }

  fs::path folder_;
};

TEST_F(InspectTest, FilesAreBoundToTheIdentityOfTheirDrive) {
  const std::vector<std::string> paths = {"cairn.format",
                                          "log",
                                          "catalogue",
                                          "runs/00000000000000ab-0000",
                                          "packs/00000000000000ac",
                                          kBlob,
                                          kOpenPack};
  for (const std::string& path : paths) {
    const auto report = Inspect(Path("a/" + path));
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->damage_count, 0u) << RenderText(*report);
    EXPECT_EQ(RenderText(*report).find("not checked"), std::string::npos);
  }
  // A pack under another name is another pack.
  fs::rename(folder_ / "a/packs/00000000000000ac", folder_ / "a/packs/ad");
  EXPECT_GT(Inspect(Path("a/packs/ad"))->damage_count, 0u);
  // And what another drive has of a blob is another file.
  Write("a/" + kBlob, BlobSample(2, 5000).bytes);
  EXPECT_GT(Inspect(Path("a/" + kBlob))->damage_count, 0u);
  Write("a/" + kOpenPack, OpenPackSample(2).bytes);
  EXPECT_GT(Inspect(Path("a/" + kOpenPack))->damage_count, 0u);
}

TEST_F(InspectTest, WhatCannotBeReadIsAnError) {
  EXPECT_TRUE(absl::IsNotFound(Inspect(Path("a/none")).status()));
  fs::create_symlink("log", folder_ / "a/link");
  EXPECT_EQ(CodeOf(Inspect(Path("a/link")).status()), ErrorCode::kDriveFailed);
  ASSERT_EQ(::mkfifo(Path("a/pipe").c_str(), 0600), 0);
  EXPECT_EQ(CodeOf(Inspect(Path("a/pipe")).status()), ErrorCode::kDriveFailed);
  EXPECT_EQ(CodeOf(Inspect(Path("a/runs")).status()),
            ErrorCode::kInvalidArgument);
}

TEST_F(InspectTest, ADirectoryThatIsTooLargeIsAnError) {
  const auto all = drive::ListDirectory(Path("a"), 7);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 7u);
  EXPECT_EQ((*all)[1].name, "cairn.format");
  EXPECT_EQ((*all)[1].size, 4096u);
  EXPECT_TRUE(all->back().is_directory);
  EXPECT_EQ(CodeOf(drive::ListDirectory(Path("a"), 6).status()),
            ErrorCode::kDriveFailed);
  EXPECT_TRUE(drive::ListDirectory(Path("none"), 0)->empty());
}

TEST_F(InspectTest, NamesOfFilesAreShownInAscii) {
  Write("a/\x1b[31m\xc3", FileBytes(10));
  EXPECT_NE(Print("a", {.is_listing = true}).find("  \\x1b[31m\\xc3  "),
            std::string::npos);
}

TEST_F(InspectTest, FilesOfBlobsThatAreSomewhereElseAreNoneOfTheDrives) {
  fs::create_directories(folder_ / "a/blobs/05");
  fs::rename(folder_ / "a" / kBlob,
             folder_ / "a/blobs/05/00000001-0000000000000004-0000beef");
  const std::string text = Print("a");
  EXPECT_EQ(text.find("blobs"), std::string::npos) << text;
  EXPECT_NE(text.find("open packs            1 file, 24576 bytes"),
            std::string::npos)
      << text;
}

TEST_F(InspectTest, ADriveWithoutItsCatalogueIsDamaged) {
  fs::remove(folder_ / "a/catalogue");
  const auto report = Inspect(Path("a"));
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->damage_count, 1u) << RenderText(*report);
  EXPECT_EQ(report->damages[0].name, "catalogue");
}

TEST(DriveReportTest, AFolderThatCannotBeReadIsNoDamage) {
  format::Catalogue catalogue = SomeCatalogue();
  catalogue.runs.clear();
  catalogue.packs.clear();
  const DriveFiles files{
      .path = "a",
      .identity = DriveAt(1, set::kLogSizeMin),
      .catalogue = catalogue,
      .sizes = {{"log", set::kLogSizeMin}},
      .unreadable = {{"lost+found", absl::NotFoundError("denied")}}};
  const std::string text = RenderText(ReportDrive(files, {}));
  EXPECT_NE(text.find("no damage found"), std::string::npos) << text;
  EXPECT_NE(text.find("lost+found  cannot be read  (denied)"),
            std::string::npos)
      << text;
}

TEST_F(InspectTest, ADriveIsHeldAgainstItsCatalogue) {
  // The catalogue names other files than there are.
  Write("a/junk", FileBytes(10));
  Write("a/lock", FileBytes());
  Write("a/" + kBlob + ".new", FileBytes(7));
  EXPECT_EQ(
      Print("a", {.is_listing = true}),
      "a: drive, DAMAGED\n"
      "  deployment                        "
      "00000000-0000-1111-0000-000000002222\n"
      "  drive                             "
      "00000000-0000-000d-0000-000000000002\n"
      "  position                          1 of 2 + 1, when it was formatted\n"
      "  log                               262144 bytes\n"
      "  checkpoint                        sequence 900 of epoch 3, the log "
      "goes on at 81920\n"
      "  changed by                        frame 905\n"
      "  digest                            "
      "785b69a3-f36d-71ec-b47f-b26eb44944cd\n"
      "  member 0                          "
      "00000000-0000-000d-0000-000000000001\n"
      "  member 1                          "
      "00000000-0000-000d-0000-000000000002\n"
      "  member 2                          "
      "00000000-0000-000d-0000-000000000003\n"
      "  runs                              1 file\n"
      "  packs                             1 file\n"
      "  packs/00000000000000ac            8192 bytes\n"
      "  blobs                             1 file, 8192 bytes\n"
      "  open packs                        1 file, 24576 bytes\n"
      "  lock                              0 bytes\n"
      "  blobs/04/00000001-0000000000000004-0000beef.new  7 bytes  "
      "(unfinished)\n"
      "  junk                              10 bytes  (not in the catalogue)\n"
      "  runs/00000000000000ab-0000        16384 bytes  (not in the "
      "catalogue)\n"
      "  unfinished                        1 file\n"
      "  not in the catalogue              2 files\n"
      "Damage found: 1\n"
      "  runs/00000000000000ab-0001  DAMAGED: not there\n");
}

TEST_F(InspectTest, AnIdentityIsPrinted) {
  EXPECT_EQ(
      Print("a/cairn.format"),
      "a/cairn.format: cairn.format, no damage found\n"
      "  deployment    00000000-0000-1111-0000-000000002222\n"
      "  drive         00000000-0000-000d-0000-000000000002\n"
      "  position      1 of 3, when it was formatted\n"
      "  geometry      2 + 1\n"
      "  pool and set  1, 2\n"
      "  log           00000000-0000-0007-0000-000000000001, 262144 bytes\n"
      "  member 0      00000000-0000-000d-0000-000000000001\n"
      "  member 1      00000000-0000-000d-0000-000000000002\n"
      "  member 2      00000000-0000-000d-0000-000000000003\n");
}

TEST_F(InspectTest, ALogIsPrinted) {
  EXPECT_EQ(
      Print("a/log", {.is_listing = true}),
      "a/log: log, no damage found\n"
      "  offset    size  what\n"
      "       0    4096  promise          no epoch before 1\n"
      "    4096    4096  promise          no epoch before 1\n"
      "                  drive            "
      "00000000-0000-000d-0000-000000000002\n"
      "    8192    4096  frame            epoch 1, sequence 1, opening\n"
      "                    member 0       "
      "00000000-0000-000d-0000-000000000001\n"
      "                    member 1       "
      "00000000-0000-000d-0000-000000000002\n"
      "                    member 2       "
      "00000000-0000-000d-0000-000000000003\n"
      "   12288    4096  frame            epoch 1, sequence 2, empty\n"
      "   16384    4096  frame            epoch 1, sequence 3, commit, 2 "
      "stripes\n"
      "                    stripe         blob 1-0000beef-3, 500 bytes\n"
      "                    stripe         blob 1-0000beef-4, 500 bytes\n"
      "                    put            \"photos/0.jpg\": write "
      "00000000-0000-000e-0000-000000000001, value \"value\", blob "
      "1-0000beef-4 of 500 bytes in the log, frame 3, stripe 0\n"
      "                    put            \"photos/1.jpg\": write "
      "00000000-0000-000e-0000-000000000001, value \"value\", blob "
      "1-0000beef-4 of 500 bytes in the log, frame 3, stripe 1\n"
      "                    delete         \"photos/gone.jpg\"\n"
      "   20480    4096  frame            epoch 1, sequence 4, checkpoint\n"
      "                    checkpoint     sequence 900 of epoch 3, the log "
      "goes on at 81920\n"
      "                    catalogue      "
      "785b69a3-f36d-71ec-b47f-b26eb44944cd\n"
      "                    removes        0000000000000012\n"
      "                    adds           runs/00000000000000ab-0001, 20480 "
      "bytes, sequences 0 to 900, digest 00000000-0000-0008-0000-000000000009\n"
      "                    adds           packs/00000000000000ac, 8192 bytes, "
      "1 tile\n"
      "   24576  237568  never written\n"
      "                  frames           4 whole\n"
      "   20480    4096  newest frame     epoch 1, sequence 4, checkpoint\n"
      "                  oldest sequence  1\n"
      "                  remains          0 bytes\n"
      "                  never written    237568 bytes\n");
}

TEST_F(InspectTest, ACatalogueIsPrinted) {
  EXPECT_EQ(
      Print("a/catalogue", {.is_listing = true}),
      "a/catalogue: catalogue, no damage found\n"
      "  drive                       00000000-0000-000d-0000-000000000002\n"
      "  checkpoint                  sequence 900 of epoch 3, the log goes on "
      "at 81920\n"
      "  changed by                  frame 905\n"
      "  digest                      785b69a3-f36d-71ec-b47f-b26eb44944cd\n"
      "  member 0                    00000000-0000-000d-0000-000000000001\n"
      "  member 1                    00000000-0000-000d-0000-000000000002\n"
      "  member 2                    00000000-0000-000d-0000-000000000003\n"
      "  runs                        1 file\n"
      "  packs                       1 file\n"
      "  runs/00000000000000ab-0001  20480 bytes, sequences 0 to 900, digest "
      "00000000-0000-0008-0000-000000000009\n"
      "  packs/00000000000000ac      8192 bytes, 1 tile\n");
}

TEST_F(InspectTest, ARunIsPrinted) {
  EXPECT_EQ(
      Print("a/runs/00000000000000ab-0000", {.is_listing = true, .limit = 2}),
      "a/runs/00000000000000ab-0000: run, no damage found\n"
      "  offset  size  what\n"
      "                run         00000000000000ab, file 0\n"
      "                deployment  00000000-0000-1111-0000-000000002222\n"
      "                set         2\n"
      "                sequences   after 0, up to 900\n"
      "                records     41, 1 of them tombstones\n"
      "                bytes       695 of keys, 2640 of values\n"
      "                digest      8dfbd330-ef7d-654e-0521-bef8ca07bdff\n"
      "       0  4096  blocks      1 block\n"
      "    4096  4096  index       from \"\" on\n"
      "    8192  4096  filter      1 line\n"
      "                put         \"photos/000000.jpg\", sequence 10: write "
      "00000000-0000-000e-0000-000000000001, value \"value\", blob "
      "1-0000beef-4 of 500 bytes in pack 00000000000000ac, column 1, offset 0\n"
      "                put         \"photos/000001.jpg\", sequence 10: write "
      "00000000-0000-000e-0000-000000000001, value \"value\", blob "
      "1-0000beef-4 of 500 bytes in pack 00000000000000ac, column 1, offset 1\n"
      "                not listed  39 more, with a higher limit\n");
}

TEST_F(InspectTest, APackIsPrinted) {
  EXPECT_EQ(Print("a/packs/00000000000000ac", {.is_listing = true}),
            "a/packs/00000000000000ac: pack, no damage found\n"
            "  offset  size  what\n"
            "       0  1072  object    \"photos/1.jpg\", 1001 bytes, blob "
            "1-0000beef-1, write 00000000-0000-000e-0000-000000000001\n"
            "    1072  1072  object    \"photos/3.jpg\", 1001 bytes, blob "
            "1-0000beef-3, write 00000000-0000-000e-0000-000000000001\n"
            "    2144  1072  object    \"photos/5.jpg\", 1001 bytes, blob "
            "1-0000beef-5, write 00000000-0000-000e-0000-000000000001\n"
            "    3216  1072  object    \"photos/7.jpg\", 1001 bytes, blob "
            "1-0000beef-7, write 00000000-0000-000e-0000-000000000001\n"
            "                pack      00000000000000ac\n"
            "                position  1\n"
            "                tiles     1\n"
            "                objects   4, 4004 bytes\n");
}

TEST_F(InspectTest, ABlobIsPrinted) {
  EXPECT_EQ(
      Print("a/" + kBlob, {.is_listing = true}),
      "a/blobs/04/00000001-0000000000000004-0000beef: blob, no damage found\n"
      "  offset  size  what\n"
      "                blob        1-0000beef-4\n"
      "                deployment  00000000-0000-1111-0000-000000002222\n"
      "                set         2\n"
      "                bytes       5000\n"
      "                stripes     1 of 2 + 1, shards of 65536 bytes\n"
      "                position    1, data\n"
      "                digest      9a3f9917-2660-502f-ca0f-28f99719a624\n"
      "                table 0     26e6cb25-0376-4c98-f932-ed6a55c35e89\n"
      "                table 1     788c24ed-f95e-fdce-450f-87b2071e2096\n"
      "                table 2     83a61e8f-8f90-ff9c-bfd0-b429628d8121\n"
      "       0  4096  content     1 frame\n"
      "    4096  4096  footer      checksums and tail\n"
      "       0  4096  frame 0     checksum 21311febb26c834d\n");
}

TEST_F(InspectTest, AnOpenPackIsPrinted) {
  EXPECT_EQ(
      Print("a/" + kOpenPack, {.is_listing = true}),
      "a/open_packs/00000001-00000002-0000beef: open pack, no damage found\n"
      "  offset   size  what\n"
      "       0   8192  slice     blob 1-0000beef-9223372045444710401, 5000 "
      "bytes, position 1, data  (whole)\n"
      "    8192   4096  hole      zero\n"
      "   12288  12288  slice     blob 1-0000beef-9223372045444907010, 9000 "
      "bytes, position 1, data  (whole)\n"
      "                 pack      open_packs/00000001-00000002-0000beef\n"
      "                 slices    2, 0 of them damaged\n"
      "                 blobs     14000 bytes\n"
      "                 holes     4096 bytes\n"
      "                 no slice  0 bytes\n");
}

TEST_F(InspectTest, AByteIsPrinted) {
  EXPECT_EQ(Print("a/log", {.offset = 16384 + 700}),
            "a/log: log, no damage found\n"
            "  offset  size  what\n"
            "   16384  4096  frame               epoch 1, sequence 3, commit, "
            "2 stripes  (whole)\n"
            "   16896   227    metadata          (checksum holds)\n"
            "   17022    78      mutation 1\n"
            "   17042    58        entry\n"
            "   17083    12          place\n"
            "   17083     8            sequence  3\n"
            "   17084     1              byte    0x00\n");
}

TEST_F(InspectTest, DamageIsPrinted) {
  Sample sample = LogSample();
  sample.bytes[16384 + 100] ^= std::byte{1};
  sample.bytes[30200] ^= std::byte{1};
  sample.bytes[511] ^= std::byte{1};
  Write("a/log", sample.bytes);
  EXPECT_EQ(
      Print("a/log"),
      "a/log: log, DAMAGED\n"
      "  offset  size  what\n"
      "    4096  4096  promise          no epoch before 1\n"
      "                drive            00000000-0000-000d-0000-000000000002\n"
      "                frames           3 whole\n"
      "   20480  4096  newest frame     epoch 1, sequence 4, checkpoint\n"
      "                oldest sequence  1\n"
      "                remains          0 bytes\n"
      "                never written    237568 bytes\n"
      "Damage found: 3\n"
      "  offset  size  what\n"
      "       0  4096  promise                 DAMAGED: promise: wrong "
      "reserved bytes\n"
      "   16384  4096  frame without a header  DAMAGED: frame header: wrong "
      "checksum\n"
      "   30192    16  stamp                   DAMAGED: wrong checksum: 1 "
      "sector\n");
}

TEST_F(InspectTest, JsonHasTheMembersOfTheReport) {
  const auto report = Inspect(Path("a/cairn.format"), {.offset = 7});
  ASSERT_TRUE(report.ok());
  const std::string json = RenderJson(*report);
  EXPECT_EQ(
      json.substr(json.find("\"kind\"")),
      "\"kind\":\"cairn.format\",\"damage_count\":0,\"items\":[{\"offset\":0,"
      "\"size\":4096,\"name\":\"cairn.format\",\"note\":\"checksum "
      "holds\",\"parts\":[{\"offset\":7,\"size\":1,\"name\":\"position\","
      "\"value\":\"1\",\"parts\":[{\"offset\":7,\"size\":1,\"name\":\"byte\","
      "\"value\":\"0x01\"}]}]}],\"damages\":[]}\n");
}

}  // namespace
}  // namespace cairn::inspect
