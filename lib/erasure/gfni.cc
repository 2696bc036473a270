#include "erasure/gfni.h"

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstring>
#endif

namespace cairn::erasure {
namespace {

// Times x, modulo the field's polynomial 0x11d.
std::uint8_t Double(std::uint8_t value) {
  return static_cast<std::uint8_t>(value << 1 ^ (value >> 7) * 0x1d);
}

}  // namespace

std::uint64_t AffineMatrix(std::uint8_t coefficient) {
  // Column `j` is what the coefficient makes of bit `j` alone: itself times
  // x^j. The instruction wants the row of result bit `i` in byte 7 - i.
  std::uint64_t matrix = 0;
  std::uint8_t column = coefficient;
  for (unsigned j = 0; j < 8; ++j) {
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint64_t bit = column >> i & 1u;
      matrix |= bit << (8 * (7 - i) + j);
    }
    column = Double(column);
  }
  return matrix;
}

#if defined(__x86_64__)

namespace {

#define CAIRN_TARGET_GFNI256 __attribute__((target("avx2,gfni")))
#define CAIRN_TARGET_GFNI512 __attribute__((target("avx512f,avx512bw,gfni")))

// The kernels are written for a number of outputs that is known when they are
// compiled, so that each sum stays in its register; two vectors of each shard
// are under way at once to hide the latency of the instruction.
template <int kOutputs>
CAIRN_TARGET_GFNI512 void Run512(AffineTable table, const Operands& operands) {
  constexpr std::size_t kStep = 64;
  std::size_t at = 0;
  for (; at + 2 * kStep <= operands.size; at += 2 * kStep) {
    __m512i first[kOutputs] = {};
    __m512i second[kOutputs] = {};
    const std::uint64_t* matrix = table.matrices;
    for (int i = 0; i < table.inputs; ++i) {
      const std::byte* from = operands.inputs[static_cast<unsigned>(i)] + at;
      const __m512i x = _mm512_loadu_si512(from);
      const __m512i y = _mm512_loadu_si512(from + kStep);
      for (int o = 0; o < kOutputs; ++o) {
        const __m512i m = _mm512_set1_epi64(static_cast<long long>(*matrix++));
        first[o] ^= _mm512_gf2p8affine_epi64_epi8(x, m, 0);
        second[o] ^= _mm512_gf2p8affine_epi64_epi8(y, m, 0);
      }
    }
    for (int o = 0; o < kOutputs; ++o) {
      std::byte* to = operands.outputs[static_cast<unsigned>(o)] + at;
      _mm512_storeu_si512(to, first[o]);
      _mm512_storeu_si512(to + kStep, second[o]);
    }
  }
  // The rest, under 128 bytes: masked, so that nothing outside is touched.
  for (; at < operands.size; at += kStep) {
    const std::size_t size = std::min(kStep, operands.size - at);
    const __mmask64 mask = ~std::uint64_t{0} >> (kStep - size);
    __m512i sum[kOutputs] = {};
    const std::uint64_t* matrix = table.matrices;
    for (int i = 0; i < table.inputs; ++i) {
      const std::byte* from = operands.inputs[static_cast<unsigned>(i)] + at;
      const __m512i x = _mm512_maskz_loadu_epi8(mask, from);
      for (int o = 0; o < kOutputs; ++o) {
        const __m512i m = _mm512_set1_epi64(static_cast<long long>(*matrix++));
        sum[o] ^= _mm512_gf2p8affine_epi64_epi8(x, m, 0);
      }
    }
    for (int o = 0; o < kOutputs; ++o) {
      std::byte* to = operands.outputs[static_cast<unsigned>(o)] + at;
      _mm512_mask_storeu_epi8(to, mask, sum[o]);
    }
  }
}

constexpr std::size_t kStep256 = 32;

__m256i Load256(const std::byte* from) CAIRN_TARGET_GFNI256;

// The first bytes of all shards, as many as are a multiple of 64.
template <int kOutputs>
CAIRN_TARGET_GFNI256 void Run256(AffineTable table, const Operands& operands) {
  for (std::size_t at = 0; at + 2 * kStep256 <= operands.size;
       at += 2 * kStep256) {
    __m256i first[kOutputs] = {};
    __m256i second[kOutputs] = {};
    const std::uint64_t* matrix = table.matrices;
    for (int i = 0; i < table.inputs; ++i) {
      const auto* from = reinterpret_cast<const __m256i*>(
          operands.inputs[static_cast<unsigned>(i)] + at);
      const __m256i x = _mm256_loadu_si256(from);
      const __m256i y = _mm256_loadu_si256(from + 1);
      for (int o = 0; o < kOutputs; ++o) {
        const __m256i m = _mm256_set1_epi64x(static_cast<long long>(*matrix++));
        first[o] ^= _mm256_gf2p8affine_epi64_epi8(x, m, 0);
        second[o] ^= _mm256_gf2p8affine_epi64_epi8(y, m, 0);
      }
    }
    for (int o = 0; o < kOutputs; ++o) {
      auto* to = reinterpret_cast<__m256i*>(
          operands.outputs[static_cast<unsigned>(o)] + at);
      _mm256_storeu_si256(to, first[o]);
      _mm256_storeu_si256(to + 1, second[o]);
    }
  }
}

}  // namespace
#endif
}  // namespace cairn::erasure
