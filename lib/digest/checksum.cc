#include "digest/checksum.h"

#include <memory>
#include <type_traits>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "digest/checksum_avx2.h"

namespace cairn::digest {
namespace {

std::uint64_t Hash64(const void* from, std::size_t size, std::uint64_t seed) {
  return XXH3_64bits_withSeed(from, size, seed);
}

Xxh3::Hash128 HashOf128Bits(const void* from, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(from, size);
  return {.high = hash.high64, .low = hash.low64};
}

void Update(void* state, const void* from, std::size_t size) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state), from, size);
}

constexpr Xxh3 kPortable = {
    .hash64 = Hash64, .hash128 = HashOf128Bits, .update = Update};

const Xxh3& FastestFor(std::size_t size) {
  if (size <= XXH3_MIDSIZE_MAX) return kPortable;
  const Xxh3* avx2 = Xxh3ForAvx2();
  return avx2 != nullptr ? *avx2 : kPortable;
}

}  // namespace

std::uint64_t Checksum64(base::Bytes bytes, std::uint64_t identity) {
  return FastestFor(bytes.size()).hash64(bytes.data(), bytes.size(), identity);
}

Checksum64Stream::Checksum64Stream(std::uint64_t identity) {
  static_assert(sizeof(XXH3_state_t) <= kStateSize &&
                alignof(XXH3_state_t) <= kStateAlignment &&
                std::is_trivially_copyable_v<XXH3_state_t>);
  // All zero: XXH3 makes the secret of a seed only when the seed of the state
  // differs.
  auto* state =
      std::construct_at(reinterpret_cast<XXH3_state_t*>(state_.data()));
  XXH3_64bits_reset_withSeed(state, identity);
}

void Checksum64Stream::Update(base::Bytes piece) {
  if (piece.empty()) return;
  FastestFor(piece.size()).update(state_.data(), piece.data(), piece.size());
}

std::uint64_t Checksum64Stream::value() const {
  return XXH3_64bits_digest(
      reinterpret_cast<const XXH3_state_t*>(state_.data()));
}

std::uint64_t Identity(std::initializer_list<std::uint64_t> parts) {
  return XXH3_64bits(parts.begin(), parts.size() * sizeof(std::uint64_t));
}

base::Uuid Hash128(base::Bytes bytes) {
  const Xxh3::Hash128 hash =
      FastestFor(bytes.size()).hash128(bytes.data(), bytes.size());
  return {.high = hash.high, .low = hash.low};
}

}  // namespace cairn::digest
