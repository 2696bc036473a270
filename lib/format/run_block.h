// A block of a run: neighbouring records, prefix-compressed. FORMAT.md,
// section 12.

#ifndef CAIRN_LIB_FORMAT_RUN_BLOCK_H_
#define CAIRN_LIB_FORMAT_RUN_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "format/run_record.h"

namespace cairn::format {

// On disk, little-endian, padded with zeros to `size`, a multiple of 4096:
//
//   offset  size  field
//        0     8  checksum       of all that follows, bound to the place
//        8     4  magic          "CRBL"
//       12     4  size           of the block, this header and padding included
//       16     4  record_count   > 0
//       20     4  records_size   bytes of the records
//       24     8  sequence_base  smallest sequence of the records
//       32     4  prefix_size    bytes that all keys begin with
//       36     4  lower_shared   bytes of `lower` that are the prefix's
//       40     4  lower_size     bytes of `lower` after those
//       44     4  upper_shared   the same of `upper`; 0xffffffff: no upper
//       48     4  upper_size
//       52        prefix, rest of lower, rest of upper, records, restarts
//
// The block holds every record of its file with `lower` <= key < `upper`: a key
// of that range which is not here is absent from the file.
//
// A record, its numbers as varints:
//
//   shared    bytes of the key, after the prefix, that are the previous key's
//   rest      bytes of the key after those
//   tag       2 * bytes of the value, + 1 in a tombstone
//   sequence  less sequence_base
//   rest of the key, value
//
// Every 16th record, from the first, is a restart: its `shared` is 0. A restart
// is 4 bytes: where its record begins within the records. Else `shared` is as
// long as can be.
inline constexpr std::size_t kRunBlockHeaderSize = 52;
inline constexpr std::size_t kRunRestartInterval = 16;

// Records are added to a block while it stays within the target; one record may
// exceed it, up to the maximum.
inline constexpr std::size_t kRunBlockSizeTarget = 32 << 10;
inline constexpr std::size_t kRunBlockSizeMax = (1 << 20) + (256 << 10);

// A view of the bytes of one block that have been verified.
//
// Thread safety: immutable.
// Lifetime:      borrows the bytes; so do the records that it returns.
class RunBlock {
 public:
  // Trusts nothing in `bytes`: on OK the checksum is right for `place` (of
  // which `file`, `number` and `offset` count), every record lies within the
  // block and within its range, and the keys are strictly ascending.
  //
  // Errors: kCorrupt, naming what is wrong.
  static absl::StatusOr<RunBlock> Decode(base::Bytes bytes, RunPlace place);

  // The checksum that a valid block at `place` begins with.
  static std::uint64_t Checksum(base::Bytes bytes, RunPlace place);

  // The record with this key. Its key is the argument's bytes.
  std::optional<RunRecord> Find(std::string_view key) const;

  std::uint32_t record_count() const { return record_count_; }
  std::size_t size() const { return bytes_.size(); }
  std::uint64_t checksum() const;
  KeyRange range() const;

  // The smallest and the largest sequence of the records.
  std::uint64_t sequence_min() const { return sequence_base_; }
  std::uint64_t sequence_max() const { return sequence_max_; }

  class Iterator;

 private:
  struct Head;

  // A record, by where it begins; `at` == records_end_ is behind the last.
  struct Position {
    const std::byte* at = nullptr;
    std::size_t restart = 0;  // the last at or before the record
    bool is_equal = false;
  };

  RunBlock() = default;

  absl::Status DecodeHeader(base::Bytes bytes);
  absl::Status CheckRecords();

  // Reads the head of the record at `at`; nullptr when it does not fit.
  const std::byte* DecodeHead(const std::byte* at, Head& head) const;
  Head HeadAt(const std::byte* at) const;
  const std::byte* RestartAt(std::size_t index) const;
  std::string_view RestartKey(std::size_t index) const;
  std::size_t restart_count() const;

  // The first record whose key is >= `key`.
  Position LowerBound(std::string_view key) const;
  Position LowerBoundOfRest(std::string_view rest) const;
  Position ScanFrom(std::size_t restart, std::string_view rest) const;

  base::Bytes bytes_;
  std::string_view prefix_;
  std::string_view lower_rest_;
  std::string_view upper_rest_;
  const std::byte* records_ = nullptr;
  const std::byte* records_end_ = nullptr;  // where the restarts begin
  std::uint64_t sequence_base_ = 0;
  std::uint64_t sequence_max_ = 0;
  std::uint32_t record_count_ = 0;
  std::uint32_t lower_shared_ = 0;
  std::uint32_t upper_shared_ = 0;
};

struct RunBlock::Head {
  std::size_t shared = 0;
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string_view rest;
  std::string_view value;
  const std::byte* next = nullptr;
};

// Goes over the records of a block in the order of their keys.
//
// Lifetime: borrows the bytes of the block, not the RunBlock.
class RunBlock::Iterator {
 public:
  Iterator() = default;
  explicit Iterator(const RunBlock& block) : block_(block) {}

  void SeekToFirst();
  // The first record whose key is >= `key`.
  void Seek(std::string_view key);
  void Next();

  bool is_valid() const { return at_ != block_.records_end_; }

  // The key is valid until the iterator moves, the value as the bytes are.
  RunRecord record() const;

 private:
  void MoveTo(const std::byte* at);

  RunBlock block_;
  const std::byte* at_ = nullptr;
  Head head_;
  std::string key_;
};

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_RUN_BLOCK_H_
