// XXH3 compiled for AVX2, twice as fast as for the SSE2 that every machine
// has. For long inputs: short ones use no vectors.

#ifndef CAIRN_LIB_DIGEST_CHECKSUM_AVX2_H_
#define CAIRN_LIB_DIGEST_CHECKSUM_AVX2_H_

#include <cstddef>
#include <cstdint>

namespace cairn::digest {

// XXH3 for some set of instructions. `update` goes on with an XXH3_state_t,
// which is the same for all sets.
struct Xxh3 {
  struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
  };

  std::uint64_t (*hash64)(const void* from, std::size_t size,
                          std::uint64_t seed) = nullptr;
  Hash128 (*hash128)(const void* from, std::size_t size) = nullptr;
  void (*update)(void* state, const void* from, std::size_t size) = nullptr;
};

// Null where this machine has no AVX2.
const Xxh3* Xxh3ForAvx2();

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_CHECKSUM_AVX2_H_
