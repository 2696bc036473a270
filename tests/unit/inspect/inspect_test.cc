// The public door, on real files of a real directory, and what it prints.

#include "cairn/inspect.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

namespace fs = std::filesystem;

class InspectTest : public testing::Test {
 protected:
  InspectTest() {
    std::string name = testing::TempDir() + "cairn-inspect-XXXXXX";
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    for (const Sample& sample :
         {IdentitySample(), LogSample(), CatalogueSample(), RunSample(40),
          PackSample(1, 9)}) {
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
  for (const std::string path :
       {"a/cairn.format", "a/log", "a/catalogue",
        "a/runs/00000000000000ab-0000", "a/packs/00000000000000ac"}) {
    const auto report = Inspect(Path(path));
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->damage_count, 0u) << RenderText(*report);
    EXPECT_EQ(RenderText(*report).find("not checked"), std::string::npos);
  }
  // A pack under another name is another pack.
  fs::rename(folder_ / "a/packs/00000000000000ac", folder_ / "a/packs/ad");
  EXPECT_GT(Inspect(Path("a/packs/ad"))->damage_count, 0u);
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

TEST_F(InspectTest, ADriveIsHeldAgainstItsCatalogue) {
  // The catalogue names other files than there are.
  Write("a/junk", FileBytes(10));
  EXPECT_EQ(Print("a", {.is_listing = true}), "");
}

TEST_F(InspectTest, AnIdentityIsPrinted) {
  EXPECT_EQ(Print("a/cairn.format"), "");
}

TEST_F(InspectTest, ALogIsPrinted) {
  EXPECT_EQ(Print("a/log", {.is_listing = true}), "");
}

TEST_F(InspectTest, ACatalogueIsPrinted) {
  EXPECT_EQ(Print("a/catalogue", {.is_listing = true}), "");
}

TEST_F(InspectTest, ARunIsPrinted) {
  EXPECT_EQ(
      Print("a/runs/00000000000000ab-0000", {.is_listing = true, .limit = 2}),
      "");
}

TEST_F(InspectTest, APackIsPrinted) {
  EXPECT_EQ(Print("a/packs/00000000000000ac", {.is_listing = true}), "");
}

TEST_F(InspectTest, AByteIsPrinted) {
  EXPECT_EQ(Print("a/log", {.offset = 16384 + 700}), "");
}

TEST_F(InspectTest, DamageIsPrinted) {
  Sample sample = LogSample();
  sample.bytes[16384 + 100] ^= std::byte{1};
  sample.bytes[30000] ^= std::byte{1};
  sample.bytes[511] ^= std::byte{1};
  Write("a/log", sample.bytes);
  EXPECT_EQ(Print("a/log"), "");
}

TEST_F(InspectTest, JsonHasTheMembersOfTheReport) {
  const auto report = Inspect(Path("a/cairn.format"), {.offset = 7});
  ASSERT_TRUE(report.ok());
  const std::string json = RenderJson(*report);
  EXPECT_EQ(json.substr(json.find("\"kind\"")), "");
}

}  // namespace
}  // namespace cairn::inspect
