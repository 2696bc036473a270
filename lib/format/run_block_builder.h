// Builds the blocks of a run. FORMAT.md, section 12.

#ifndef CAIRN_LIB_FORMAT_RUN_BLOCK_BUILDER_H_
#define CAIRN_LIB_FORMAT_RUN_BLOCK_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/run_block.h"
#include "format/run_record.h"

namespace cairn::format {

inline constexpr std::uint32_t kRunBlockMagic = 0x4c425243;  // "CRBL"
inline constexpr std::uint32_t kRunNoUpper = 0xffffffff;

// Gathers the records of one block, then the next. The prefix that they all
// share is known only at the end, so records are held apart until then.
class RunBlockBuilder {
 public:
  // Begins a block whose range begins at `lower`.
  void Begin(std::string_view lower);

  // Adds `record`, unless the block would exceed its target; the first always
  // fits. Its key is greater than the last one and at least the lower bound,
  // its sizes are within the limits. False when it was not added.
  bool Add(const RunRecord& record);

  // Bytes of the block when its range ends at `upper`, which is greater than
  // the last key; nullopt is no end.
  std::size_t EncodedSize(std::optional<std::string_view> upper) const;

  // Writes the block; `into` has EncodedSize(upper) bytes. Returns its
  // checksum.
  std::uint64_t Encode(std::optional<std::string_view> upper,
                       const RunPlace& place, base::MutableBytes into) const;

  bool is_empty() const { return records_.empty(); }
  std::string_view lower() const { return lower_; }
  const std::string& first_key() const { return first_key_; }
  const std::string& last_key() const { return last_key_; }

 private:
  struct Record {
    std::uint32_t shared = 0;  // with the last key; 0 in a restart
    std::uint32_t rest_size = 0;
    std::uint32_t tag = 0;
    std::uint64_t sequence = 0;
  };

  std::size_t restart_count() const;
  std::size_t RecordsSize() const;
  // A bound of EncodedSize() before alignment, whatever `upper` will be.
  std::size_t SizeBoundWith(const RunRecord& record, std::size_t shared) const;

  void Append(const RunRecord& record, std::size_t shared);
  void EncodeRecords(base::MutableBytes into,
                     std::vector<std::uint32_t>& restarts) const;

  std::string lower_;
  std::string first_key_;
  std::string last_key_;
  std::string texts_;  // of each record the rest of its key, and its value
  std::vector<Record> records_;
  std::size_t prefix_size_ = 0;
  std::size_t lower_shared_ = 0;      // of lower_ with the first key
  std::size_t heads_size_bound_ = 0;  // without the sequences
  std::uint64_t sequence_min_ = 0;
  std::uint64_t sequence_max_ = 0;
};

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_RUN_BLOCK_BUILDER_H_
