// The catalogue. FORMAT.md, section 6.

#include "inspect/catalogue.h"

#include "base/status.h"
#include "format/byte_io.h"
#include "format/frame_header.h"
#include "inspect/field.h"
#include "inspect/file.h"
#include "inspect/text.h"
#include "set/member.h"
#include "set/set_contents.h"

namespace cairn::inspect {
namespace {

constexpr std::string_view kName = "catalogue";
constexpr std::size_t kHeaderSize = SizeOf(kCatalogueFields);

base::Uuid OwnerOf(base::Bytes bytes) {
  if (bytes.size() < kHeaderSize) return {};
  return format::FieldReader(bytes.subspan(kHeaderSize - sizeof(base::Uuid)))
      .GetUuid();
}

absl::StatusOr<format::Catalogue> Decode(const Subject& subject,
                                         base::Bytes bytes) {
  if (bytes.size() % base::kDirectAlignment != 0) {
    return base::Error(ErrorCode::kCorrupt,
                       "catalogue: {} bytes, no multiple of {}", bytes.size(),
                       base::kDirectAlignment);
  }
  auto catalogue = format::DecodeCatalogue(bytes, OwnerOf(bytes));
  if (catalogue.ok() && subject.drive.has_value() &&
      subject.drive->drive != OwnerOf(bytes)) {
    return base::Error(ErrorCode::kForeignDrive, "the catalogue of drive {}",
                       base::ToString(OwnerOf(bytes)));
  }
  return catalogue;
}

void OutlineList(Outline& outline, std::string_view name, FieldTable table) {
  const std::uint64_t count = outline.Number(fmt::format("{}_count", name), 4);
  outline.Repeat(name, count, [&] { outline.Take(table); });
}

void OutlineBeginning(Outline& outline) {
  outline.Group("checkpoint", [&] { outline.Take(kLogPositionFields); });
  outline.Number("epoch", 4);
  OutlineMembers(outline, "member");
}

void OutlineFiles(Outline& outline) {
  OutlineList(outline, "run", kRunFileFields);
  OutlineList(outline, "pack", kPackFileFields);
}

void ListFiles(const format::Catalogue& catalogue, Reporter& reporter) {
  for (const format::RunFile& run : catalogue.runs) {
    if (!reporter.WantsEntry()) continue;
    reporter.Add(set::RunPath(run), ShowRunFile(run));
  }
  for (const format::PackFile& pack : catalogue.packs) {
    if (!reporter.WantsEntry()) continue;
    reporter.Add(set::PackPath(pack.id), ShowPackFile(pack));
  }
}

}  // namespace

std::string ShowRunFile(const format::RunFile& run) {
  return fmt::format("{}, sequences {} to {}, digest {}",
                     ShowCount(run.size, "byte"), run.from_sequence,
                     run.to_sequence, base::ToString(run.digest));
}

std::string ShowPackFile(const format::PackFile& pack) {
  return fmt::format("{}, {}", ShowCount(pack.size, "byte"),
                     ShowCount(pack.tile_count, "tile"));
}

std::string ShowPosition(const format::LogPosition& position,
                         std::uint32_t epoch) {
  return fmt::format("sequence {} of epoch {}, the log goes on at {}",
                     position.sequence, epoch, position.next_offset);
}

void OutlineMembers(Outline& outline, std::string_view name) {
  const std::uint64_t count = outline.Number(fmt::format("{}_count", name), 4);
  outline.Repeat(name, count, [&] {
    outline.Take("drive", FieldType::kUuid, sizeof(base::Uuid));
  });
}

void OutlineChange(Outline& outline) {
  OutlineBeginning(outline);
  const std::uint64_t removed = outline.Number("removed_count", 4);
  outline.Repeat("removed", removed,
                 [&] { outline.Take("id", FieldType::kHex, 8); });
  OutlineFiles(outline);
}

void AddCatalogueFacts(const format::Catalogue& catalogue, Reporter& reporter) {
  reporter.Add("checkpoint",
               ShowPosition(catalogue.checkpoint, catalogue.epoch));
  reporter.Add("changed by", fmt::format("frame {}", catalogue.changed_by));
  reporter.Add("digest", base::ToString(format::Digest(catalogue)));
  for (std::size_t i = 0; i < catalogue.members.size(); ++i) {
    reporter.Add(fmt::format("member {}", i),
                 base::ToString(catalogue.members[i]));
  }
  reporter.Add("runs", ShowCount(catalogue.runs.size(), "file"));
  reporter.Add("packs", ShowCount(catalogue.packs.size(), "file"));
}

absl::StatusOr<format::Catalogue> ReadCatalogue(const Subject& subject) {
  CAIRN_ASSIGN_OR_RETURN(const auto bytes,
                         ReadAll(subject.source, set::kCatalogueSizeMax));
  return Decode(subject, bytes);
}

absl::Status ReportCatalogue(const Subject& subject, Reporter& reporter) {
  CAIRN_ASSIGN_OR_RETURN(const auto bytes,
                         ReadAll(subject.source, set::kCatalogueSizeMax));
  const auto catalogue = Decode(subject, bytes);
  if (CodeOf(catalogue.status()) == ErrorCode::kNewerFormat) {
    return catalogue.status();
  }
  if (!catalogue.ok()) {
    reporter.AddDamage(kName, ShowError(catalogue.status()),
                       {.size = bytes.size()});
    return absl::OkStatus();
  }
  reporter.Add("drive", base::ToString(OwnerOf(bytes)));
  AddCatalogueFacts(*catalogue, reporter);
  ListFiles(*catalogue, reporter);
  return absl::OkStatus();
}

absl::StatusOr<Way> ExplainCatalogue(const Subject& subject, std::uint64_t at) {
  CAIRN_ASSIGN_OR_RETURN(const auto bytes,
                         ReadAll(subject.source, set::kCatalogueSizeMax));
  const auto catalogue = Decode(subject, bytes);
  Outline outline(bytes, {}, at);
  base::Bytes header;
  outline.Group("header", [&] { header = outline.Take(kCatalogueFields); });
  outline.Sized("content", NumberIn(kCatalogueFields, "size", header), [&] {
    outline.Number("changed_by", 8);
    OutlineBeginning(outline);
    OutlineFiles(outline);
  });
  outline.Take("checksum", FieldType::kHex, 8);
  outline.TakeRest("padding", FieldType::kZeros);
  return Join({Judged(kName, {.size = bytes.size()}, catalogue.status())},
              std::move(outline).Finish());
}

}  // namespace cairn::inspect
