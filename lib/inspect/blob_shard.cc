#include "inspect/blob_shard.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "inspect/field.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

using format::BlobFooterTail;
using format::BlobShape;
using format::kBlobFooterTailSize;
using format::kBlobFrameSize;

absl::StatusOr<BlobFooterTail> DecodeTail(base::Bytes bytes,
                                          std::uint64_t size) {
  auto tail = format::DecodeBlobFooterTail(bytes);
  if (!tail.ok()) return tail;
  const std::uint64_t file_size = tail->manifest.shape.file_size();
  if (file_size == size) return tail;
  return base::Error(ErrorCode::kCorrupt,
                     "blob file: {} bytes by the footer, there are {}",
                     file_size, size);
}

// Frames and table are bound to what the footer says, so a footer that tells
// of another place makes all of it something else.
absl::Status CheckOwner(const BlobFooterTail& tail, const Subject& subject) {
  if (!subject.drive.has_value()) return absl::OkStatus();
  const format::BlobName& name = tail.manifest.name;
  if (name.deployment != subject.drive->deployment ||
      name.set != subject.drive->set) {
    return base::Error(ErrorCode::kCorrupt, "blob file: of set {} of {}",
                       name.set, base::ToString(name.deployment));
  }
  if (tail.position != subject.drive->position) {
    return base::Error(ErrorCode::kCorrupt,
                       "blob file: of position {}, its drive has {}",
                       tail.position, subject.drive->position);
  }
  return absl::OkStatus();
}

// The checksum that the footer has for a frame.
std::uint64_t ToldChecksum(const BlobShard& shard, std::uint64_t frame) {
  constexpr std::size_t kSize = sizeof(std::uint64_t);
  return NumberOf(
      base::Bytes(shard.footer_bytes).subspan(frame * kSize, kSize));
}

const BlobShape& ShapeOf(const BlobShard& shard) {
  return shard.tail->manifest.shape;
}

Extent FrameExtent(const BlobShard& shard, std::uint64_t frame) {
  return {shard.extent.offset + frame * kBlobFrameSize,
          ShapeOf(shard).frame_size(frame)};
}

std::uint64_t ChecksumOf(const BlobShard& shard, std::uint64_t frame,
                         base::Bytes bytes) {
  return format::BlobFrameChecksum({.name = shard.tail->manifest.name,
                                    .position = shard.tail->position,
                                    .frame = frame},
                                   bytes);
}

std::string NameOfFrame(std::uint64_t frame) {
  return fmt::format("frame {}", frame);
}

// What is said of a frame that does not have its checksum.
absl::Status WrongFrame(const BlobShard& shard) {
  return base::Error(ErrorCode::kCorrupt, "wrong checksum{}",
                     shard.table.ok() ? "" : ", or the footer's is wrong");
}

class ShardReport {
 public:
  ShardReport(const Source& source, const BlobShard& shard,
              const ShardCheckOptions& options, Reporter& reporter)
      : window_(source),
        shard_(shard),
        options_(options),
        reporter_(reporter) {}

  absl::StatusOr<ShardVerdict> Run();

 private:
  absl::Status ReadFrames();
  bool IsDamaged(std::uint64_t frame) const;
  void TakeFrame(std::uint64_t frame);
  void AddDamage(const std::string& name, const absl::Status& status,
                 Extent extent);

  Window window_;
  const BlobShard& shard_;
  const ShardCheckOptions& options_;
  Reporter& reporter_;
  format::BlobTable found_;  // checksums of the frames as they are
  // Whether they have the digest that the tail says: then all frames are right,
  // whatever became of the footer's table.
  bool is_proven_ = false;
  ShardVerdict verdict_;
};

absl::StatusOr<ShardVerdict> ShardReport::Run() {
  if (shard_.tail.ok()) {
    CAIRN_RETURN_IF_ERROR(ReadFrames());
    for (std::uint64_t i = 0; i < found_.size(); ++i) TakeFrame(i);
  }
  const absl::Status footer = shard_.footer_status();
  if (!footer.ok()) AddDamage("footer", footer, shard_.footer());
  return verdict_;
}

absl::Status ShardReport::ReadFrames() {
  for (std::uint64_t i = 0; i < ShapeOf(shard_).frame_count(); ++i) {
    const Extent extent = FrameExtent(shard_, i);
    CAIRN_ASSIGN_OR_RETURN(const base::Bytes bytes,
                           window_.View(extent.offset, extent.size));
    found_.push_back(ChecksumOf(shard_, i, bytes));
  }
  const auto position = static_cast<std::size_t>(shard_.tail->position);
  is_proven_ =
      format::DigestOf(found_) == shard_.tail->manifest.table_digests[position];
  return absl::OkStatus();
}

bool ShardReport::IsDamaged(std::uint64_t frame) const {
  return !is_proven_ && found_[frame] != ToldChecksum(shard_, frame);
}

void ShardReport::TakeFrame(std::uint64_t frame) {
  const bool is_damaged = IsDamaged(frame);
  const Extent extent = FrameExtent(shard_, frame);
  if (is_damaged) AddDamage(NameOfFrame(frame), WrongFrame(shard_), extent);
  if (!options_.is_listing || !reporter_.WantsEntry()) return;
  reporter_.Add({.offset = extent.offset,
                 .size = extent.size,
                 .name = NameOfFrame(frame),
                 .value = fmt::format("checksum {}",
                                      ShowHex(ToldChecksum(shard_, frame))),
                 .note = is_damaged ? ShowError(WrongFrame(shard_)) : "",
                 .is_damaged = is_damaged});
}

void ShardReport::AddDamage(const std::string& name, const absl::Status& status,
                            Extent extent) {
  reporter_.AddDamage(options_.prefix + name, ShowError(status), extent);
  if (verdict_.damage_count++ > 0) return;
  verdict_.first = fmt::format("{}: {}", name, ShowError(status));
}

Way ExplainFooter(const BlobShard& shard, std::uint64_t at) {
  const Extent extent = shard.footer();
  const std::uint64_t frame_count =
      shard.tail.ok() ? ShapeOf(shard).frame_count() : 0;
  const std::uint64_t tail =
      extent.size - std::min<std::uint64_t>(extent.size, kBlobFooterTailSize);
  Outline outline(shard.footer_bytes, {.begin = extent.offset},
                  at - extent.offset);
  outline.Repeat("frame", frame_count, [&] {
    outline.Take("checksum", FieldType::kHex, sizeof(std::uint64_t));
  });
  outline.TakeUntil("padding", FieldType::kZeros, tail);
  outline.Group("tail", [&] { outline.Take(kBlobTailFields); });
  return Join({Judged("footer", extent, shard.footer_status())},
              std::move(outline).Finish());
}

// What nothing tells about, since the tail that would is damaged.
Way Unknown(const BlobShard& shard) {
  return {{.offset = shard.extent.offset,
           .size = shard.extent.size - shard.footer_bytes.size(),
           .name = "frames and their checksums",
           .note = fmt::format("cannot be told: {}",
                               ShowError(shard.tail.status())),
           .is_damaged = true}};
}

// One stripe's shard, and which of the blob's bytes are in it.
struct StripeShard {
  std::uint64_t stripe = 0;
  Extent extent;  // in the file
  std::uint64_t blob_offset = 0;
  std::uint64_t blob_bytes = 0;  // the rest is padding; none in a parity shard
};

StripeShard StripeShardAt(const BlobShard& shard, std::uint64_t at) {
  const BlobShape& shape = ShapeOf(shard);
  const auto position = static_cast<std::uint64_t>(shard.tail->position);
  const std::uint64_t stripe = (at - shard.extent.offset) / shape.unit;
  const std::uint64_t size = shape.shard_size(stripe);
  StripeShard found{
      .stripe = stripe,
      .extent = {shard.extent.offset + stripe * shape.unit, size}};
  if (position >= shape.data_shards) return found;
  found.blob_offset =
      std::min(stripe * shape.stripe_size() + position * size, shape.size);
  found.blob_bytes = std::min(size, shape.size - found.blob_offset);
  return found;
}

InspectItem ExplainContentByte(const BlobShard& shard, const StripeShard& found,
                               std::uint64_t at) {
  if (shard.tail->position >= ShapeOf(shard).data_shards) {
    return {.offset = at, .size = 1, .name = "parity"};
  }
  const std::uint64_t within = at - found.extent.offset;
  if (within >= found.blob_bytes) {
    return {.offset = found.extent.offset + found.blob_bytes,
            .size = found.extent.size - found.blob_bytes,
            .name = "padding"};
  }
  return {.offset = at,
          .size = 1,
          .name = "byte of the blob",
          .value = fmt::format("{}", found.blob_offset + within)};
}

absl::StatusOr<InspectItem> ExplainFrameAt(const Source& source,
                                           const BlobShard& shard,
                                           std::uint64_t at) {
  const std::uint64_t frame = (at - shard.extent.offset) / kBlobFrameSize;
  const Extent extent = FrameExtent(shard, frame);
  std::vector<std::byte> bytes(extent.size);
  CAIRN_RETURN_IF_ERROR(source.Read(extent.offset, bytes));
  const bool is_right =
      ChecksumOf(shard, frame, bytes) == ToldChecksum(shard, frame);
  return Judged(NameOfFrame(frame), extent,
                is_right ? absl::OkStatus() : WrongFrame(shard));
}

}  // namespace

absl::Status BlobShard::footer_status() const {
  if (!tail.ok()) return tail.status();
  return place.ok() ? table : place;
}

absl::StatusOr<BlobShard> ReadBlobShard(const Subject& subject, Extent extent) {
  BlobShard shard{
      .extent = extent,
      .footer_bytes = {},
      .tail = base::Error(ErrorCode::kCorrupt, "blob file: no footer")};
  const auto read = [&](std::uint64_t size) {
    shard.footer_bytes.resize(size);
    return subject.source.Read(shard.end() - size, shard.footer_bytes);
  };
  CAIRN_RETURN_IF_ERROR(
      read(std::min<std::uint64_t>(extent.size, kBlobFooterTailSize)));
  shard.tail = DecodeTail(shard.footer_bytes, extent.size);
  if (!shard.tail.ok()) return shard;
  CAIRN_RETURN_IF_ERROR(read(ShapeOf(shard).footer_size()));
  shard.table = format::DecodeBlobFooter(shard.footer_bytes).status();
  shard.place = CheckOwner(*shard.tail, subject);
  return shard;
}

std::string ShardVerdict::Show() const {
  if (damage_count <= 1) return first;
  return fmt::format("{}, and {} more", first, damage_count - 1);
}

absl::StatusOr<ShardVerdict> CheckBlobShard(const Source& source,
                                            const BlobShard& shard,
                                            const ShardCheckOptions& options,
                                            Reporter& reporter) {
  return ShardReport(source, shard, options, reporter).Run();
}

absl::StatusOr<Way> ExplainBlobShard(const Source& source,
                                     const BlobShard& shard, std::uint64_t at) {
  if (at >= shard.footer().offset) return ExplainFooter(shard, at);
  if (!shard.tail.ok()) return Unknown(shard);
  const StripeShard found = StripeShardAt(shard, at);
  CAIRN_ASSIGN_OR_RETURN(InspectItem frame, ExplainFrameAt(source, shard, at));
  return Way{{.offset = found.extent.offset,
              .size = found.extent.size,
              .name = fmt::format("stripe {}", found.stripe),
              .value = fmt::format("position {}", ShowPosition(*shard.tail))},
             std::move(frame),
             ExplainContentByte(shard, found, at)};
}

std::string ShowPosition(const BlobFooterTail& tail) {
  const bool is_data = tail.position < tail.manifest.shape.data_shards;
  return fmt::format("{}, {}", tail.position, is_data ? "data" : "parity");
}

}  // namespace cairn::inspect
