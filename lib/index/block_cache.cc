#include "index/block_cache.h"

#include <algorithm>
#include <bit>
#include <list>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"

#include "base/check.h"

namespace cairn::index {
namespace {

constexpr std::size_t kCacheLineSize = 64;
constexpr int kTurnsMax = 3;

using Handle = std::shared_ptr<const Loaded>;

std::uint64_t Mix(std::uint64_t high, std::uint64_t low) {
  std::uint64_t mixed = high * 0x9e3779b97f4a7c15 + low;
  mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93;
  return mixed ^ mixed >> 32;
}

}  // namespace

struct BlockCache::HashName {
  std::size_t operator()(const Name& name) const {
    return static_cast<std::size_t>(Mix(name.high + name.kind, name.low));
  }
};

class alignas(kCacheLineSize) BlockCache::Shard {
 public:
  explicit Shard(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  Handle Find(const Name& name) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(name);
    if (found == places_.end()) {
      ++miss_count_;
      return nullptr;
    }
    ++hit_count_;
    Slot& slot = *found->second;
    slot.turns = std::min(slot.turns + 1, kTurnsMax);
    return slot.held;
  }

  Handle Insert(const Name& name, Handle held) {
    Slots dropped;  // Freed after the lock.
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(name);
    if (found != places_.end()) return found->second->held;
    MakeRoom(held->memory_size(), dropped);
    bytes_ += held->memory_size();
    slots_.push_back({.name = name, .held = held});
    places_.emplace(name, std::prev(slots_.end()));
    return held;
  }

  void Erase(const Name& name) {
    Slots dropped;
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(name);
    if (found != places_.end()) Drop(found->second, dropped);
  }

  void AddUsage(Usage& usage) {
    const std::lock_guard lock(mutex_);
    usage.hit_count += hit_count_;
    usage.miss_count += miss_count_;
    usage.count += slots_.size();
    usage.bytes += bytes_;
  }

 private:
  struct Slot {
    Name name;
    Handle held;
    int turns = 0;
  };
  using Slots = std::list<Slot>;

  // Before the newcomer is added: it is not dropped for those that were used.
  void MakeRoom(std::size_t size, Slots& dropped) {
    while (bytes_ + size > bytes_max_ && !slots_.empty()) {
      const auto oldest = slots_.begin();
      if (oldest->turns > 0) {
        --oldest->turns;
        slots_.splice(slots_.end(), slots_, oldest);
      } else {
        Drop(oldest, dropped);
      }
    }
  }

  void Drop(Slots::iterator slot, Slots& dropped) {
    bytes_ -= slot->held->memory_size();
    places_.erase(slot->name);
    dropped.splice(dropped.end(), slots_, slot);
  }

  const std::size_t bytes_max_;
  std::mutex mutex_;  // Guards all below.
  Slots slots_;       // The oldest first.
  absl::flat_hash_map<Name, Slots::iterator, HashName> places_;
  std::size_t bytes_ = 0;
  std::uint64_t hit_count_ = 0;
  std::uint64_t miss_count_ = 0;
};

BlockCache::BlockCache(const BlockCacheOptions& options) {
  CAIRN_CHECK(std::has_single_bit(options.shard_count));
  const std::size_t bytes_max = options.bytes_max / options.shard_count;
  shards_.reserve(options.shard_count);
  for (std::size_t i = 0; i < options.shard_count; ++i) {
    shards_.push_back(std::make_unique<Shard>(bytes_max));
  }
}

BlockCache::~BlockCache() = default;

std::uint64_t BlockCache::NewFile() {
  return next_file_.fetch_add(1, std::memory_order_relaxed);
}

BlockCache::Name BlockCache::NameOf(const BlockName& name) {
  return {.kind = Name::kBlock, .high = name.file, .low = name.number};
}

BlockCache::Name BlockCache::NameOf(const format::BlobId& id) {
  return {.kind = Name::kBlob,
          .high = std::uint64_t{id.epoch} << 32 | id.random,
          .low = id.counter};
}

BlockCache::Shard& BlockCache::ShardOf(const Name& name) const {
  // Other bits of the hash than those that the shard's own map begins with.
  return *shards_[(HashName()(name) >> 40) & (shards_.size() - 1)];
}

BlockHandle BlockCache::Find(const BlockName& name) {
  const Name key = NameOf(name);
  return std::static_pointer_cast<const LoadedBlock>(ShardOf(key).Find(key));
}

BlockHandle BlockCache::Insert(const BlockName& name, BlockHandle block) {
  const Name key = NameOf(name);
  return std::static_pointer_cast<const LoadedBlock>(
      ShardOf(key).Insert(key, std::move(block)));
}

void BlockCache::Erase(const BlockName& name) {
  const Name key = NameOf(name);
  ShardOf(key).Erase(key);
}

BlobHandle BlockCache::FindBlob(const format::BlobId& id) {
  const Name key = NameOf(id);
  return std::static_pointer_cast<const LoadedBlob>(ShardOf(key).Find(key));
}

BlobHandle BlockCache::InsertBlob(const format::BlobId& id, BlobHandle blob) {
  const Name key = NameOf(id);
  return std::static_pointer_cast<const LoadedBlob>(
      ShardOf(key).Insert(key, std::move(blob)));
}

BlockCache::Usage BlockCache::usage() const {
  Usage usage;
  for (const std::unique_ptr<Shard>& shard : shards_) shard->AddUsage(usage);
  return usage;
}

}  // namespace cairn::index
