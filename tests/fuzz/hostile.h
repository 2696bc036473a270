// Bytes to decode, as an input makes them.

#ifndef CAIRN_TESTS_FUZZ_HOSTILE_H_
#define CAIRN_TESTS_FUZZ_HOSTILE_H_

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/check.h"
#include "fuzz/allocations.h"
#include "fuzz/fuzzer.h"

namespace cairn::fuzz {

struct Hostile {
  std::vector<std::byte> bytes;
  // Whether checksums are to be made right, so that what stands behind them is
  // reached. Whoever can write to a drive can do the same.
  bool wants_repair = false;
  bool is_sample = false;  // nothing was changed

  std::string_view text() const { return base::AsText(bytes); }
};

// Takes all that is left of the input: a byte of flags, then
//
//   bit 0   0: edits of `sample`, which is a valid structure
//           1: bytes as they are
//   bit 1   checksums are to be repaired
//   bit 2   bytes as they are get zeros up to the size of the sample
//
// An edit is a byte for what is done, one or two bytes for where, and a value.
Hostile TakeHostile(Input& input, base::Bytes sample);

inline Hostile TakeHostile(Input& input, std::string_view sample) {
  return TakeHostile(input, base::AsBytes(sample));
}

// What decoding a structure of `size` bytes may take in all. A mutation of 8
// bytes is 64 in memory, and vectors grow by copying.
constexpr std::size_t AllocationMax(std::size_t size) {
  return 64 * size + (64 << 10);
}

// Runs a decoder: it takes memory in proportion to what it is given, and
// accepts a sample that is whole.
template <typename Decode>
auto Decoded(const Hostile& hostile, Decode decode) {
  const Allocations allocations;
  auto decoded = decode();
  CAIRN_CHECK(allocations.bytes() <= AllocationMax(hostile.bytes.size()));
  CAIRN_CHECK(decoded.ok() || !hostile.is_sample);
  return decoded;
}

inline bool IsSame(base::Bytes a, base::Bytes b) {
  return std::ranges::equal(a, b);
}

}  // namespace cairn::fuzz

#endif  // CAIRN_TESTS_FUZZ_HOSTILE_H_
