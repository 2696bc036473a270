// The index of a run file: where its blocks lie and which keys they cover.
// FORMAT.md, section 12.

#ifndef CAIRN_LIB_FORMAT_RUN_INDEX_H_
#define CAIRN_LIB_FORMAT_RUN_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "format/run_footer.h"
#include "format/run_record.h"

namespace cairn::format {

// Where a block lies.
struct RunBlockRef {
  std::uint32_t number = 0;
  std::uint32_t size = 0;    // bytes
  std::uint64_t offset = 0;  // in the file
  std::uint64_t checksum = 0;

  friend bool operator==(const RunBlockRef&, const RunBlockRef&) = default;
};

// The keys at a file's ends. The file holds every record of its run within
// `range`; the ranges of a run's files lie side by side.
struct RunBounds {
  KeyRange range;
  std::string smallest;  // "" and "" in a file without records
  std::string largest;

  friend bool operator==(const RunBounds&, const RunBounds&) = default;
};

// On disk, its numbers as varints, padded with zeros to a multiple of 4096:
//
//   range.lower, smallest, largest   each its size, then its bytes
//   range.upper                      its size + 1, then its bytes; no upper: 0
//   for each block:
//     shared    bytes that its separator shares with the one before
//     rest      bytes of the separator after those
//     pages     bytes of the block / 4096
//     rest of the separator
//     checksum  8 bytes
//
// A block covers the keys from its separator up to the next one's, the last
// block up to range.upper. The first block's separator is range.lower and is
// left out: 0 and 0 bytes, and the second one shares nothing with it. The
// blocks lie one behind the other from the file's beginning.
class RunIndexBuilder {
 public:
  // Adds the next block; `separator` is where its range begins.
  void Add(std::string_view separator, const RunBlockRef& block);

  // A bound of the size with one block more, before alignment.
  std::size_t SizeBoundWith(std::string_view separator,
                            const RunBounds& bounds) const;

  std::size_t EncodedSize(const RunBounds& bounds) const;
  void Encode(const RunBounds& bounds, base::MutableBytes into) const;

 private:
  std::vector<std::byte> blocks_;
  std::string last_separator_;
};

// Thread safety: immutable.
class RunIndex {
 public:
  // Of a file without blocks.
  RunIndex() = default;

  // Trusts nothing in `bytes`, which are those that `footer` tells of. The
  // memory it takes is bounded by the size of the file.
  //
  // Errors: kCorrupt, naming what is wrong.
  static absl::StatusOr<RunIndex> Decode(base::Bytes bytes,
                                         const RunFooter& footer);

  std::uint32_t block_count() const {
    return static_cast<std::uint32_t>(blocks_.size());
  }
  const RunBlockRef& block(std::uint32_t number) const {
    return blocks_[number];
  }

  // The block whose range has `key`, which is in the file's range. There is at
  // least one block.
  std::uint32_t Find(std::string_view key) const;

  // Whether every key that block `number` covers is >= `key`.
  bool BeginsAtOrAfter(std::uint32_t number, std::string_view key) const;

  // What block `number` covers.
  KeyRange BlockRange(std::uint32_t number) const;

  const RunBounds& bounds() const { return bounds_; }
  std::size_t memory_size() const;

 private:
  class Decoder;

  absl::Status CheckBounds() const;
  void AddRest(std::string_view rest);

  // The separator of block `number` > 0, without prefix_.
  std::string_view Rest(std::uint32_t number) const;
  std::string BeginOf(std::uint32_t number) const;

  RunBounds bounds_;
  std::vector<RunBlockRef> blocks_;
  // The separators of all blocks but the first: their common prefix, and the
  // rest of each, ending at rest_ends_.
  std::string prefix_;
  std::string rests_;
  std::vector<std::uint32_t> rest_ends_;
  // The first bytes of each rest as a number that orders like them: a search
  // looks at the rests themselves only where these are equal.
  std::vector<std::uint64_t> heads_;
};

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_RUN_INDEX_H_
