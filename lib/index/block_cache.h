// Blocks of runs, and small blobs, that have been read and verified, in memory.

#ifndef CAIRN_LIB_INDEX_BLOCK_CACHE_H_
#define CAIRN_LIB_INDEX_BLOCK_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "format/blob_id.h"
#include "format/run_block.h"

namespace cairn::index {

// What the cache holds: verified, and never changed.
class Loaded {
 public:
  virtual ~Loaded() = default;
  virtual std::size_t memory_size() const = 0;
};

// A block with its bytes.
class LoadedBlock : public Loaded {
 public:
  // `block` is a view of `bytes`.
  LoadedBlock(base::AlignedBuffer bytes, const format::RunBlock& block)
      : bytes_(std::move(bytes)), block_(block) {}

  const format::RunBlock& block() const { return block_; }
  std::size_t memory_size() const override {
    return bytes_.size() + sizeof(*this);
  }

 private:
  base::AlignedBuffer bytes_;
  format::RunBlock block_;
};

// The bytes of a small blob.
class LoadedBlob : public Loaded {
 public:
  explicit LoadedBlob(std::vector<std::byte> bytes)
      : bytes_(std::move(bytes)) {}

  base::Bytes bytes() const { return bytes_; }
  std::size_t memory_size() const override {
    return bytes_.capacity() + sizeof(*this);
  }

 private:
  std::vector<std::byte> bytes_;
};

// Keep what they name alive, in the cache or not.
using BlockHandle = std::shared_ptr<const LoadedBlock>;
using BlobHandle = std::shared_ptr<const LoadedBlob>;

struct BlockCacheOptions {
  std::size_t bytes_max = 32 << 20;
  // A power of two. More shards mean fewer threads that meet at one.
  std::size_t shard_count = 64;
};

// Bounded by bytes. What is in it is dropped in the order in which it came,
// except that what was used since gets another turn for each use, up to three:
// so a scan, which uses each block once, does not push out what is used again.
//
// Thread safety: all methods may run concurrently. A name belongs to one of
//                many shards, each with a lock of its own, held for some tens
//                of instructions; no lock is shared by all.
// Limits:        what is held stays in memory after it was dropped; whoever
//                holds it answers for that. A shard keeps at most
//                `bytes_max` / `shard_count` bytes, but at least one thing.
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

  // The same for a small blob. Ids are never used twice, so it need not be
  // erased: it falls out.
  BlobHandle FindBlob(const format::BlobId& id);
  BlobHandle InsertBlob(const format::BlobId& id, BlobHandle blob);

  struct Usage {
    std::uint64_t hit_count = 0;
    std::uint64_t miss_count = 0;
    std::uint64_t count = 0;  // of blocks and blobs
    std::uint64_t bytes = 0;
  };
  Usage usage() const;

 private:
  class Shard;

  // Names of both kinds, apart by the first field.
  struct Name {
    enum Kind : std::uint64_t { kBlock, kBlob };

    Kind kind = kBlock;
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(const Name&, const Name&) = default;
  };
  struct HashName;

  static Name NameOf(const BlockName& name);
  static Name NameOf(const format::BlobId& id);
  Shard& ShardOf(const Name& name) const;

  std::atomic<std::uint64_t> next_file_ = 1;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_BLOCK_CACHE_H_
