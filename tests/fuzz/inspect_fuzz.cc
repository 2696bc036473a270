// Inspecting files of hostile bytes: there is a report of any file, for people
// and for programs, and every byte of it can be explained.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "cairn/inspect.h"
#include "format/blob_file.h"
#include "fuzz/fuzzer.h"
#include "fuzz/hostile.h"
#include "fuzz/repair.h"
#include "inspect/drive.h"
#include "unit/inspect/samples.h"

namespace cairn::fuzz {
namespace {

using inspect::Sample;

struct SomeFile {
  Sample sample;
  void (*repair)(base::MutableBytes file, const Sample& sample);
};

// Behind its frames a log is only what was never written.
Sample ShortLog() {
  Sample log = inspect::LogSample();
  log.bytes.resize(28 << 10);
  return log;
}

void RepairPackOf(base::MutableBytes file, const Sample& sample) {
  RepairPack(file, {.deployment = sample.drive->deployment,
                    .pack = 0xac,
                    .position = sample.drive->position});
}

// Every block that ends in a footer of one block, as those of small blobs do.
void RepairBlobs(base::MutableBytes file, const Sample&) {
  constexpr std::size_t kBlock = base::kDirectAlignment;
  for (std::size_t at = 0; at + kBlock <= file.size(); at += kBlock) {
    const base::MutableBytes block = file.subspan(at, kBlock);
    const base::Bytes tail = block.last(format::kBlobFooterTailSize);
    if (base::AsText(tail.first(4)) == "CBLB") RepairBlobFooter(block);
  }
}

const std::vector<SomeFile>& Files() {
  static const std::vector<SomeFile> files = {
      {inspect::IdentitySample(),
       [](base::MutableBytes file, const Sample&) { RepairIdentity(file); }},
      {ShortLog(),
       [](base::MutableBytes file, const Sample& sample) {
         RepairLog(file, sample.drive->drive);
       }},
      {inspect::CatalogueSample(),
       [](base::MutableBytes file, const Sample&) { RepairCatalogue(file); }},
      {inspect::RunSample(40),
       [](base::MutableBytes file, const Sample&) { RepairRun(file); }},
      {inspect::PackSample(0, 3), RepairPackOf},
      {inspect::PackSample(2, 3), RepairPackOf},
      {inspect::BlobSample(0, 5000), RepairBlobs},
      {inspect::OpenPackSample(0), RepairBlobs}};
  return files;
}

// A report, or that it is none of Cairn's or a newer one's.
void CheckReport(const absl::StatusOr<InspectReport>& report) {
  if (!report.ok()) {
    const ErrorCode code = CodeOf(report.status());
    CAIRN_CHECK(code == ErrorCode::kInvalidArgument ||
                code == ErrorCode::kNewerFormat);
    return;
  }
  CAIRN_CHECK((report->damage_count == 0) == report->damages.empty());
  CAIRN_CHECK(!RenderText(*report).empty());
  CAIRN_CHECK(RenderJson(*report).front() == '{');
}

struct Wish {
  std::uint8_t flags = 0;
  std::uint16_t at = 0;

  bool has_drive() const { return (flags & 1) == 0; }
  bool is_named() const { return (flags & 2) == 0; }
  // The whole file, or the byte `at`.
  bool is_whole() const { return (flags & 4) == 0; }
};

void Inspect(Input& input, const SomeFile& file) {
  const Wish wish{.flags = input.Get<std::uint8_t>(),
                  .at = input.Get<std::uint16_t>()};
  Hostile hostile = TakeHostile(input, file.sample.bytes);
  if (hostile.wants_repair) file.repair(hostile.bytes, file.sample);
  Sample sample{.path = wish.is_named() ? file.sample.path : "a/unknown",
                .bytes = std::move(hostile.bytes)};
  if (wish.has_drive()) sample.drive = file.sample.drive;
  InspectOptions options{.is_listing = true};
  if (!wish.is_whole()) options.offset = wish.at;
  CheckReport(inspect::InspectSample(sample, options));
}

template <std::size_t kFile>
void FuzzFile(Input& input) {
  Inspect(input, Files()[kFile]);
}

// Names of files beside those of the catalogue.
void FuzzDrive(Input& input) {
  inspect::DriveFiles files{.path = "a",
                            .identity = inspect::DriveAt(1, set::kLogSizeMin),
                            .catalogue = absl::NotFoundError("catalogue")};
  for (int i = input.Get<std::uint8_t>() % 8; i > 0; --i) {
    const std::string name = input.GetText(input.Get<std::uint8_t>() % 40);
    files.Add(name, input.Get<std::uint64_t>());
  }
  const Sample& sample = Files()[2].sample;
  Hostile hostile = TakeHostile(input, sample.bytes);
  if (hostile.wants_repair) RepairCatalogue(hostile.bytes);
  files.catalogue = format::DecodeCatalogue(hostile.bytes, sample.drive->drive);
  CheckReport(inspect::ReportDrive(files, {.is_listing = true}));
}

constexpr std::array<Target, 9> kTargets = {
    FuzzFile<0>, FuzzFile<1>, FuzzFile<2>, FuzzFile<3>, FuzzFile<4>,
    FuzzFile<5>, FuzzDrive,   FuzzFile<6>, FuzzFile<7>};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace cairn::fuzz
