#include "set/frame.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "format/byte_io.h"

namespace cairn::set {
namespace {

constexpr std::size_t kShardAt = format::kShardChecksumSize;

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

base::MutableBytes ShardOf(std::vector<std::byte>& record) {
  return base::MutableBytes(record).subspan(kShardAt);
}

void PutChecksum(const format::BlobId& blob, int position,
                 std::vector<std::byte>& record) {
  format::FieldWriter(record).Put(
      format::ShardChecksum(blob, position, ShardOf(record)));
}

// Spreads `bytes` over the data shards; the rest of the records is zero.
std::vector<std::vector<std::byte>> Cut(base::Bytes bytes, int data_shards,
                                        int total_shards) {
  const std::size_t record_size =
      format::ShardRecordSize(bytes.size(), data_shards);
  const std::size_t shard_size = record_size - kShardAt;
  std::vector<std::vector<std::byte>> records(
      Index(total_shards), std::vector<std::byte>(record_size));
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t size = std::min(shard_size, bytes.size());
    std::memcpy(ShardOf(records[i]).data(), bytes.data(), size);
    bytes = bytes.subspan(size);
  }
  return records;
}

}  // namespace

StripePtr EncodeStripe(const erasure::Codec& codec, const format::BlobId& blob,
                       base::Bytes bytes) {
  CAIRN_CHECK(!bytes.empty());
  const erasure::Geometry geometry = codec.geometry();
  auto stripe = std::make_shared<EncodedStripe>();
  stripe->stripe = {.blob = blob,
                    .size = static_cast<std::uint32_t>(bytes.size())};
  stripe->records = Cut(bytes, geometry.data_shards, geometry.total_shards());
  std::vector<erasure::Shard> shards;
  for (std::vector<std::byte>& record : stripe->records) {
    shards.push_back(ShardOf(record));
  }
  codec.Encode(shards);
  for (int i = 0; i < geometry.total_shards(); ++i) {
    PutChecksum(blob, i, stripe->records[Index(i)]);
  }
  return stripe;
}

bool IsValidRecord(const format::Stripe& stripe, int position,
                   base::Bytes record) {
  if (record.size() <= kShardAt) return false;
  return format::FieldReader(record).Get<std::uint64_t>() ==
         format::ShardChecksum(stripe.blob, position, record.subspan(kShardAt));
}

bool IsWhole(const EncodedStripe& stripe) {
  for (std::size_t i = 0; i < stripe.records.size(); ++i) {
    if (!IsValidRecord(stripe.stripe, static_cast<int>(i), stripe.records[i])) {
      return false;
    }
  }
  return true;
}

std::vector<std::byte> RebuildRecord(const erasure::Codec& codec,
                                     const EncodedStripe& stripe,
                                     int position) {
  const erasure::Geometry geometry = codec.geometry();
  const std::size_t record_size =
      format::ShardRecordSize(stripe.stripe.size, geometry.data_shards);
  std::vector<std::vector<std::byte>> records = stripe.records;
  records.resize(Index(geometry.total_shards()));
  std::vector<bool> present;
  std::vector<erasure::Shard> shards;
  for (int i = 0; i < geometry.total_shards(); ++i) {
    std::vector<std::byte>& record = records[Index(i)];
    present.push_back(IsValidRecord(stripe.stripe, i, record));
    record.resize(record_size);
    shards.push_back(ShardOf(record));
  }
  std::vector<std::byte>& wanted = records[Index(position)];
  if (present[Index(position)]) return wanted;
  const bool rebuilt = codec.Reconstruct(shards, present).ok();
  PutChecksum(stripe.stripe.blob, position, wanted);
  if (!rebuilt) wanted[0] ^= std::byte{0xff};
  return wanted;
}

void Frame::Seal(int data_shards) {
  std::size_t shards_size = 0;
  for (const StripePtr& stripe : stripes) {
    shards_size += format::ShardRecordSize(stripe->stripe.size, data_shards);
  }
  header.metadata_size = static_cast<std::uint32_t>(metadata.size());
  header.shards_size = static_cast<std::uint32_t>(shards_size);
  header.stripe_count = static_cast<std::uint32_t>(stripes.size());
  header.frame_size = static_cast<std::uint32_t>(
      format::FrameSizeFor(metadata.size(), shards_size));
  header.metadata_checksum = format::MetadataChecksum(header, metadata);
}

base::AlignedBuffer Render(const Frame& frame,
                           const format::DriveIdentity& drive, int position) {
  format::FrameHeader header = frame.header;
  header.drive = drive.drive;
  header.position = static_cast<std::uint8_t>(position);
  base::AlignedBuffer buffer(header.frame_size);
  format::SectorWriter writer(buffer.bytes());
  writer.Append(format::Encode(header));
  writer.Append(frame.metadata);
  writer.AppendZeros(format::ShardsOffset(header) - writer.size());
  for (const StripePtr& stripe : frame.stripes) {
    writer.Append(stripe->records[Index(position)]);
  }
  writer.Finish(header.stamp(),
                {.log = format::LogTag(drive.drive),
                 .offset = Ring(drive.log_size).FileOffset(header.offset)});
  return buffer;
}

}  // namespace cairn::set
