#include "format/blob_file.h"

#include <algorithm>
#include <span>

#include "fmt/format.h"

#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"
#include "format/hex.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kMagic = 0x424c4243;  // "CBLB"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kManifestSize = 376;
constexpr std::size_t kChecksumOffset = 504;
constexpr std::uint64_t kFrameIdentity = 0x656d6172662d6362;
constexpr std::uint64_t kTailIdentity = 0x6c6961742d6362;

using ManifestBytes = std::array<std::byte, kManifestSize>;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "blob file: wrong {}", field);
}

std::uint64_t TailChecksum(base::Bytes tail) {
  return digest::Checksum64(tail.first(kChecksumOffset), kTailIdentity);
}

void PutId(FieldWriter& fields, const BlobId& id) {
  fields.Put(id.epoch);
  fields.Put(id.random);
  fields.Put(id.counter);
}

ManifestBytes EncodeManifest(const BlobManifest& manifest) {
  ManifestBytes bytes{};
  FieldWriter fields(bytes);
  fields.Put(kMagic);
  fields.Put(kVersion);
  fields.Put(manifest.shape.data_shards);
  fields.Put(manifest.shape.parity_shards);
  fields.Put(manifest.shape.unit);
  fields.Put(manifest.name.set);
  fields.Put(manifest.name.deployment);
  PutId(fields, manifest.name.id);
  fields.Put(manifest.shape.size);
  for (const base::Uuid& digest : manifest.table_digests) fields.Put(digest);
  return bytes;
}

// What follows magic and version.
BlobManifest GetManifest(FieldReader& fields) {
  BlobManifest manifest;
  manifest.shape.data_shards = fields.Get<std::uint8_t>();
  manifest.shape.parity_shards = fields.Get<std::uint8_t>();
  manifest.shape.unit = fields.Get<std::uint32_t>();
  manifest.name.set = fields.Get<std::uint32_t>();
  manifest.name.deployment = fields.GetUuid();
  manifest.name.id.epoch = fields.Get<std::uint32_t>();
  manifest.name.id.random = fields.Get<std::uint32_t>();
  manifest.name.id.counter = fields.Get<std::uint64_t>();
  manifest.shape.size = fields.Get<std::uint64_t>();
  for (base::Uuid& digest : manifest.table_digests) digest = fields.GetUuid();
  return manifest;
}

absl::Status CheckTail(const BlobFooterTail& tail) {
  CAIRN_RETURN_IF_ERROR(Validate(tail.manifest.shape));
  const int total = tail.manifest.shape.total_shards();
  if (tail.position >= total) return Wrong("position");
  for (int i = total; i < kBlobPositionsMax; ++i) {
    if (!tail.manifest.table_digests[static_cast<std::size_t>(i)].is_nil()) {
      return Wrong("number of digests");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::uint64_t BlobShape::shard_size(std::uint64_t stripe) const {
  const std::uint64_t rest = size - stripe * stripe_size();
  if (rest >= stripe_size()) return unit;
  return base::AlignUp((rest + data_shards - 1) / data_shards,
                       base::kDirectAlignment);
}

std::uint64_t BlobShape::content_size() const {
  const std::uint64_t last = stripe_count() - 1;
  return last * unit + shard_size(last);
}

std::uint64_t BlobShape::footer_size() const {
  return base::AlignUp(
      frame_count() * sizeof(std::uint64_t) + kBlobFooterTailSize,
      base::kDirectAlignment);
}

std::size_t BlobShape::frame_size(std::uint64_t frame) const {
  return std::min<std::uint64_t>(kBlobFrameSize,
                                 content_size() - frame * kBlobFrameSize);
}

absl::Status Validate(const BlobShape& shape) {
  if (shape.size == 0 || shape.size > kBlobFileBytesMax) return Wrong("size");
  if (shape.data_shards == 0 || shape.data_shards > 16 ||
      shape.parity_shards > 4) {
    return Wrong("geometry");
  }
  if (shape.unit == 0 || shape.unit % kBlobFrameSize != 0 ||
      shape.unit > kBlobUnitMax) {
    return Wrong("unit");
  }
  return absl::OkStatus();
}

std::uint32_t BlobUnitFor(int data_shards, int parity_shards) {
  constexpr std::uint32_t kTwoStripesMax = 3 << 20;
  const auto shards = static_cast<std::uint32_t>(data_shards + parity_shards);
  std::uint32_t unit = 1 << 20;
  while (unit > kBlobFrameSize && 2 * shards * unit > kTwoStripesMax) unit /= 2;
  return unit;
}

std::string BlobPath(const BlobId& id) {
  return fmt::format("blobs/{:02x}/{:08x}-{:016x}-{:08x}",
                     id.counter % kBlobDirectories, id.epoch, id.counter,
                     id.random);
}

std::optional<BlobId> BlobIdOf(std::string_view file_name) {
  constexpr std::size_t kNameSize = 34;
  if (file_name.size() != kNameSize || file_name[8] != '-' ||
      file_name[25] != '-') {
    return std::nullopt;
  }
  BlobId id;
  if (!GetHex(file_name.substr(0, 8), id.epoch) ||
      !GetHex(file_name.substr(9, 16), id.counter) ||
      !GetHex(file_name.substr(26), id.random)) {
    return std::nullopt;
  }
  return id;
}

std::uint64_t BlobFrameChecksum(const BlobFramePlace& place,
                                base::Bytes frame) {
  const BlobName& name = place.name;
  return digest::Checksum64(
      frame, digest::Identity(
                 {kFrameIdentity, name.deployment.high, name.deployment.low,
                  name.set, name.id.epoch, name.id.random, name.id.counter,
                  static_cast<std::uint64_t>(place.position), place.frame}));
}

base::Uuid DigestOf(const BlobTable& table) {
  return digest::Hash128(std::as_bytes(std::span(table)));
}

base::Uuid DigestOf(const BlobManifest& manifest) {
  return digest::Hash128(EncodeManifest(manifest));
}

base::AlignedBuffer Encode(const BlobFooter& footer) {
  base::AlignedBuffer buffer(footer.manifest.shape.footer_size());
  const base::Bytes table = std::as_bytes(std::span(footer.table));
  FieldWriter fields(buffer.bytes());
  fields.PutBytes(table);
  fields.PutZeros(buffer.size() - table.size() - kBlobFooterTailSize);
  fields.PutBytes(EncodeManifest(footer.manifest));
  fields.Put(static_cast<std::uint8_t>(footer.position));
  fields.PutZeros(kChecksumOffset - kManifestSize - 1);
  fields.Put(TailChecksum(buffer.bytes().last(kBlobFooterTailSize)));
  return buffer;
}

absl::StatusOr<BlobFooterTail> DecodeBlobFooterTail(base::Bytes bytes) {
  if (bytes.size() != kBlobFooterTailSize) return Wrong("size of the footer");
  FieldReader fields(bytes);
  if (fields.Get<std::uint32_t>() != kMagic) return Wrong("magic");
  FieldReader checksum(bytes.subspan(kChecksumOffset));
  if (checksum.Get<std::uint64_t>() != TailChecksum(bytes)) {
    return Wrong("checksum");
  }
  const auto version = fields.Get<std::uint16_t>();
  if (version > kVersion) {
    return base::Error(ErrorCode::kNewerFormat,
                       "blob file: version {}, this is {}", version, kVersion);
  }
  if (version != kVersion) return Wrong("version");
  BlobFooterTail tail{.manifest = GetManifest(fields)};
  tail.position = fields.Get<std::uint8_t>();
  if (!fields.GetZeros(kChecksumOffset - kManifestSize - 1)) {
    return Wrong("reserved bytes");
  }
  CAIRN_RETURN_IF_ERROR(CheckTail(tail));
  return tail;
}

absl::StatusOr<BlobFooter> DecodeBlobFooter(base::Bytes bytes) {
  if (bytes.size() < kBlobFooterTailSize) return Wrong("size of the footer");
  CAIRN_ASSIGN_OR_RETURN(const BlobFooterTail tail,
                         DecodeBlobFooterTail(bytes.last(kBlobFooterTailSize)));
  if (bytes.size() != tail.manifest.shape.footer_size()) {
    return Wrong("size of the footer");
  }
  BlobFooter footer{.manifest = tail.manifest, .position = tail.position};
  footer.table.resize(tail.manifest.shape.frame_count());
  FieldReader fields(bytes.first(bytes.size() - kBlobFooterTailSize));
  for (std::uint64_t& checksum : footer.table) {
    checksum = fields.Get<std::uint64_t>();
  }
  if (!fields.GetZeros(fields.remaining())) return Wrong("padding");
  const auto position = static_cast<std::size_t>(footer.position);
  if (DigestOf(footer.table) != footer.manifest.table_digests[position]) {
    return Wrong("table");
  }
  return footer;
}

std::string Encode(const BlobPlace& place) {
  std::array<std::byte, kBlobPlaceSize> bytes{};
  FieldWriter fields(bytes);
  fields.Put(place.sealed);
  fields.Put(place.unit);
  fields.Put(place.data_shards);
  fields.Put(place.parity_shards);
  fields.Put(place.digest);
  return std::string(base::AsText(bytes));
}

absl::StatusOr<BlobPlace> DecodeBlobPlace(std::string_view bytes) {
  if (bytes.size() != kBlobPlaceSize) return Wrong("size of the place");
  FieldReader fields(base::AsBytes(bytes));
  BlobPlace place;
  place.sealed = fields.Get<std::uint32_t>();
  place.unit = fields.Get<std::uint32_t>();
  place.data_shards = fields.Get<std::uint8_t>();
  place.parity_shards = fields.Get<std::uint8_t>();
  place.digest = fields.GetUuid();
  const BlobShape shape = place.ShapeOf(1);
  CAIRN_RETURN_IF_ERROR(Validate(shape));
  if (place.sealed >> shape.total_shards() != 0) return Wrong("positions");
  return place;
}

}  // namespace cairn::format
