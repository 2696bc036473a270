#include "digest/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn::digest {

std::uint64_t Checksum64(base::Bytes bytes, std::uint64_t identity) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), identity);
}

std::uint64_t Identity(std::initializer_list<std::uint64_t> parts) {
  return XXH3_64bits(parts.begin(), parts.size() * sizeof(std::uint64_t));
}

base::Uuid Hash128(base::Bytes bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace cairn::digest
