// The filter of a run file: which keys are certainly absent. FORMAT.md,
// section 12.

#ifndef CAIRN_LIB_FORMAT_RUN_FILTER_H_
#define CAIRN_LIB_FORMAT_RUN_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/uuid.h"

namespace cairn::format {

// A blocked Bloom filter: lines of 64 bytes, 10 bits for each key. A key is six
// bits of one line, so an answer costs one miss of the processor's cache and
// about 1 % of the absent keys pass. A ribbon filter of the same size would let
// 0.1 % pass, at several times the work for each key when it is built and two
// or three cache lines when it is asked; a wrong pass costs one block, which is
// cached more often than not, so the quick answer is worth more.
//
// The hash of a key is the same for all files of a deployment: a lookup makes
// it once for all runs. It is salted, so that nobody who does not know the
// deployment's uuid can make keys that all pass.
//
//   line   upper 32 bits of the hash * line count >> 32
//   bits   the upper 9 bits of the lower 32, multiplied by 0x9e3779b9 each time
//
// Bit b is bit b % 8 of byte b / 8 of the line.
inline constexpr std::size_t kFilterLineSize = 64;
inline constexpr std::size_t kFilterBitsPerKey = 10;

std::uint64_t FilterSalt(const base::Uuid& deployment);
std::uint64_t FilterHash(std::string_view key, std::uint64_t salt);

// The number of lines for `key_count` keys.
std::uint64_t FilterLineCount(std::uint64_t key_count);

// Adds keys to `lines`, zeros at first.
void AddToFilter(std::span<const std::uint64_t> hashes,
                 base::MutableBytes lines);

// A view of verified lines.
//
// Thread safety: immutable.
class RunFilter {
 public:
  RunFilter() = default;
  // `lines` has a multiple of kFilterLineSize bytes; without any, no key
  // passes.
  explicit RunFilter(base::Bytes lines) : lines_(lines) {}

  // False only when no key with this hash is in the file.
  bool MayContain(std::uint64_t hash) const;

 private:
  base::Bytes lines_;
};

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_RUN_FILTER_H_
