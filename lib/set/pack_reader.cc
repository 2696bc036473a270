#include "set/pack_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fmt/format.h"

#include "base/status.h"
#include "format/pack.h"
#include "set/set_contents.h"

namespace cairn::set {
namespace {

using format::kColumnPayloadMax;
using format::kColumnSizeMax;
using format::kPackBlockPayloadSize;
using format::kPackBlockSize;

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

void PackReader::SetPacks(const std::vector<format::PackFile>& packs) {
  packs_.clear();
  for (const format::PackFile& pack : packs) packs_.emplace(pack.id, pack);
}

absl::StatusOr<PackReader::Extent> PackReader::Locate(
    const format::PackPlace& place, std::size_t size) const {
  if (place.pack == format::kLostPack) {
    return base::Error(ErrorCode::kUnrecoverable,
                       "the blob could not be read when it left the log");
  }
  const auto pack = packs_.find(place.pack);
  if (pack == packs_.end()) {
    return absl::NotFoundError("the pack is there no more");
  }
  const auto data = static_cast<std::uint32_t>(codec_.geometry().data_shards);
  const std::uint64_t tile = place.column / data;
  const std::uint64_t first = place.offset / kPackBlockPayloadSize;
  const std::uint64_t end = place.offset + size;
  Extent extent{.pack = place.pack,
                .position = static_cast<int>(place.column % data),
                .block = tile * format::kColumnBlocksMax + first,
                .payload_begin = place.offset - first * kPackBlockPayloadSize};
  if (size == 0 || place.offset > kColumnPayloadMax ||
      end > kColumnPayloadMax || tile >= pack->second.tile_count) {
    return base::Error(ErrorCode::kCorrupt, "pack {}: no such place",
                       place.pack);
  }
  extent.block_count = (end - 1) / kPackBlockPayloadSize - first + 1;
  extent.range = {.path = PackPath(place.pack),
                  .file_size = pack->second.size,
                  .offset = tile * kColumnSizeMax + first * kPackBlockSize,
                  .size = extent.block_count * kPackBlockSize};
  if (extent.range.offset + extent.range.size > pack->second.size) {
    return base::Error(ErrorCode::kCorrupt, "pack {}: no such block",
                       place.pack);
  }
  return extent;
}

std::optional<base::MutableBytes> PackReader::Open(
    const Extent& extent, int position, base::MutableBytes blocks) const {
  const auto payload = format::OpenBlocks(
      blocks, {.deployment = deployment_,
               .pack = extent.pack,
               .position = static_cast<std::uint32_t>(position),
               .block = extent.block});
  if (!payload.ok()) return std::nullopt;
  return *payload;
}

void PackReader::Take(const Extent& extent, HedgedReads& reads,
                      Columns& columns) const {
  for (int p = 0; p < codec_.geometry().total_shards(); ++p) {
    if (reads.state(p) != HedgedReads::State::kRead ||
        !columns.payloads[Index(p)].empty()) {
      continue;
    }
    const auto payload = Open(extent, p, reads.bytes(p).bytes());
    if (!payload.has_value()) {
      reads.Refuse(p);
      continue;
    }
    columns.payloads[Index(p)] = *payload;
    ++columns.count;
  }
}

bool PackReader::Rebuild(const Extent& extent, Columns& columns,
                         std::vector<std::byte>& payload) const {
  if (columns.count < codec_.geometry().data_shards) return false;
  const std::size_t size = extent.block_count * kPackBlockPayloadSize;
  std::vector<std::vector<std::byte>> lost;
  std::vector<bool> present;
  lost.reserve(columns.payloads.size());
  std::vector<erasure::Shard> shards;
  for (const base::MutableBytes column : columns.payloads) {
    present.push_back(!column.empty());
    if (column.empty()) lost.emplace_back(size);
    shards.push_back(column.empty() ? erasure::Shard(lost.back()) : column);
  }
  if (!codec_.Reconstruct(shards, present).ok()) return false;
  const erasure::Shard& wanted = shards[Index(extent.position)];
  payload.assign(wanted.begin(), wanted.end());
  return true;
}

base::Task<absl::StatusOr<std::vector<std::byte>>> PackReader::Read(
    format::PackPlace place, std::size_t size) {
  CAIRN_CO_ASSIGN_OR_RETURN(const Extent extent, Locate(place, size));
  const int total = codec_.geometry().total_shards();
  HedgedReads reads(context_, extent.range);
  Columns columns;
  columns.payloads.resize(Index(total));
  std::vector<std::byte> payload;
  reads.Start(extent.position);
  bool asked_all = total == 1;
  while (true) {
    base::Task<bool> progress = reads.Progress(!asked_all);
    const bool ended = co_await progress;
    Take(extent, reads, columns);
    const base::MutableBytes whole = columns.payloads[Index(extent.position)];
    if (!whole.empty()) {
      payload.assign(whole.begin(), whole.end());
      break;
    }
    if (Rebuild(extent, columns, payload)) {
      ++rebuilt_count_;
      break;
    }
    if (!asked_all && (!ended || reads.pending_count() == 0)) {
      asked_all = true;
      for (int p = 0; p < total; ++p) {
        if (p != extent.position) reads.Start(p);
      }
    } else if (reads.pending_count() == 0) {
      co_return reads.Failure(fmt::format("{} columns can be read",
                                          columns.count));
    }
  }
  const auto begin =
      payload.begin() + static_cast<std::ptrdiff_t>(extent.payload_begin);
  co_return std::vector<std::byte>(begin,
                                   begin + static_cast<std::ptrdiff_t>(size));
}

}  // namespace cairn::set
