#include "support/sim_media.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace cairn::support {
namespace {

enum TearMode : std::size_t { kAll, kNone, kFront, kBack, kAny, kModeCount };

bool IsKept(std::size_t mode, std::size_t sector, std::size_t count,
            Chooser& chooser) {
  switch (mode) {
    case kAll:
      return true;
    case kNone:
      return false;
    case kFront:
      return sector < count / 2;
    case kBack:
      return sector >= count / 2;
    default:
      return chooser.Choose(2) == 0;
  }
}

std::size_t ModeCount(std::size_t sector_count, const Chooser& chooser) {
  if (sector_count == 1) return kNone + 1;
  return chooser.is_exhaustive() ? kAny : kModeCount;
}

}  // namespace

std::vector<UnsyncedWrite> Tear(const UnsyncedWrite& write, Chooser& chooser) {
  const std::size_t count =
      (write.bytes.size() + kSimSectorSize - 1) / kSimSectorSize;
  if (count == 0) {
    return std::vector<UnsyncedWrite>(chooser.Choose(2), write);
  }
  const std::size_t mode = chooser.Choose(ModeCount(count, chooser));
  std::vector<UnsyncedWrite> kept;
  for (std::size_t i = 0; i < count; ++i) {
    if (!IsKept(mode, i, count, chooser)) continue;
    const std::size_t from = i * kSimSectorSize;
    const std::size_t to = std::min(from + kSimSectorSize, write.bytes.size());
    kept.push_back({.offset = write.offset + from,
                    .bytes = std::vector<std::byte>(
                        write.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                        write.bytes.begin() + static_cast<std::ptrdiff_t>(to)),
                    .in_flight = false,
                    .lost = write.lost});
  }
  return kept;
}

void ChunkedBytes::Resize(std::uint64_t size) {
  chunks_.resize((size + kChunkSize - 1) / kChunkSize);
  size_ = size;
}

std::uint64_t ChunkedBytes::room() const {
  const auto count = std::ranges::count_if(
      chunks_, [](const auto& chunk) { return chunk != nullptr; });
  return static_cast<std::uint64_t>(count) * kChunkSize;
}

bool ChunkedBytes::HasRoom(std::uint64_t offset, std::uint64_t size) const {
  for (std::uint64_t i = offset / kChunkSize; i * kChunkSize < offset + size;
       ++i) {
    if (i >= chunks_.size() || chunks_[i] == nullptr) return false;
  }
  return true;
}

void ChunkedBytes::Write(std::uint64_t offset, base::Bytes bytes) {
  if (offset + bytes.size() > size_) Resize(offset + bytes.size());
  while (!bytes.empty()) {
    std::shared_ptr<const Chunk>& chunk = chunks_[offset / kChunkSize];
    auto changed = chunk == nullptr ? std::make_shared<Chunk>(kChunkSize)
                                    : std::make_shared<Chunk>(*chunk);
    const std::size_t at = offset % kChunkSize;
    const std::size_t size = std::min(kChunkSize - at, bytes.size());
    std::memcpy(changed->data() + at, bytes.data(), size);
    chunk = std::move(changed);
    bytes = bytes.subspan(size);
    offset += size;
  }
}

void ChunkedBytes::Read(std::uint64_t offset, base::MutableBytes into) const {
  while (!into.empty() && offset < size_) {
    const std::shared_ptr<const Chunk>& chunk = chunks_[offset / kChunkSize];
    const std::size_t at = offset % kChunkSize;
    const std::size_t size = std::min<std::uint64_t>(
        std::min(kChunkSize - at, into.size()), size_ - offset);
    if (chunk == nullptr) {
      std::memset(into.data(), 0, size);
    } else {
      std::memcpy(into.data(), chunk->data() + at, size);
    }
    into = into.subspan(size);
    offset += size;
  }
}

UnsyncedWrite* FileImage::Begin(std::uint64_t offset, base::Bytes bytes) {
  unsynced_.push_back(
      {.offset = offset,
       .bytes = std::vector<std::byte>(bytes.begin(), bytes.end())});
  return &unsynced_.back();
}

FileImage::Writes::iterator FileImage::MakeDurable(Writes::iterator write) {
  const std::uint64_t begin = write->offset;
  const std::uint64_t end = begin + write->bytes.size();
  for (auto older = unsynced_.begin(); older != write;) {
    const std::uint64_t older_end = older->offset + older->bytes.size();
    if (older->in_flight || older_end <= begin || older->offset >= end) {
      ++older;
      continue;
    }
    const base::Bytes bytes(older->bytes);
    const auto keep = [&](std::uint64_t from, std::uint64_t to) {
      if (from >= to) return;
      const base::Bytes kept = bytes.subspan(from - older->offset, to - from);
      unsynced_.insert(
          older, {.offset = from,
                  .bytes = std::vector<std::byte>(kept.begin(), kept.end()),
                  .in_flight = false,
                  .lost = older->lost});
    };
    keep(older->offset, std::min(begin, older_end));
    keep(std::max(end, older->offset), older_end);
    older = unsynced_.erase(older);
  }
  durable_.Write(begin, write->bytes);
  return unsynced_.erase(write);
}

void FileImage::Sync(UnsyncedWrite* write) {
  const auto found =
      std::find_if(unsynced_.begin(), unsynced_.end(),
                   [&](const UnsyncedWrite& one) { return &one == write; });
  CAIRN_CHECK(found != unsynced_.end());
  MakeDurable(found);
}

void FileImage::SyncAll() {
  for (auto write = unsynced_.begin(); write != unsynced_.end();) {
    const bool stays = write->in_flight || write->lost;
    write = stays ? std::next(write) : MakeDurable(write);
  }
}

void FileImage::LoseUnsynced() {
  for (UnsyncedWrite& write : unsynced_) {
    write.lost = write.lost || !write.in_flight;
  }
}

void FileImage::Read(std::uint64_t offset, base::MutableBytes into) const {
  std::ranges::fill(into, std::byte{0});  // where nothing was written
  durable_.Read(offset, into);
  for (const UnsyncedWrite& write : unsynced_) {
    const std::uint64_t begin = std::max(write.offset, offset);
    const std::uint64_t end =
        std::min(write.offset + write.bytes.size(), offset + into.size());
    if (begin >= end) continue;
    std::memcpy(into.data() + (begin - offset),
                write.bytes.data() + (begin - write.offset), end - begin);
  }
}

std::uint64_t FileImage::room() const {
  std::uint64_t room = durable_.room();
  for (const UnsyncedWrite& write : unsynced_) room += write.bytes.size();
  return room;
}

std::uint64_t FileImage::size() const {
  std::uint64_t size = durable_.size();
  for (const UnsyncedWrite& write : unsynced_) {
    size = std::max<std::uint64_t>(size, write.offset + write.bytes.size());
  }
  return size;
}

void FileImage::PowerCut(Chooser& chooser) {
  for (const UnsyncedWrite& write : std::exchange(unsynced_, {})) {
    for (const UnsyncedWrite& part : Tear(write, chooser)) {
      durable_.Write(part.offset, part.bytes);
    }
  }
}

void FileImage::EndProcess(Chooser& chooser) {
  for (UnsyncedWrite& write : std::exchange(unsynced_, {})) {
    if (!write.in_flight) {
      unsynced_.push_back(std::move(write));
      continue;
    }
    for (UnsyncedWrite& part : Tear(write, chooser)) {
      unsynced_.push_back(std::move(part));
    }
  }
}

void FileImage::Flip(std::uint64_t offset, int bit) {
  std::byte byte{};
  durable_.Read(offset, {&byte, 1});
  byte ^= static_cast<std::byte>(1 << bit);
  durable_.Write(offset, {&byte, 1});
}

void FileImage::Overwrite(std::uint64_t offset, base::Bytes bytes) {
  durable_.Write(offset, bytes);
}

void FileImage::Truncate(std::uint64_t size) { durable_.Resize(size); }

void SimMedia::PowerCut(Chooser& chooser) {
  for (auto& [path, file] : files) file.PowerCut(chooser);
}

void SimMedia::EndProcess(Chooser& chooser) {
  for (auto& [path, file] : files) file.EndProcess(chooser);
}

}  // namespace cairn::support
