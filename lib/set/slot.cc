#include "set/slot.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "format/frame_metadata.h"
#include "format/sector.h"
#include "set/frame.h"

namespace cairn::set {
namespace {

using format::kFrameHeaderSize;
using format::kSectorSize;

std::optional<format::FrameHeader> HeaderOf(base::Bytes sectors) {
  std::array<std::byte, kFrameHeaderSize> payload;
  format::ReadPayload(sectors, 0, payload);
  auto header = format::DecodeFrameHeader(payload);
  if (!header.ok()) return std::nullopt;
  return *std::move(header);
}

bool IsAt(const format::FrameHeader& header, const Slot& slot,
          const format::DriveIdentity& drive) {
  return header.deployment == drive.deployment && header.set == drive.set &&
         header.drive == drive.drive && header.offset == slot.offset;
}

enum class Stamps { kAllRight, kForeign, kUnreadable };

Stamps JudgeStamps(base::Bytes sectors, const format::Stamp& expected,
                   format::SectorPlace place) {
  bool unreadable = false;
  for (; !sectors.empty(); sectors = sectors.subspan(kSectorSize)) {
    const auto stamp = format::GetStamp(sectors.first(kSectorSize), place);
    if (!stamp.has_value()) unreadable = true;
    if (stamp.has_value() && *stamp != expected) return Stamps::kForeign;
    place.offset += kSectorSize;
  }
  return unreadable ? Stamps::kUnreadable : Stamps::kAllRight;
}

std::vector<format::Stripe> StripesOf(const Copy& copy) {
  if (copy.header.kind != format::FrameKind::kCommit) return {};
  const auto metadata = format::DecodeCommitMetadata(copy.metadata);
  if (!metadata.ok()) return {};
  return metadata->stripes;
}

// Reads the records that are valid; the others stay empty.
void ReadRecords(base::Bytes sectors, const format::DriveIdentity& drive,
                 int position, Copy& copy) {
  std::size_t offset = format::ShardsOffset(copy.header);
  const std::size_t end = offset + copy.header.shards_size;
  for (const format::Stripe& stripe : StripesOf(copy)) {
    const std::size_t size = format::ShardRecordSize(
        stripe.size, static_cast<int>(drive.data_shards));
    std::vector<std::byte>& record = copy.records.emplace_back();
    if (size > end - offset) continue;
    record.resize(size);
    format::ReadPayload(sectors, offset, record);
    offset += size;
    if (!IsValidRecord(stripe, position, record)) record.clear();
  }
}

bool AllRecordsValid(const Copy& copy) {
  return copy.records.size() == copy.header.stripe_count &&
         std::none_of(copy.records.begin(), copy.records.end(),
                      [](const auto& record) { return record.empty(); });
}

Copy ReadCopy(base::Bytes sectors, const format::FrameHeader& header,
              const format::DriveIdentity& drive) {
  Copy copy{.state = CopyState::kDamaged, .header = header};
  copy.header.drive = {};
  copy.header.position = 0;
  copy.metadata.resize(header.metadata_size);
  format::ReadPayload(sectors, format::kMetadataOffset, copy.metadata);
  if (format::MetadataChecksum(header, copy.metadata) !=
      header.metadata_checksum) {
    return {.state = CopyState::kDamaged};
  }
  ReadRecords(sectors, drive, header.position, copy);
  copy.state = AllRecordsValid(copy) ? CopyState::kWhole : CopyState::kPartial;
  return copy;
}

}  // namespace

std::uint64_t SizeToJudge(base::Bytes first_block, const Ring& ring) {
  const auto header = HeaderOf(first_block);
  if (!header.has_value()) return format::kFrameAlignment;
  return std::clamp<std::uint64_t>(header->frame_size, format::kFrameAlignment,
                                   ring.frame_size_max());
}

Copy Judge(base::Bytes sectors, const Slot& slot,
           const format::DriveIdentity& drive) {
  const format::SectorPlace place{
      .log = format::LogTag(drive.drive),
      .offset = Ring(drive.log_size).FileOffset(slot.offset)};
  const auto stamp = format::GetStamp(sectors.first(kSectorSize), place);
  if (!stamp.has_value()) return {.state = CopyState::kDamaged};
  if (*stamp <= slot.older) return {.state = CopyState::kAbsent};
  const auto header = HeaderOf(sectors);
  if (!header.has_value() || header->stamp() != *stamp ||
      !IsAt(*header, slot, drive) || header->frame_size > sectors.size()) {
    return {.state = CopyState::kDamaged};
  }
  if (header->sequence != slot.sequence ||
      header->predecessor != slot.predecessor) {
    return {.state = CopyState::kAbsent};
  }
  const base::Bytes frame = sectors.first(header->frame_size);
  switch (JudgeStamps(frame, *stamp, place)) {
    case Stamps::kForeign:
      return {.state = CopyState::kAbsent};
    case Stamps::kUnreadable:
      return {.state = CopyState::kDamaged};
    case Stamps::kAllRight:
      break;
  }
  return ReadCopy(frame, *header, drive);
}

}  // namespace cairn::set
