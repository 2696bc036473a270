#include "format/pack.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kBlockMagic = 0x4b435043;   // "CPCK"
constexpr std::uint32_t kObjectMagic = 0x424f5043;  // "CPOB"
constexpr std::size_t kObjectChecksumOffset = 48;

std::uint64_t BlockChecksum(base::Bytes payload, const PackBlockPlace& place) {
  return digest::Checksum64(
      payload, digest::Identity({kBlockMagic, place.deployment.high,
                                 place.deployment.low, place.pack,
                                 place.position, place.block}));
}

std::uint64_t ObjectChecksum(base::Bytes fields, base::Bytes key) {
  return digest::Checksum64(key, digest::Checksum64(fields, kObjectMagic));
}

}  // namespace

void SealColumn(base::Bytes payload, PackBlockPlace place,
                base::MutableBytes column) {
  CAIRN_CHECK(column.size() == ColumnSize(payload.size()));
  for (; !column.empty(); column = column.subspan(kPackBlockSize)) {
    const base::MutableBytes block = column.first(kPackBlockSize);
    const std::size_t size = std::min(kPackBlockPayloadSize, payload.size());
    std::memcpy(block.data(), payload.data(), size);
    std::memset(block.data() + size, 0, kPackBlockPayloadSize - size);
    FieldWriter(block.subspan(kPackBlockPayloadSize))
        .Put(BlockChecksum(block.first(kPackBlockPayloadSize), place));
    payload = payload.subspan(size);
    ++place.block;
  }
}

absl::StatusOr<base::MutableBytes> OpenBlocks(base::MutableBytes blocks,
                                              PackBlockPlace place) {
  CAIRN_CHECK(blocks.size() % kPackBlockSize == 0);
  const std::size_t count = blocks.size() / kPackBlockSize;
  for (std::size_t i = 0; i < count; ++i, ++place.block) {
    const base::MutableBytes block =
        blocks.subspan(i * kPackBlockSize, kPackBlockSize);
    const base::Bytes payload = block.first(kPackBlockPayloadSize);
    FieldReader checksum(block.subspan(kPackBlockPayloadSize));
    if (checksum.Get<std::uint64_t>() != BlockChecksum(payload, place)) {
      return base::Error(ErrorCode::kCorrupt,
                         "pack {} on position {}: block {} is damaged",
                         place.pack, place.position, place.block);
    }
    std::memmove(blocks.data() + i * kPackBlockPayloadSize, payload.data(),
                 payload.size());
  }
  return blocks.first(count * kPackBlockPayloadSize);
}

std::size_t PutPackObject(const PackObject& object, base::MutableBytes into) {
  FieldWriter fields(into);
  fields.Put(kObjectMagic);
  fields.Put(static_cast<std::uint32_t>(object.key.size()));
  fields.Put(object.size);
  fields.Put(object.blob.epoch);
  fields.Put(object.blob.random);
  fields.Put(object.blob.counter);
  fields.Put(object.write_id);
  fields.Put(ObjectChecksum(into.first(kObjectChecksumOffset),
                            base::AsBytes(object.key)));
  fields.PutBytes(base::AsBytes(object.key));
  return fields.offset();
}

absl::StatusOr<PackObject> GetPackObject(base::Bytes payload) {
  FieldReader fields(payload);
  const auto magic = fields.Get<std::uint32_t>();
  const auto key_size = fields.Get<std::uint32_t>();
  PackObject object;
  object.size = fields.Get<std::uint64_t>();
  object.blob.epoch = fields.Get<std::uint32_t>();
  object.blob.random = fields.Get<std::uint32_t>();
  object.blob.counter = fields.Get<std::uint64_t>();
  object.write_id = fields.GetUuid();
  const auto checksum = fields.Get<std::uint64_t>();
  const base::Bytes key = fields.GetBytes(key_size);
  if (magic != kObjectMagic || !fields.ok() ||
      checksum != ObjectChecksum(payload.first(kObjectChecksumOffset), key)) {
    return base::Error(ErrorCode::kCorrupt, "no object header in a pack");
  }
  object.key = base::AsText(key);
  return object;
}

}  // namespace cairn::format
