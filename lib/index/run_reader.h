// One file of a run, open for reading.

#ifndef CAIRN_LIB_INDEX_RUN_READER_H_
#define CAIRN_LIB_INDEX_RUN_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "base/uuid.h"
#include "format/run_filter.h"
#include "format/run_footer.h"
#include "format/run_index.h"
#include "format/run_record.h"
#include "index/block_cache.h"
#include "index/block_source.h"
#include "index/lookup.h"

namespace cairn::index {

struct RunReaderOptions {
  format::RunFileId id;
  // What the writer said of the file; a file that differs is refused.
  std::optional<base::Uuid> digest;
  std::shared_ptr<BlockSource> source;
  BlockCache* cache = nullptr;  // outlives the reader
};

// Blocks that lie one behind the other, read at once and not cached.
struct BlockSpan {
  std::uint32_t first = 0;
  base::AlignedBuffer bytes;
  std::vector<format::RunBlock> blocks;
};

// The footer, the index and the filter are verified once, when it is opened,
// and stay in memory; every block is verified when it is read: its checksum
// against the index, its identity, and that it covers just the keys that the
// index says. So what is not found is absent.
//
// Thread safety: immutable; all methods may run concurrently.
// Lifetime:      tasks borrow the reader.
class RunReader {
  struct Token {};

 public:
  // Errors: kCorrupt, kNewerFormat and what BlockSource::Read() returns.
  static base::Task<absl::StatusOr<std::shared_ptr<const RunReader>>> Open(
      RunReaderOptions options);

  // For Open(), which alone has a token.
  RunReader(Token token, RunReaderOptions options);
  RunReader(const RunReader&) = delete;
  RunReader& operator=(const RunReader&) = delete;
  ~RunReader();

  // False only when the file has no record with this key, whatever its range.
  bool MayContain(const Probe& probe) const;

  // What the file holds for a key of its range, without I/O; nullopt when a
  // block has to be read first.
  std::optional<Found> LookupCached(const Probe& probe) const;

  // The same, with at most one block read.
  base::Task<absl::StatusOr<Found>> Lookup(Probe probe) const;

  const format::RunFooter& footer() const { return footer_; }
  const format::KeyRange& range() const { return index_.bounds().range; }
  const format::RunIndex& index() const { return index_; }
  std::size_t memory_size() const;

  // Block `number`, or nullptr when it is not cached.
  BlockHandle CachedBlock(std::uint32_t number) const;

  // Reads block `number`, past the cache; `is_kept` puts it there.
  base::Task<absl::StatusOr<BlockHandle>> ReadBlock(std::uint32_t number,
                                                    bool is_kept) const;

  // Reads block `first` and those behind it, up to `size_max` bytes but at
  // least one.
  base::Task<absl::StatusOr<BlockSpan>> ReadSpan(std::uint32_t first,
                                                 std::size_t size_max) const;

 private:
  base::Task<absl::Status> LoadFooter();
  base::Task<absl::Status> LoadIndex();
  base::Task<absl::Status> LoadFilter();

  absl::StatusOr<format::RunFooter> CheckFooter(base::Bytes bytes) const;
  absl::StatusOr<format::RunBlock> CheckBlock(std::uint32_t number,
                                              base::Bytes bytes) const;
  absl::Status CheckSpan(base::Bytes bytes, BlockSpan& span) const;

  RunReaderOptions options_;
  std::uint64_t cache_file_ = 0;
  format::RunFooter footer_;
  format::RunIndex index_;
  base::AlignedBuffer filter_bytes_;
  format::RunFilter filter_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_RUN_READER_H_
