#include "format/sector.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "digest/crc32c.h"
#include "format/byte_io.h"

namespace cairn::format {
namespace {

constexpr std::size_t kStampOffset = kSectorPayloadSize;

std::uint32_t StampCrc(const Stamp& stamp, const SectorPlace& place) {
  std::array<std::byte, 24> covered;
  FieldWriter fields(covered);
  fields.Put(stamp.epoch);
  fields.Put(stamp.sequence);
  fields.Put(place.log);
  fields.Put(place.offset);
  return digest::Crc32c(covered);
}

}  // namespace

std::uint32_t LogTag(const base::Uuid& drive) {
  const std::uint64_t folded = drive.high ^ drive.low;
  return static_cast<std::uint32_t>(folded ^ folded >> 32);
}

void PutStamp(base::MutableBytes sector, const Stamp& stamp,
              const SectorPlace& place) {
  FieldWriter fields(sector.subspan(kStampOffset, kStampSize));
  fields.Put(stamp.epoch);
  fields.Put(stamp.sequence);
  fields.Put(StampCrc(stamp, place));
}

std::optional<Stamp> GetStamp(base::Bytes sector, const SectorPlace& place) {
  FieldReader fields(sector.subspan(kStampOffset, kStampSize));
  Stamp stamp;
  stamp.epoch = fields.Get<std::uint32_t>();
  stamp.sequence = fields.Get<std::uint64_t>();
  if (fields.Get<std::uint32_t>() != StampCrc(stamp, place)) {
    return std::nullopt;
  }
  return stamp;
}

base::MutableBytes SectorWriter::Room() {
  const std::size_t sector = size_ / kSectorPayloadSize;
  const std::size_t used = size_ % kSectorPayloadSize;
  return sectors_.subspan(sector * kSectorSize + used,
                          kSectorPayloadSize - used);
}

void SectorWriter::Append(base::Bytes payload) {
  while (!payload.empty()) {
    const base::MutableBytes room = Room();
    const std::size_t size = std::min(room.size(), payload.size());
    std::memcpy(room.data(), payload.data(), size);
    payload = payload.subspan(size);
    size_ += size;
  }
}

void SectorWriter::AppendZeros(std::size_t count) {
  while (count > 0) {
    const base::MutableBytes room = Room();
    const std::size_t size = std::min(room.size(), count);
    std::memset(room.data(), 0, size);
    count -= size;
    size_ += size;
  }
}

void SectorWriter::Finish(const Stamp& stamp, SectorPlace place) {
  const std::size_t count = sectors_.size() / kSectorSize;
  AppendZeros(count * kSectorPayloadSize - size_);
  for (std::size_t i = 0; i < count; ++i, place.offset += kSectorSize) {
    PutStamp(sectors_.subspan(i * kSectorSize, kSectorSize), stamp, place);
  }
}

void ReadPayload(base::Bytes sectors, std::size_t offset,
                 base::MutableBytes into) {
  while (!into.empty()) {
    const std::size_t sector = offset / kSectorPayloadSize;
    const std::size_t used = offset % kSectorPayloadSize;
    const std::size_t size = std::min(kSectorPayloadSize - used, into.size());
    const std::size_t from = sector * kSectorSize + used;
    CAIRN_CHECK(from + size <= sectors.size());
    std::memcpy(into.data(), sectors.data() + from, size);
    into = into.subspan(size);
    offset += size;
  }
}

}  // namespace cairn::format
