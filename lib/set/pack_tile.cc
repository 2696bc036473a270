#include "set/pack_tile.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace cairn::set {
namespace {

bool IsSmaller(const std::vector<std::byte>& a,
               const std::vector<std::byte>& b) {
  return a.size() < b.size();
}

}  // namespace

PackTile::PackTile(int data_columns)
    : columns_(static_cast<std::size_t>(data_columns)) {}

std::size_t PackTile::size() const {
  return std::max_element(columns_.begin(), columns_.end(), IsSmaller)->size();
}

std::optional<PackTile::Spot> PackTile::Add(const format::PackObject& object,
                                            base::Bytes bytes) {
  CAIRN_CHECK(bytes.size() == object.size);
  const auto column =
      std::min_element(columns_.begin(), columns_.end(), IsSmaller);
  const std::size_t begin = column->size();
  const std::size_t size = format::PackedSize(object.key.size(), bytes.size());
  if (begin + size > format::kColumnPayloadMax) return std::nullopt;
  if (begin == 0) column->reserve(format::kColumnPayloadMax);
  column->resize(begin + size);
  const base::MutableBytes room =
      base::MutableBytes(*column).subspan(begin, size);
  const std::size_t header_size = format::PutPackObject(object, room);
  std::memcpy(room.data() + header_size, bytes.data(), bytes.size());
  return Spot{.column = static_cast<std::uint32_t>(column - columns_.begin()),
              .offset = begin + header_size};
}

std::vector<base::AlignedBuffer> PackTile::Seal(
    const erasure::Codec& codec, const format::PackBlockPlace& first,
    Columns form) {
  const std::size_t payload_size =
      form == Columns::kWhole ? format::kColumnPayloadMax : size();
  columns_.resize(static_cast<std::size_t>(codec.geometry().total_shards()));
  std::vector<erasure::Shard> shards;
  for (std::vector<std::byte>& column : columns_) {
    column.resize(payload_size);
    shards.emplace_back(column);
  }
  codec.Encode(shards);
  std::vector<base::AlignedBuffer> sealed;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    format::PackBlockPlace place = first;
    place.position = static_cast<std::uint32_t>(i);
    sealed.emplace_back(format::ColumnSize(payload_size));
    format::SealColumn(columns_[i], place, sealed.back().bytes());
  }
  return sealed;
}

}  // namespace cairn::set
