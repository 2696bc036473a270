// Files as their writers leave them: the report is right, no damage is found,
// and every single byte has an explanation.

#include "inspect/file.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

// The names from the outermost item to the innermost, and its value.
struct Explanation {
  std::string names;
  std::string name;  // of the innermost but the byte itself, as is what follows
  std::string value;
  std::uint64_t offset = 0;
};

Explanation Explain(const Sample& sample, std::uint64_t at) {
  const auto report = InspectSample(sample, {.offset = at});
  EXPECT_TRUE(report.ok()) << report.status();
  if (!report.ok()) return {};
  EXPECT_EQ(report->damage_count, 0u) << RenderText(*report);
  EXPECT_EQ(report->items.size(), 1u);
  Explanation result;
  const InspectItem* item = &report->items.front();
  while (!item->parts.empty()) {
    EXPECT_LE(item->offset, at);
    if (!result.names.empty()) result.names += " / ";
    result.names += item->name;
    result.name = item->name;
    result.value = item->value;
    result.offset = item->offset;
    item = &item->parts.front();
  }
  EXPECT_EQ(item->name, "byte");
  EXPECT_EQ(item->offset, at);
  EXPECT_EQ(
      item->value,
      fmt::format("0x{:02x}", std::to_integer<unsigned>(sample.bytes[at])));
  return result;
}

// What is said of the bytes [from, to): the value of the first field of each
// name. All bytes of a field are said to be the same field.
std::map<std::string, std::string> ExplainAll(const Sample& sample,
                                              std::uint64_t from,
                                              std::uint64_t to) {
  std::map<std::string, std::string> values;
  std::map<std::uint64_t, Explanation> fields;  // by their offsets
  for (std::uint64_t at = from; at < to; ++at) {
    const Explanation explanation = Explain(sample, at);
    EXPECT_FALSE(explanation.names.empty()) << at;
    EXPECT_EQ(explanation.names.find("do not decode"), std::string::npos)
        << at << ": " << explanation.names;
    values.emplace(explanation.names, explanation.value);
    const auto& [begin, field] =
        *fields.emplace(explanation.offset, explanation).first;
    EXPECT_EQ(field.name, explanation.name) << at;
    EXPECT_EQ(field.value, explanation.value) << at;
  }
  return values;
}

TEST(FileTest, NothingIsDamagedAsItWasWritten) {
  for (const Sample& sample : AllSamples()) {
    const auto report = InspectSample(sample, {.is_listing = true});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->damage_count, 0u) << RenderText(*report);
  }
}

TEST(FileTest, EveryByteOfAnIdentityIsExplained) {
  const Sample sample = IdentitySample();
  const auto values = ExplainAll(sample, 0, sample.bytes.size());
  EXPECT_EQ(values.at("cairn.format / position"), "1");
  EXPECT_EQ(values.at("cairn.format / role"), "1 (store)");
  EXPECT_EQ(values.at("cairn.format / member 2"),
            base::ToString(sample.drive->members[2]));
  EXPECT_EQ(values.at("cairn.format / zeros"), "zero");
}

TEST(FileTest, EveryByteOfACatalogueIsExplained) {
  const Sample sample = CatalogueSample();
  const auto values = ExplainAll(sample, 0, sample.bytes.size());
  const std::string content = "catalogue / content / ";
  EXPECT_EQ(values.at("catalogue / header / drive"),
            base::ToString(sample.drive->drive));
  EXPECT_EQ(values.at(content + "changed_by"), "905");
  EXPECT_EQ(values.at(content + "checkpoint / sequence"), "900");
  EXPECT_EQ(values.at(content + "checkpoint / next_offset"), "81920");
  EXPECT_EQ(values.at(content + "epoch"), "3");
  EXPECT_EQ(values.at(content + "member 1 / drive"),
            base::ToString(sample.drive->members[1]));
  EXPECT_EQ(values.at(content + "run 0 / id"), "00000000000000ab");
  EXPECT_EQ(values.at(content + "run 0 / file"), "1");
  EXPECT_EQ(values.at(content + "run 0 / to_sequence"), "900");
  EXPECT_EQ(values.at(content + "run 0 / size"), "20480");
  EXPECT_EQ(values.at(content + "run 0 / digest"),
            base::ToString(SomeCatalogue().runs[0].digest));
  EXPECT_EQ(values.at(content + "pack 0 / id"), "00000000000000ac");
  EXPECT_EQ(values.at(content + "pack 0 / size"), "8192");
  EXPECT_EQ(values.at(content + "pack 0 / tile_count"), "1");
}

TEST(FileTest, EveryByteOfALogIsExplained) {
  const LogBuilder log = SmallLog();
  const Sample sample = log.Finish();
  const std::uint64_t end = log.ring().FileOffset(log.next().offset);
  const auto values = ExplainAll(sample, 0, end + 1024);
  EXPECT_EQ(values.at("promise / epoch"), "1");
  EXPECT_EQ(values.at("frame / header / kind"), "2 (opening)");
  EXPECT_EQ(values.at("frame / metadata / members / member 2 / drive"),
            base::ToString(sample.drive->members[2]));
  const std::string mutation = "frame / metadata / mutation 1 / ";
  EXPECT_EQ(values.at(mutation + "key"), "\"photos/1.jpg\"");
  EXPECT_EQ(values.at(mutation + "entry / kind"), "1 (in the log)");
  EXPECT_EQ(values.at(mutation + "entry / blob / blob_size"), "500");
  EXPECT_EQ(values.at(mutation + "entry / place / sequence"), "3");
  EXPECT_EQ(values.at(mutation + "entry / place / stripe"), "1");
  EXPECT_EQ(values.at(mutation + "entry / value"), "\"value\"");
  EXPECT_EQ(values.at("frame / metadata / mutation 2 / entry_size"), "0");
  EXPECT_EQ(values.at("frame / metadata / change / run 0 / id"),
            "00000000000000ab");
  EXPECT_EQ(values.at("frame / metadata / change / removed 0 / id"),
            "0000000000000012");
  EXPECT_TRUE(values.contains("frame / shards / shard 1 / bytes"));
  EXPECT_TRUE(values.contains("frame / sector / stamp / crc"));
  EXPECT_TRUE(values.contains("never written / sector / stamp / sequence"));
  for (std::uint64_t at = end; at < sample.bytes.size(); at += 1021) {
    Explain(sample, at);
  }
}

TEST(FileTest, EveryByteOfARunIsExplained) {
  const Sample sample = RunSample(40);
  const auto values = ExplainAll(sample, 0, sample.bytes.size());
  EXPECT_EQ(values.at("block 0 / header / record_count"), "41");
  EXPECT_EQ(values.at("block 0 / header / size"), "4096");
  EXPECT_EQ(values.at("block 0 / prefix"), "\"photos/\"");
  EXPECT_EQ(values.at("block 0 / records / record 7 / value / place / offset"),
            "7");
  EXPECT_EQ(values.at("block 0 / restarts / restart 0 / offset"), "0");
  EXPECT_EQ(values.at("index / bounds / smallest / bytes"),
            "\"photos/000000.jpg\"");
  EXPECT_EQ(values.at("index / block 0 / pages"), "1");
  EXPECT_TRUE(values.contains("filter / line 0 / bits"));
  EXPECT_EQ(values.at("footer / record_count"), "41");
  EXPECT_EQ(values.at("footer / run"), "00000000000000ab");
}

TEST(FileTest, EveryByteOfAPackIsExplained) {
  const Sample sample = PackSample(0, 9);
  const auto values = ExplainAll(sample, 0, sample.bytes.size());
  EXPECT_EQ(values.at("block 0 / object / header / key"), "\"photos/0.jpg\"");
  EXPECT_EQ(values.at("block 0 / object / header / size"), "1001");
  EXPECT_TRUE(values.contains("block 1 / object / bytes"));
  EXPECT_TRUE(values.contains("block 1 / checksum"));
  const Sample parity = PackSample(2, 9);
  ExplainAll(parity, 0, parity.bytes.size());
}

TEST(FileTest, EveryByteOfABlobIsExplained) {
  const Sample sample = BlobSample(1, 5000);
  const auto values = ExplainAll(sample, 0, sample.bytes.size());
  EXPECT_EQ(values.at("stripe 0 / frame 0 / byte of the blob"), "4096");
  EXPECT_TRUE(values.contains("stripe 0 / frame 0 / padding"));
  EXPECT_TRUE(values.contains("footer / frame 0 / checksum"));
  EXPECT_EQ(values.at("footer / padding"), "zero");
  EXPECT_EQ(values.at("footer / tail / magic"), "\"CBLB\"");
  EXPECT_EQ(values.at("footer / tail / size"), "5000");
  EXPECT_EQ(values.at("footer / tail / unit"), "65536");
  EXPECT_EQ(values.at("footer / tail / deployment"),
            base::ToString(kDeployment));
  EXPECT_EQ(values.at("footer / tail / blob_counter"), "4");
  EXPECT_TRUE(values.contains("footer / tail / table_digest 19"));
  EXPECT_EQ(values.at("footer / tail / position"), "1");
  const Sample parity = BlobSample(2, 5000);
  EXPECT_EQ(Explain(parity, 4095).names, "stripe 0 / frame 0 / parity");
}

// Two stripes of two data shards, the last ones short: 65536 and 36864 bytes.
TEST(FileTest, ABytesPlaceInItsBlobIsTold) {
  constexpr std::uint64_t kSize = 200000;
  constexpr std::uint64_t kLast = 131072;  // where the last stripe begins
  const Sample first = BlobSample(0, kSize);
  const Sample second = BlobSample(1, kSize);
  ASSERT_EQ(first.bytes.size(), 65536u + 36864 + 4096);
  EXPECT_EQ(Explain(first, 65535).value, "65535");
  EXPECT_EQ(Explain(second, 0).value, "65536");
  EXPECT_EQ(Explain(first, 65536).value, fmt::format("{}", kLast));
  const Explanation last = Explain(second, 65536);
  EXPECT_EQ(last.names, "stripe 1 / frame 1 / byte of the blob");
  EXPECT_EQ(last.value, fmt::format("{}", kLast + 36864));
  const std::uint64_t end = 65536 + kSize - kLast - 36864;
  EXPECT_EQ(Explain(second, end - 1).value, "199999");
  EXPECT_EQ(Explain(second, end).name, "padding");
  EXPECT_EQ(Explain(second, end).offset, end);
}

TEST(FileTest, EveryByteOfAnOpenPackIsExplained) {
  const Sample sample = OpenPackSample(0);
  const auto values = ExplainAll(sample, 0, sample.bytes.size());
  EXPECT_EQ(values.at("slice / stripe 0 / frame 0 / byte of the blob"), "0");
  EXPECT_EQ(values.at("slice / footer / tail / size"), "5000");
  EXPECT_EQ(values.at("hole"), "zero");
  EXPECT_EQ(Explain(sample, 12288 + 8191).names,
            "slice / stripe 0 / frame 0 / byte of the blob");
  EXPECT_EQ(Explain(sample, 12288 + 8191).value, "8191");
}

TEST(FileTest, AFileIsKnownByItsContentOrItsName) {
  for (Sample sample : AllSamples()) {
    const MemorySource source(sample.bytes);
    const auto kind = KindOf({.path = sample.path, .source = source});
    ASSERT_TRUE(kind.ok());
    const bool is_parity = sample.drive->position == 2;
    if (!is_parity) {
      EXPECT_EQ(*KindOf({.path = "/tmp/copy", .source = source}), *kind);
    }
    const FileBytes nothing;
    const MemorySource empty(nothing);
    EXPECT_EQ(*KindOf({.path = sample.path, .source = empty}), *kind);
  }
}

// A caller chooses what the file of a blob begins with.
TEST(FileTest, ABlobThatBeginsAsAnotherFileIsABlob) {
  for (Sample sample : {BlobSample(0, 5000), OpenPackSample(0)}) {
    const MemorySource source(sample.bytes);
    const FileKind kind = *KindOf({.path = sample.path, .source = source});
    for (const std::string magic : {"CAIR", "CPRM", "CCAT", "CPOB"}) {
      std::memcpy(sample.bytes.data(), magic.data(), magic.size());
      EXPECT_EQ(*KindOf({.path = sample.path, .source = source}), kind);
      EXPECT_EQ(*KindOf({.path = "/tmp/copy", .source = source}), kind);
    }
  }
}

TEST(FileTest, AFileThatIsNotWholeYetIsKnownByItsNameAndSaysSo) {
  for (Sample sample : AllSamples()) {
    const std::string kind = InspectSample(sample)->kind;
    sample.path += ".new";
    const auto report = InspectSample(sample);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->kind, kind);
    EXPECT_EQ(report->items.front().name, "unfinished");
    EXPECT_EQ(report->damage_count, 0u) << RenderText(*report);
    sample.bytes.clear();
    EXPECT_EQ(InspectSample(sample)->kind, kind);
  }
}

TEST(FileTest, ALockIsEmpty) {
  Sample lock{.path = "a/lock"};
  const auto report = InspectSample(lock);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->kind, "lock");
  EXPECT_EQ(report->damage_count, 0u);
  lock.bytes.resize(5);
  EXPECT_EQ(InspectSample(lock)->damage_count, 1u);
  EXPECT_EQ(InspectSample(lock, {.offset = 4})->damage_count, 1u);
}

TEST(FileTest, WhatIsNoneOfCairnsIsRefused) {
  const Sample sample{.path = "/etc/passwd", .bytes = FileBytes(5000)};
  EXPECT_EQ(CodeOf(InspectSample(sample).status()),
            ErrorCode::kInvalidArgument);
}

TEST(FileTest, AnOffsetBehindTheEndIsRefused) {
  const Sample sample = IdentitySample();
  EXPECT_EQ(CodeOf(InspectSample(sample, {.offset = 4096}).status()),
            ErrorCode::kInvalidArgument);
}

TEST(FileTest, AListEndsAtItsLimitAndSaysSo) {
  const auto report =
      InspectSample(RunSample(40), {.is_listing = true, .limit = 5});
  ASSERT_TRUE(report.ok());
  std::size_t puts = 0;
  for (const InspectItem& item : report->items) {
    if (item.name == "put") ++puts;
  }
  EXPECT_EQ(puts, 5u);
  EXPECT_EQ(report->items.back().name, "not listed");
  EXPECT_EQ(report->items.back().value, "36 more, with a higher limit");
}

TEST(FileTest, ALogWithoutItsIdentityIsExplainedAsFarAsItGoes) {
  Sample sample = LogSample();
  sample.drive.reset();
  const auto report = InspectSample(sample);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->damage_count, 0u) << RenderText(*report);
  EXPECT_NE(RenderText(*report).find("4 whole"), std::string::npos);
}

TEST(FileTest, APackWithoutItsIdentityStillShowsItsObjects) {
  Sample sample = PackSample(0, 9);
  sample.drive.reset();
  const auto report = InspectSample(sample);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->damage_count, 0u);
  EXPECT_NE(RenderText(*report).find("not checked"), std::string::npos);
  EXPECT_NE(RenderText(*report).find("5, 5005 bytes"), std::string::npos);
}

TEST(FileTest, AForeignLogIsDamage) {
  Sample sample = LogSample();
  sample.drive = DriveAt(2, set::kLogSizeMin);
  const auto report = InspectSample(sample);
  ASSERT_TRUE(report.ok());
  EXPECT_GT(report->damage_count, 0u);
}

}  // namespace
}  // namespace cairn::inspect
