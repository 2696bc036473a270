#include "digest/checksum_avx2.h"

#if defined(__x86_64__)

// Everything that xxhash.h includes comes before the pragma: a function of the
// standard library that is compiled for AVX2 here could be the copy that the
// linker keeps for the whole program.
#include <immintrin.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_INLINE_ALL
#define XXH_VECTOR 2  // XXH_AVX2, which is not defined yet
#include <xxhash.h>

namespace cairn::digest {
namespace {

std::uint64_t Hash64(const void* from, std::size_t size, std::uint64_t seed) {
  return XXH3_64bits_withSeed(from, size, seed);
}

Xxh3::Hash128 Hash128(const void* from, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(from, size);
  return {.high = hash.high64, .low = hash.low64};
}

void Update(void* state, const void* from, std::size_t size) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state), from, size);
}

}  // namespace
}  // namespace cairn::digest

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace cairn::digest {

const Xxh3* Xxh3ForAvx2() {
  static constexpr Xxh3 kXxh3 = {
      .hash64 = Hash64, .hash128 = Hash128, .update = Update};
  return __builtin_cpu_supports("avx2") ? &kXxh3 : nullptr;
}

}  // namespace cairn::digest

#else

namespace cairn::digest {

const Xxh3* Xxh3ForAvx2() { return nullptr; }

}  // namespace cairn::digest

#endif
