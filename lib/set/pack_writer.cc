#include "set/pack_writer.h"

#include <utility>

#include "base/offload.h"
#include "set/set_contents.h"

namespace cairn::set {

PackWriter::PackWriter(const WriteContext& context, const erasure::Codec& codec,
                       PackWriterOptions options)
    : executor_(context.executor),
      codec_(codec),
      options_(std::move(options)),
      file_(context, options_.targets, PackPath(options_.pack_id)),
      tile_(codec.geometry().data_shards) {}

std::optional<format::PackPlace> PackWriter::Add(
    const format::PackObject& object, base::Bytes bytes) {
  const std::optional<PackTile::Spot> spot = tile_.Add(object, bytes);
  if (!spot.has_value()) return std::nullopt;
  const auto data = static_cast<std::uint32_t>(codec_.geometry().data_shards);
  return format::PackPlace{.pack = options_.pack_id,
                           .column = tile_count_ * data + spot->column,
                           .offset = spot->offset};
}

std::vector<SharedBuffer> PackWriter::PiecesOf(
    std::vector<base::AlignedBuffer> columns) const {
  std::vector<SharedBuffer> pieces;
  for (const SetFileTarget& target : options_.targets) {
    pieces.push_back(std::make_shared<const base::AlignedBuffer>(
        std::move(columns[static_cast<std::size_t>(target.position)])));
  }
  return pieces;
}

base::Task<> PackWriter::WriteTile(PackTile::Columns form) {
  if (tile_count_ == 0) {
    base::Task<> create = file_.Create();
    co_await create;
  }
  const format::PackBlockPlace first{
      .deployment = options_.deployment,
      .pack = options_.pack_id,
      .block = std::uint64_t{tile_count_} * format::kColumnBlocksMax};
  PackTile full = std::exchange(tile_, PackTile(codec_.geometry().data_shards));
  ++tile_count_;
  auto sealing =
      base::Offload(executor_, [&] { return full.Seal(codec_, first, form); });
  std::vector<base::AlignedBuffer> columns = co_await sealing;
  base::Task<> append = file_.Append(PiecesOf(std::move(columns)));
  co_await append;
}

base::Task<std::optional<format::PackFile>> PackWriter::Finish() {
  if (!tile_.empty()) {
    base::Task<> write = WriteTile(PackTile::Columns::kShort);
    co_await write;
  }
  if (tile_count_ == 0) co_return std::nullopt;
  base::Task<> seal = file_.Seal();
  co_await seal;
  co_return format::PackFile{
      .id = options_.pack_id, .size = file_.size(), .tile_count = tile_count_};
}

}  // namespace cairn::set
