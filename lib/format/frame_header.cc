#include "format/frame_header.h"

#include <algorithm>

#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kMagic = 0x4d524643;  // "CFRM"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kChecksumOffset = 272;
constexpr std::uint64_t kHeaderIdentity = 0x6672616d65206864;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "frame header: wrong {}", field);
}

void EncodeFields(const FrameHeader& header, base::MutableBytes into) {
  FieldWriter fields(into);
  fields.Put(kMagic);
  fields.Put(kVersion);
  fields.Put(static_cast<std::uint8_t>(header.kind));
  fields.Put(header.position);
  fields.Put(header.drive);
  fields.Put(header.deployment);
  fields.Put(header.set);
  fields.Put(header.epoch);
  fields.Put(header.epoch_id);
  fields.Put(header.sequence);
  fields.Put(header.offset);
  fields.Put(header.predecessor);
  fields.Put(header.frame_size);
  fields.Put(header.metadata_size);
  fields.Put(header.shards_size);
  fields.Put(header.stripe_count);
  fields.Put(header.metadata_checksum);
  for (const std::uint64_t since : header.behind_since) fields.Put(since);
}

FrameHeader DecodeFields(FieldReader& fields) {
  FrameHeader header;
  header.kind = static_cast<FrameKind>(fields.Get<std::uint8_t>());
  header.position = fields.Get<std::uint8_t>();
  header.drive = fields.GetUuid();
  header.deployment = fields.GetUuid();
  header.set = fields.Get<std::uint32_t>();
  header.epoch = fields.Get<std::uint32_t>();
  header.epoch_id = fields.Get<std::uint64_t>();
  header.sequence = fields.Get<std::uint64_t>();
  header.offset = fields.Get<std::uint64_t>();
  header.predecessor = fields.GetUuid();
  header.frame_size = fields.Get<std::uint32_t>();
  header.metadata_size = fields.Get<std::uint32_t>();
  header.shards_size = fields.Get<std::uint32_t>();
  header.stripe_count = fields.Get<std::uint32_t>();
  header.metadata_checksum = fields.Get<std::uint64_t>();
  for (std::uint64_t& since : header.behind_since) {
    since = fields.Get<std::uint64_t>();
  }
  return header;
}

bool IsKind(FrameKind kind) {
  return kind >= FrameKind::kCommit && kind <= FrameKind::kEmpty;
}

absl::Status CheckFields(const FrameHeader& header) {
  if (!IsKind(header.kind)) return Wrong("kind");
  if (header.position >= kDrivesMax) return Wrong("position");
  if (header.epoch == 0) return Wrong("epoch");
  if (header.sequence == 0) return Wrong("sequence");
  if (header.offset % kFrameAlignment != 0) return Wrong("offset");
  if (header.frame_size !=
      FrameSizeFor(header.metadata_size, header.shards_size)) {
    return Wrong("frame_size");
  }
  if ((header.stripe_count == 0) != (header.shards_size == 0)) {
    return Wrong("stripe_count");
  }
  return absl::OkStatus();
}

}  // namespace

std::size_t ShardsOffset(const FrameHeader& header) {
  return kMetadataOffset + base::AlignUp(header.metadata_size, 8);
}

std::size_t FrameSizeFor(std::size_t metadata_size, std::size_t shards_size) {
  const std::size_t payload =
      kMetadataOffset + base::AlignUp(metadata_size, 8) + shards_size;
  return base::AlignUp(SectorCount(payload) * kSectorSize, kFrameAlignment);
}

base::Uuid CommonHash(const FrameHeader& header) {
  FrameHeader common = header;
  common.position = 0;
  common.drive = {};
  std::array<std::byte, kChecksumOffset> bytes;
  EncodeFields(common, bytes);
  return digest::Hash128(bytes);
}

std::array<std::byte, kFrameHeaderSize> Encode(const FrameHeader& header) {
  std::array<std::byte, kFrameHeaderSize> bytes{};
  EncodeFields(header, base::MutableBytes(bytes).first(kChecksumOffset));
  FieldWriter checksum(base::MutableBytes(bytes).subspan(kChecksumOffset, 8));
  checksum.Put(digest::Checksum64(base::Bytes(bytes).first(kChecksumOffset),
                                  kHeaderIdentity));
  return bytes;
}

absl::StatusOr<FrameHeader> DecodeFrameHeader(base::Bytes bytes) {
  if (bytes.size() != kFrameHeaderSize) return Wrong("size");
  FieldReader fields(bytes);
  if (fields.Get<std::uint32_t>() != kMagic) return Wrong("magic");
  const auto version = fields.Get<std::uint16_t>();
  FieldReader checksum(bytes.subspan(kChecksumOffset));
  if (checksum.Get<std::uint64_t>() !=
      digest::Checksum64(bytes.first(kChecksumOffset), kHeaderIdentity)) {
    return Wrong("checksum");
  }
  if (!checksum.GetZeros(checksum.remaining())) return Wrong("reserved bytes");
  if (version != kVersion) {
    return base::Error(ErrorCode::kNewerFormat,
                       "frame header of version {}, this program knows {}",
                       version, kVersion);
  }
  const FrameHeader header = DecodeFields(fields);
  CAIRN_RETURN_IF_ERROR(CheckFields(header));
  return header;
}

std::uint64_t MetadataChecksum(const FrameHeader& header,
                               base::Bytes metadata) {
  return digest::Checksum64(
      metadata, digest::Identity({header.deployment.high, header.deployment.low,
                                  header.set, header.epoch, header.epoch_id,
                                  header.sequence}));
}

}  // namespace cairn::format
