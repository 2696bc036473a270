// Open packs: slices and holes. FORMAT.md, section 8.

#include "format/open_pack.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "inspect/blob_shard.h"
#include "inspect/file.h"
#include "inspect/open_pack_parts.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

// Whether the footer is that of the slice that it ends.
absl::Status CheckSlice(const BlobShard& shard, const Subject& subject) {
  const auto slice = format::SliceOf(shard.tail->manifest.name.id);
  if (!slice.has_value() || slice->offset != shard.extent.offset ||
      slice->size != shard.extent.size) {
    return base::Error(ErrorCode::kCorrupt, "slice: the footer of another");
  }
  const auto pack = OpenPackOf(subject);
  if (!pack.has_value() || *pack == slice->pack) return absl::OkStatus();
  return base::Error(ErrorCode::kCorrupt, "slice: of {}",
                     format::OpenPackPath(slice->pack));
}

absl::StatusOr<BlobShard> ReadSlice(const Subject& subject, Extent extent) {
  CAIRN_ASSIGN_OR_RETURN(BlobShard shard, ReadBlobShard(subject, extent));
  if (shard.tail.ok() && shard.place.ok()) {
    shard.place = CheckSlice(shard, subject);
  }
  return shard;
}

std::string ShowSlice(const BlobShard& shard) {
  if (!shard.tail.ok()) return "";
  const format::BlobManifest& manifest = shard.tail->manifest;
  return fmt::format("blob {}, {}, position {}", ShowBlob(manifest.name.id),
                     ShowCount(manifest.shape.size, "byte"),
                     ShowPosition(*shard.tail));
}

// What lies between slices: zeros, or bytes that nobody owns.
InspectItem ShowGap(const OpenPackPart& part) {
  InspectItem item{.offset = part.extent.offset,
                   .size = part.extent.size,
                   .name = "hole",
                   .value = "zero"};
  if (part.used_count == 0) return item;
  item.name = "no slice";
  item.value = fmt::format("{} not zero", ShowCount(part.used_count, "block"));
  item.note = "never sealed, or freed, or without a trace of its footer";
  return item;
}

class OpenPackReport {
 public:
  OpenPackReport(const Subject& subject, Reporter& reporter)
      : subject_(subject), reporter_(reporter) {}

  absl::Status Run();

 private:
  absl::Status TakeSlice(Extent extent);
  void TakeGap(const OpenPackPart& part);
  void CheckSize();
  void AddFacts();

  const Subject& subject_;
  Reporter& reporter_;
  std::uint64_t slices_ = 0;
  std::uint64_t damaged_ = 0;
  std::uint64_t bytes_ = 0;  // of blobs
  std::uint64_t holes_ = 0;  // bytes
  std::uint64_t others_ = 0;
};

absl::Status OpenPackReport::Run() {
  CAIRN_ASSIGN_OR_RETURN(const auto parts, CutOpenPack(subject_));
  for (const OpenPackPart& part : parts) {
    if (part.is_slice) {
      CAIRN_RETURN_IF_ERROR(TakeSlice(part.extent));
    } else {
      TakeGap(part);
    }
  }
  CheckSize();
  AddFacts();
  return absl::OkStatus();
}

absl::Status OpenPackReport::TakeSlice(Extent extent) {
  CAIRN_ASSIGN_OR_RETURN(const BlobShard shard, ReadSlice(subject_, extent));
  CAIRN_ASSIGN_OR_RETURN(
      const ShardVerdict verdict,
      CheckBlobShard(subject_.source, shard,
                     {.prefix = fmt::format("slice at {}, ", extent.offset)},
                     reporter_));
  const bool is_damaged = verdict.damage_count > 0;
  ++slices_;
  damaged_ += is_damaged ? 1 : 0;
  if (shard.tail.ok()) bytes_ += shard.tail->manifest.shape.size;
  if (!reporter_.WantsEntry()) return absl::OkStatus();
  reporter_.Add({.offset = extent.offset,
                 .size = extent.size,
                 .name = "slice",
                 .value = ShowSlice(shard),
                 .note = is_damaged ? verdict.Show() : "whole",
                 .is_damaged = is_damaged});
  return absl::OkStatus();
}

void OpenPackReport::TakeGap(const OpenPackPart& part) {
  (part.used_count == 0 ? holes_ : others_) += part.extent.size;
  if (reporter_.WantsEntry()) reporter_.Add(ShowGap(part));
}

void OpenPackReport::CheckSize() {
  const std::uint64_t size = subject_.source.size();
  const std::uint64_t end = OpenPackEnd(subject_);
  if (size > format::kOpenPackSizeMax) {
    reporter_.AddDamage("end", "larger than a pack may be", {end, size - end});
  } else if (size > end) {
    reporter_.AddDamage("block", "cut short", {end, size - end});
  }
}

void OpenPackReport::AddFacts() {
  const auto pack = OpenPackOf(subject_);
  reporter_.Add("pack", pack.has_value() ? format::OpenPackPath(*pack)
                                         : "its name does not say");
  reporter_.Add("slices",
                fmt::format("{}, {} of them damaged", slices_, damaged_));
  reporter_.Add("blobs", ShowCount(bytes_, "byte"));
  reporter_.Add("holes", ShowCount(holes_, "byte"));
  reporter_.Add("no slice", ShowCount(others_, "byte"));
}

absl::StatusOr<Way> ExplainSlice(const Subject& subject, Extent extent,
                                 std::uint64_t at) {
  CAIRN_ASSIGN_OR_RETURN(const BlobShard shard, ReadSlice(subject, extent));
  CAIRN_ASSIGN_OR_RETURN(Way way, ExplainBlobShard(subject.source, shard, at));
  return Join({{.offset = extent.offset,
                .size = extent.size,
                .name = "slice",
                .value = ShowSlice(shard)}},
              std::move(way));
}

}  // namespace

absl::Status ReportOpenPack(const Subject& subject, Reporter& reporter) {
  return OpenPackReport(subject, reporter).Run();
}

absl::StatusOr<Way> ExplainOpenPack(const Subject& subject, std::uint64_t at) {
  if (const std::uint64_t end = OpenPackEnd(subject); at >= end) {
    return Way{{.offset = end,
                .size = subject.source.size() - end,
                .name = "end",
                .note = "cut short, or larger than a pack may be",
                .is_damaged = true}};
  }
  CAIRN_ASSIGN_OR_RETURN(const auto parts, CutOpenPack(subject));
  const auto part = std::ranges::find_if(
      parts, [&](const OpenPackPart& one) { return at < one.end(); });
  CAIRN_CHECK(part != parts.end());
  if (part->is_slice) return ExplainSlice(subject, part->extent, at);
  return Way{ShowGap(*part)};
}

}  // namespace cairn::inspect
