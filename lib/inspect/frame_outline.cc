// The fields of frames and sectors. FORMAT.md, sections 3 to 5.

#include <utility>

#include "format/sector.h"
#include "inspect/catalogue.h"
#include "inspect/entry_outline.h"
#include "inspect/field.h"
#include "inspect/frame.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

using format::FrameKind;
using format::kSectorPayloadSize;
using format::kSectorSize;

void OutlineMutation(Outline& outline) {
  const std::uint64_t key_size = outline.Number("key_size", 4);
  const std::string_view key =
      base::AsText(outline.Take("key", FieldType::kText, key_size));
  const std::uint64_t entry_size = outline.Number("entry_size", 4);
  if (entry_size == 0) return;
  outline.Sized("entry", entry_size, [&] { OutlineEntry(outline, key); });
}

void OutlineCommit(Outline& outline) {
  const std::uint64_t stripes = outline.Number("stripe_count", 4);
  outline.Repeat("stripe", stripes, [&] { outline.Take(kStripeFields); });
  const std::uint64_t mutations = outline.Number("mutation_count", 4);
  outline.Repeat("mutation", mutations, [&] { OutlineMutation(outline); });
}

void OutlineOpening(Outline& outline) {
  outline.Group("members", [&] { OutlineMembers(outline, "member"); });
  outline.Group("previous members", [&] { OutlineMembers(outline, "member"); });
}

void OutlineCheckpoint(Outline& outline) {
  outline.Take("catalogue_digest", FieldType::kUuid, sizeof(base::Uuid));
  outline.Group("change", [&] { OutlineChange(outline); });
}

void OutlineMetadata(Outline& outline, FrameKind kind) {
  switch (kind) {
    case FrameKind::kCommit:
      return OutlineCommit(outline);
    case FrameKind::kOpening:
      return OutlineOpening(outline);
    case FrameKind::kCheckpoint:
      return OutlineCheckpoint(outline);
    case FrameKind::kEmpty:
      return;
  }
}

void OutlineShards(Outline& outline, const std::vector<ShardCheck>& shards) {
  std::size_t next = 0;
  outline.Repeat("shard", shards.size(), [&] {
    const ShardCheck& shard = shards[next++];
    outline.Take("checksum", FieldType::kHex, format::kShardChecksumSize);
    outline.Judge(shard.is_valid);
    outline.Take("bytes", FieldType::kBytes,
                 shard.size - format::kShardChecksumSize);
    outline.Judge(shard.is_valid);
  });
}

Way ExplainStamp(base::Bytes sector, const format::SectorPlace& place,
                 std::uint64_t at) {
  const std::uint64_t offset = place.offset + kSectorPayloadSize;
  const bool is_valid = format::GetStamp(sector, place).has_value();
  Way way = {{.offset = offset,
              .size = format::kStampSize,
              .name = "stamp",
              .note = is_valid ? "checksum holds" : "wrong checksum",
              .is_damaged = !is_valid}};
  return Join(
      std::move(way),
      OutlineOf(kStampFields, sector.subspan(kSectorPayloadSize), offset, at));
}

}  // namespace

Way ExplainSector(base::Bytes sectors, const format::SectorPlace& place,
                  std::uint64_t at) {
  const std::uint64_t begin = (at - place.offset) / kSectorSize * kSectorSize;
  const base::Bytes sector = sectors.subspan(begin, kSectorSize);
  const format::SectorPlace own = {.log = place.log,
                                   .offset = place.offset + begin};
  Way way = {{.offset = own.offset, .size = kSectorSize, .name = "sector"}};
  if (at - own.offset >= kSectorPayloadSize) {
    return Join(std::move(way), ExplainStamp(sector, own, at));
  }
  const base::Bytes payload = sector.first(kSectorPayloadSize);
  way.push_back({.offset = own.offset,
                 .size = payload.size(),
                 .name = "payload",
                 .value = ShowBytes(payload)});
  return way;
}

Way ExplainFrame(base::Bytes sectors, const Piece& piece,
                 const FrameCheck& check, std::uint64_t at) {
  const Layout layout = FrameLayout(piece.offset);
  const auto wanted = layout.OffsetOf(at);
  const format::FrameHeader& header = *piece.header;
  if (!wanted.has_value()) {
    return ExplainSector(
        sectors, {.log = format::LogTag(header.drive), .offset = piece.offset},
        at);
  }
  std::vector<std::byte> payload(sectors.size() / kSectorSize *
                                 kSectorPayloadSize);
  format::ReadPayload(sectors, 0, payload);
  Outline outline(payload, layout, *wanted);
  outline.Group("header", [&] { outline.Take(kFrameHeaderFields); });
  outline.Judge(true);
  outline.Sized("metadata", header.metadata_size,
                [&] { OutlineMetadata(outline, header.kind); });
  if (check.metadata.has_value()) outline.Judge(true);
  outline.TakeUntil("padding", FieldType::kZeros, format::ShardsOffset(header));
  outline.Sized("shards", header.shards_size,
                [&] { OutlineShards(outline, check.shards); });
  outline.TakeRest("padding", FieldType::kZeros);
  return std::move(outline).Finish();
}

}  // namespace cairn::inspect
