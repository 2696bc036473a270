#include "fuzz/repair.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "digest/checksum.h"
#include "format/blob_file.h"
#include "format/drive_identity.h"
#include "format/frame_header.h"
#include "format/run_block.h"
#include "format/run_footer.h"
#include "fuzz/raw_fields.h"

namespace cairn::fuzz {
namespace {

using format::kPackBlockPayloadSize;
using format::kPackBlockSize;

constexpr std::uint32_t kIdentityMagic = 0x52494143;
constexpr std::uint32_t kPromiseMagic = 0x4d525043;
constexpr std::uint32_t kCatalogueMagic = 0x54414343;
constexpr std::uint32_t kFrameMagic = 0x4d524643;
constexpr std::uint32_t kPackObjectMagic = 0x424f5043;
constexpr std::uint64_t kFrameHeaderIdentity = 0x6672616d65206864;
constexpr std::uint64_t kRunFooterIdentity = 0x7265746f6f66206e;
constexpr std::uint64_t kBlobTailIdentity = 0x6c6961742d6362;

// Puts behind the first `size` bytes their checksum.
void PutChecksumOf(base::MutableBytes bytes, std::size_t size,
                   std::uint64_t identity) {
  if (bytes.size() < size) return;
  PutAt(bytes, size, digest::Checksum64(bytes.first(size), identity));
}

std::size_t FrameSizeOf(base::Bytes payload, std::size_t size_max) {
  const auto size = NumberAt<std::uint32_t>(payload, 88);
  return std::clamp<std::size_t>(size / format::kSectorSize, 1,
                                 size_max / format::kSectorSize) *
         format::kSectorSize;
}

std::uint64_t MetadataChecksumOf(base::Bytes sectors, base::Bytes payload) {
  const format::FrameHeader header{
      .deployment = UuidAt(payload, 24),
      .set = NumberAt<std::uint32_t>(payload, 40),
      .epoch = NumberAt<std::uint32_t>(payload, 44),
      .epoch_id = NumberAt<std::uint64_t>(payload, 48),
      .sequence = NumberAt<std::uint64_t>(payload, 56)};
  const std::size_t room =
      (sectors.size() / format::kSectorSize - 1) * format::kSectorPayloadSize;
  std::vector<std::byte> metadata(
      std::min<std::size_t>(NumberAt<std::uint32_t>(payload, 92), room));
  format::ReadPayload(sectors, format::kMetadataOffset, metadata);
  return format::MetadataChecksum(header, metadata);
}

void Replace(base::MutableBytes bytes, std::uint64_t old, std::uint64_t by) {
  const base::Bytes wanted = std::as_bytes(std::span(&old, 1));
  const auto found = std::ranges::search(bytes, wanted);
  if (!found.empty()) std::memcpy(&*found.begin(), &by, sizeof(by));
}

void RepairBlocks(base::MutableBytes file, const format::RunFooter& footer) {
  const base::MutableBytes blocks = file.first(footer.index_offset());
  const base::MutableBytes index =
      file.subspan(footer.index_offset(), footer.index_size);
  format::RunPlace place{.file = footer.id};
  while (place.offset < blocks.size()) {
    std::size_t size = NumberAt<std::uint32_t>(blocks, place.offset + 12);
    if (size == 0 || size % format::kRunAlignment != 0) {
      size = format::kRunAlignment;
    }
    const base::MutableBytes block = PartOf(blocks, place.offset, size);
    if (block.empty()) return;
    const auto old = NumberAt<std::uint64_t>(block, 0);
    const std::uint64_t checksum = format::RunBlock::Checksum(block, place);
    PutAt(block, 0, checksum);
    Replace(index, old, checksum);
    place.offset += size;
    ++place.number;
  }
}

}  // namespace

void RepairIdentity(base::MutableBytes block) {
  PutChecksumOf(block, 408, digest::Identity({kIdentityMagic}));
}

void RepairPromise(base::MutableBytes slot) {
  PutChecksumOf(slot, 24, digest::Identity({kPromiseMagic}));
}

void RepairFrameHeader(base::MutableBytes payload) {
  PutChecksumOf(payload, 272, kFrameHeaderIdentity);
}

void RepairCatalogue(base::MutableBytes file) {
  const base::Uuid drive = UuidAt(file, 16);
  const auto size = NumberAt<std::uint64_t>(file, 8);
  if (size > file.size()) return;
  PutChecksumOf(file, 32 + size,
                digest::Identity({kCatalogueMagic, drive.high, drive.low}));
}

void RepairRunFooter(base::MutableBytes footer) {
  if (footer.size() < 8) return;
  PutAt(footer, 0, digest::Checksum64(footer.subspan(8), kRunFooterIdentity));
}

void RepairPackObject(base::MutableBytes payload) {
  const base::Bytes key = PartOf(payload, format::kPackObjectHeaderSize,
                                 NumberAt<std::uint32_t>(payload, 4));
  if (payload.size() < format::kPackObjectHeaderSize) return;
  PutAt(payload, 48,
        digest::Checksum64(
            key, digest::Checksum64(payload.first(48), kPackObjectMagic)));
}

void RepairBlobTail(base::MutableBytes tail) {
  PutChecksumOf(tail, 504, kBlobTailIdentity);
}

void RepairBlobFooter(base::MutableBytes footer) {
  if (footer.size() < format::kBlobFooterTailSize) return;
  const base::MutableBytes tail = footer.last(format::kBlobFooterTailSize);
  RepairBlobTail(tail);
  const auto decoded = format::DecodeBlobFooterTail(tail);
  if (!decoded.ok()) return;
  const std::uint64_t count = decoded->manifest.shape.frame_count();
  if (count > footer.size() / sizeof(std::uint64_t)) return;
  format::BlobTable table(count);
  std::memcpy(table.data(), footer.data(), count * sizeof(std::uint64_t));
  const base::Uuid digest = format::DigestOf(table);
  const std::size_t at = 56 + 16 * static_cast<std::size_t>(decoded->position);
  PutAt(tail, at, digest.high);
  PutAt(tail, at + 8, digest.low);
  RepairBlobTail(tail);
}

void RepairFrame(base::MutableBytes sectors, format::SectorPlace place) {
  if (sectors.size() < format::kSectorSize) return;
  const base::MutableBytes payload = sectors.first(format::kFrameHeaderSize);
  sectors = sectors.first(FrameSizeOf(payload, sectors.size()));
  PutAt(payload, 104, MetadataChecksumOf(sectors, payload));
  RepairFrameHeader(payload);
  const format::Stamp stamp{.epoch = NumberAt<std::uint32_t>(payload, 44),
                            .sequence = NumberAt<std::uint64_t>(payload, 56)};
  for (std::size_t at = 0; at < sectors.size(); at += format::kSectorSize) {
    format::PutStamp(sectors.subspan(at, format::kSectorSize), stamp, place);
    place.offset += format::kSectorSize;
  }
}

void RepairLog(base::MutableBytes file, const base::Uuid& drive) {
  for (std::size_t i = 0; i < format::kPromiseSlotCount; ++i) {
    RepairPromise(
        PartOf(file, i * format::kPromiseSlotSize, format::kPromiseSlotSize));
  }
  for (std::size_t at = format::kRingOffset;
       at + format::kFrameAlignment <= file.size();
       at += format::kFrameAlignment) {
    if (NumberAt<std::uint32_t>(file, at) != kFrameMagic) continue;
    RepairFrame(file.subspan(at), {.log = format::LogTag(drive), .offset = at});
  }
}

void RepairRun(base::MutableBytes file) {
  if (file.size() < format::kRunFooterSize) return;
  const base::MutableBytes end = file.last(format::kRunFooterSize);
  RepairRunFooter(end);
  auto footer = format::DecodeRunFooter(end);
  if (!footer.ok() || footer->file_size != file.size()) return;
  RepairBlocks(file, *footer);
  footer->index_checksum = format::RunIndexChecksum(
      *footer, file.subspan(footer->index_offset(), footer->index_size));
  footer->filter_checksum = format::RunFilterChecksum(
      *footer, file.subspan(footer->filter_offset(), footer->filter_size));
  const format::RunFooterBytes encoded = format::Encode(*footer);
  std::memcpy(end.data(), encoded.data(), encoded.size());
}

void RepairPack(base::MutableBytes file, const format::PackBlockPlace& first) {
  const std::size_t count = file.size() / kPackBlockSize;
  std::vector<std::byte> payload(count * kPackBlockPayloadSize);
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(payload.data() + i * kPackBlockPayloadSize,
                file.data() + i * kPackBlockSize, kPackBlockPayloadSize);
  }
  for (std::size_t at = 0; at < payload.size(); at += 8) {
    if (NumberAt<std::uint32_t>(payload, at) != kPackObjectMagic) continue;
    RepairPackObject(base::MutableBytes(payload).subspan(at));
  }
  if (count == 0) return;
  format::SealColumn(payload, first, file.first(count * kPackBlockSize));
}

}  // namespace cairn::fuzz
