// Blocks of runs that have been read and verified, in memory.

#ifndef CAIRN_LIB_INDEX_BLOCK_CACHE_H_
#define CAIRN_LIB_INDEX_BLOCK_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "format/run_block.h"

namespace cairn::index {

// A verified block with its bytes.
class LoadedBlock {
 public:
  // `block` is a view of `bytes`.
  LoadedBlock(base::AlignedBuffer bytes, const format::RunBlock& block)
      : bytes_(std::move(bytes)), block_(block) {}

  const format::RunBlock& block() const { return block_; }
  std::size_t memory_size() const { return bytes_.size() + sizeof(*this); }

 private:
  base::AlignedBuffer bytes_;
  format::RunBlock block_;
};

// Keeps a block alive, in the cache or not.
using BlockHandle = std::shared_ptr<const LoadedBlock>;

struct BlockCacheOptions {
  std::size_t bytes_max = 32 << 20;
  // A power of two. More shards mean fewer threads that meet at one.
  std::size_t shard_count = 64;
};

// Bounded by bytes. Blocks are dropped in the order in which they came, except
// that one which was used since gets another turn for each use, up to three: so
// a scan, which uses each block once, does not push out what is used again.
//
// Thread safety: all methods may run concurrently. A block belongs to one of
//                many shards, each with a lock of its own, held for some tens
//                of instructions; no lock is shared by all.
// Limits:        a block that is held stays in memory after it was dropped;
//                whoever holds it answers for that. A shard keeps at most
//                `bytes_max` / `shard_count` bytes, but at least one block.
class BlockCache {
 public:
  explicit BlockCache(const BlockCacheOptions& options);
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;
  ~BlockCache();

  // A block of a file that was opened with this cache.
  struct BlockName {
    std::uint64_t file = 0;  // of NewFile()
    std::uint32_t number = 0;

    friend bool operator==(const BlockName&, const BlockName&) = default;
  };

  // A number for a file that no other file had.
  std::uint64_t NewFile();

  // The block, or nullptr.
  BlockHandle Find(const BlockName& name);

  // Adds the block, and returns it or the one that was there first.
  BlockHandle Insert(const BlockName& name, BlockHandle block);

  void Erase(const BlockName& name);

  struct Usage {
    std::uint64_t hit_count = 0;
    std::uint64_t miss_count = 0;
    std::uint64_t block_count = 0;
    std::uint64_t bytes = 0;
  };
  Usage usage() const;

 private:
  class Shard;

  Shard& ShardOf(const BlockName& name) const;

  std::atomic<std::uint64_t> next_file_ = 1;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_BLOCK_CACHE_H_
