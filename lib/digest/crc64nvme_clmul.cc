#include "digest/crc64nvme_clmul.h"

#include <array>

#include "digest/crc64nvme_kernels.h"
#include "digest/crc64nvme_polynomial.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cairn::digest::crc64nvme {

#if defined(__x86_64__)

namespace {

#define CAIRN_CLMUL128 __attribute__((target("pclmul")))
#define CAIRN_CLMUL512 __attribute__((target("pclmul,vpclmulqdq,avx512f")))

// A vector of 128 bits is a polynomial of degree 127 at most, reflected: bit 0
// is the coefficient of x^127, so V = H * x^64 + L, where H is the lower half.
//
// To fold a vector over a distance of d bits is to make of it another one that
// is the same modulo P when it stands where the first was, d bits further on:
//
//   V * x^d = H * (x^(d+64) mod P) + L * (x^d mod P)
//
// The product of two reflected numbers of 64 bits is one of 127. In a vector of
// 128 it stands one place off, as if multiplied by x: hence the - 1.
struct Factors {
  std::uint64_t high = 0;  // of H
  std::uint64_t low = 0;   // of L
};

constexpr Factors FactorsFor(int distance) {
  return {.high = PowerOfX(distance + 64 - 1), .low = PowerOfX(distance - 1)};
}

constexpr std::size_t kVector = 16;
constexpr std::size_t kLanes = 8;
constexpr std::size_t kWideVector = 64;
constexpr std::size_t kWideLanes = 4;

constexpr Factors kByVector = FactorsFor(8 * kVector);
constexpr Factors kByLanes = FactorsFor(8 * kVector * kLanes);
constexpr Factors kByWideVector = FactorsFor(8 * kWideVector);
constexpr Factors kByWideLanes = FactorsFor(8 * kWideVector * kWideLanes);
static_assert(kClmul128SizeMin == kVector);
static_assert(kClmul512SizeMin == kWideVector * kWideLanes);

CAIRN_CLMUL128 inline __m128i Load(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

CAIRN_CLMUL128 inline __m128i Pair(std::uint64_t lower, std::uint64_t upper) {
  return _mm_set_epi64x(static_cast<long long>(upper),
                        static_cast<long long>(lower));
}

CAIRN_CLMUL128 inline __m128i Vector(const Factors& factors) {
  return Pair(factors.high, factors.low);
}

CAIRN_CLMUL128 inline std::uint64_t LowerHalf(__m128i vector) {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(vector));
}

CAIRN_CLMUL128 inline std::uint64_t UpperHalf(__m128i vector) {
  return LowerHalf(_mm_srli_si128(vector, 8));
}

// `vector`, moved by the distance of `factors`, plus what stands there.
CAIRN_CLMUL128 inline __m128i Fold(__m128i vector, __m128i factors,
                                   __m128i next) {
  const __m128i high = _mm_clmulepi64_si128(vector, factors, 0x00);
  const __m128i low = _mm_clmulepi64_si128(vector, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(high, low), next);
}

// The register after a vector: V * x^64 mod P.
CAIRN_CLMUL128 std::uint64_t Reduce(__m128i vector) {
  // T = H * (x^128 mod P) + L * x^64 is the same modulo P, and two halves long.
  const __m128i factor = Pair(PowerOfX(128 - 1), 0);
  const __m128i t = _mm_xor_si128(_mm_clmulepi64_si128(vector, factor, 0x00),
                                  _mm_srli_si128(vector, 8));
  // Barrett: the quotient of T by P, floor(T / P), is that of its higher half
  // by floor(x^128 / P); the remainder is the lower half of T - quotient * P.
  // The x^64 of both factors is left out of the multiplication.
  constexpr std::uint64_t kReciprocal = Reciprocal();
  const __m128i product = _mm_clmulepi64_si128(t, Pair(kReciprocal, 0), 0x00);
  const std::uint64_t quotient = LowerHalf(t) ^ LowerHalf(product) << 1;
  const __m128i multiple =
      _mm_clmulepi64_si128(Pair(quotient, 0), Pair(kPolynomial, 0), 0x00);
  return UpperHalf(t) ^ (UpperHalf(multiple) << 1 | LowerHalf(multiple) >> 63);
}

// The register after `vector` and then `bytes`.
CAIRN_CLMUL128 std::uint64_t Finish(__m128i vector, base::Bytes bytes) {
  const __m128i factors = Vector(kByVector);
  for (; bytes.size() >= kVector; bytes = bytes.subspan(kVector)) {
    vector = Fold(vector, factors, Load(bytes.data()));
  }
  return UpdateByTables(Reduce(vector), bytes);
}

CAIRN_CLMUL128 std::uint64_t UpdateByLanes(std::uint64_t state,
                                           base::Bytes bytes) {
  constexpr std::size_t kStep = kVector * kLanes;
  __m128i lanes[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    lanes[i] = Load(bytes.data() + i * kVector);
  }
  lanes[0] = _mm_xor_si128(lanes[0], Pair(state, 0));
  bytes = bytes.subspan(kStep);
  const __m128i factors = Vector(kByLanes);
  for (; bytes.size() >= kStep; bytes = bytes.subspan(kStep)) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanes; ++i) {
      lanes[i] = Fold(lanes[i], factors, Load(bytes.data() + i * kVector));
    }
  }
  __m128i sum = lanes[0];
  for (std::size_t i = 1; i < kLanes; ++i) {
    sum = Fold(sum, Vector(kByVector), lanes[i]);
  }
  return Finish(sum, bytes);
}

CAIRN_CLMUL512 inline __m512i WideVector(const Factors& factors) {
  const auto high = static_cast<long long>(factors.high);
  const auto low = static_cast<long long>(factors.low);
  return _mm512_set_epi64(low, high, low, high, low, high, low, high);
}

CAIRN_CLMUL512 inline __m512i WideFold(__m512i vector, __m512i factors,
                                       __m512i next) {
  constexpr int kSumOfThree = 0x96;
  const __m512i high = _mm512_clmulepi64_epi128(vector, factors, 0x00);
  const __m512i low = _mm512_clmulepi64_epi128(vector, factors, 0x11);
  return _mm512_ternarylogic_epi64(high, low, next, kSumOfThree);
}

}  // namespace

bool HasClmul128() { return __builtin_cpu_supports("pclmul"); }

bool HasClmul512() {
  return __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("vpclmulqdq") && HasClmul128();
}

CAIRN_CLMUL128 std::uint64_t UpdateByClmul128(std::uint64_t state,
                                              base::Bytes bytes) {
  if (bytes.size() >= kVector * kLanes) return UpdateByLanes(state, bytes);
  const __m128i first = _mm_xor_si128(Load(bytes.data()), Pair(state, 0));
  return Finish(first, bytes.subspan(kVector));
}

CAIRN_CLMUL512 std::uint64_t UpdateByClmul512(std::uint64_t state,
                                              base::Bytes bytes) {
  constexpr std::size_t kStep = kWideVector * kWideLanes;
  __m512i lanes[kWideLanes];
  for (std::size_t i = 0; i < kWideLanes; ++i) {
    lanes[i] = _mm512_loadu_si512(bytes.data() + i * kWideVector);
  }
  lanes[0] ^= _mm512_zextsi128_si512(Pair(state, 0));
  bytes = bytes.subspan(kStep);
  const __m512i factors = WideVector(kByWideLanes);
  for (; bytes.size() >= kStep; bytes = bytes.subspan(kStep)) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kWideLanes; ++i) {
      const __m512i next = _mm512_loadu_si512(bytes.data() + i * kWideVector);
      lanes[i] = WideFold(lanes[i], factors, next);
    }
  }
  __m512i sum = lanes[0];
  const __m512i by_one = WideVector(kByWideVector);
  for (std::size_t i = 1; i < kWideLanes; ++i) {
    sum = WideFold(sum, by_one, lanes[i]);
  }
  for (; bytes.size() >= kWideVector; bytes = bytes.subspan(kWideVector)) {
    sum = WideFold(sum, by_one, _mm512_loadu_si512(bytes.data()));
  }
  // The vectors of 128 bits in it follow one another.
  alignas(kWideVector) std::array<std::byte, kWideVector> parts;
  _mm512_store_si512(parts.data(), sum);
  __m128i vector = Load(parts.data());
  for (std::size_t at = kVector; at < kWideVector; at += kVector) {
    vector = Fold(vector, Vector(kByVector), Load(parts.data() + at));
  }
  return Finish(vector, bytes);
}

#else

bool HasClmul128() { return false; }
bool HasClmul512() { return false; }

std::uint64_t UpdateByClmul128(std::uint64_t state, base::Bytes bytes) {
  return UpdateByTables(state, bytes);
}

std::uint64_t UpdateByClmul512(std::uint64_t state, base::Bytes bytes) {
  return UpdateByTables(state, bytes);
}

#endif

}  // namespace cairn::digest::crc64nvme
