#include "erasure/gfni.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cairn::erasure {
namespace {

// Times x, modulo the field's polynomial 0x11d.
constexpr std::uint8_t Double(std::uint8_t value) {
  return static_cast<std::uint8_t>(value << 1 ^ (value >> 7) * 0x1d);
}

constexpr std::uint64_t MakeAffineMatrix(std::uint8_t coefficient) {
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

constexpr std::array<std::uint64_t, 256> kAffineMatrices = [] {
  std::array<std::uint64_t, 256> matrices{};
  for (unsigned i = 0; i < matrices.size(); ++i) {
    matrices[i] = MakeAffineMatrix(static_cast<std::uint8_t>(i));
  }
  return matrices;
}();

}  // namespace

std::uint64_t AffineMatrix(std::uint8_t coefficient) {
  return kAffineMatrices[coefficient];
}

#if defined(__x86_64__)

namespace {

#define CAIRN_GFNI256 __attribute__((target("avx2,gfni")))
#define CAIRN_GFNI512 __attribute__((target("avx512f,avx512bw,gfni")))

constexpr std::size_t kVector256 = 32;
constexpr std::size_t kVector512 = 64;

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

// The number of outputs is known to the compiler, so that each sum stays in a
// register; two vectors of each shard are under way at once, because one
// product waits for the sum before it.
template <int kOutputs>
CAIRN_GFNI512 void MultiplyPair512(AffineTable table, const Operands& operands,
                                   std::size_t at) {
  __m512i first[kOutputs] = {};
  __m512i second[kOutputs] = {};
  for (int i = 0; i < table.inputs; ++i) {
    const std::byte* from = operands.inputs[Index(i)] + at;
    const __m512i x = _mm512_loadu_si512(from);
    const __m512i y = _mm512_loadu_si512(from + kVector512);
#pragma GCC unroll 4
    for (int o = 0; o < kOutputs; ++o) {
      const __m512i matrix = _mm512_set1_epi64(
          static_cast<long long>(table.matrices[i * kOutputs + o]));
      first[o] ^= _mm512_gf2p8affine_epi64_epi8(x, matrix, 0);
      second[o] ^= _mm512_gf2p8affine_epi64_epi8(y, matrix, 0);
    }
  }
#pragma GCC unroll 4
  for (int o = 0; o < kOutputs; ++o) {
    std::byte* to = operands.outputs[Index(o)] + at;
    _mm512_storeu_si512(to, first[o]);
    _mm512_storeu_si512(to + kVector512, second[o]);
  }
}

// The bytes from `at` on, one vector at most: masked, so that none behind them
// is read or written.
template <int kOutputs>
CAIRN_GFNI512 void MultiplyRest512(AffineTable table, const Operands& operands,
                                   std::size_t at) {
  const std::size_t size = std::min(kVector512, operands.size - at);
  const __mmask64 mask = ~std::uint64_t{0} >> (kVector512 - size);
  __m512i sum[kOutputs] = {};
  for (int i = 0; i < table.inputs; ++i) {
    const __m512i x =
        _mm512_maskz_loadu_epi8(mask, operands.inputs[Index(i)] + at);
#pragma GCC unroll 4
    for (int o = 0; o < kOutputs; ++o) {
      const __m512i matrix = _mm512_set1_epi64(
          static_cast<long long>(table.matrices[i * kOutputs + o]));
      sum[o] ^= _mm512_gf2p8affine_epi64_epi8(x, matrix, 0);
    }
  }
#pragma GCC unroll 4
  for (int o = 0; o < kOutputs; ++o) {
    _mm512_mask_storeu_epi8(operands.outputs[Index(o)] + at, mask, sum[o]);
  }
}

template <int kOutputs>
CAIRN_GFNI512 void Run512(AffineTable table, const Operands& operands) {
  std::size_t at = 0;
  for (; operands.size - at >= 2 * kVector512; at += 2 * kVector512) {
    MultiplyPair512<kOutputs>(table, operands, at);
  }
  for (; at < operands.size; at += kVector512) {
    MultiplyRest512<kOutputs>(table, operands, at);
  }
}

// As MultiplyPair512().
template <int kOutputs>
CAIRN_GFNI256 void MultiplyPair256(AffineTable table, const Operands& operands,
                                   std::size_t at) {
  __m256i first[kOutputs] = {};
  __m256i second[kOutputs] = {};
  for (int i = 0; i < table.inputs; ++i) {
    const auto* from =
        reinterpret_cast<const __m256i*>(operands.inputs[Index(i)] + at);
    const __m256i x = _mm256_loadu_si256(from);
    const __m256i y = _mm256_loadu_si256(from + 1);
#pragma GCC unroll 4
    for (int o = 0; o < kOutputs; ++o) {
      const __m256i matrix = _mm256_set1_epi64x(
          static_cast<long long>(table.matrices[i * kOutputs + o]));
      first[o] ^= _mm256_gf2p8affine_epi64_epi8(x, matrix, 0);
      second[o] ^= _mm256_gf2p8affine_epi64_epi8(y, matrix, 0);
    }
  }
#pragma GCC unroll 4
  for (int o = 0; o < kOutputs; ++o) {
    auto* to = reinterpret_cast<__m256i*>(operands.outputs[Index(o)] + at);
    _mm256_storeu_si256(to, first[o]);
    _mm256_storeu_si256(to + 1, second[o]);
  }
}

// The bytes from `at` on, fewer than a pair of vectors, by way of buffers of
// that size: AVX2 has no masks for bytes.
template <int kOutputs>
CAIRN_GFNI256 void MultiplyRest256(AffineTable table, const Operands& operands,
                                   std::size_t at) {
  using Buffer = std::array<std::byte, 2 * kVector256>;
  std::array<Buffer, kInputsMax> from;
  std::array<Buffer, kOutputs> to;
  const std::size_t size = operands.size - at;
  Operands padded{.size = sizeof(Buffer)};
  for (std::size_t i = 0; i < Index(table.inputs); ++i) {
    from[i].fill(std::byte{0});
    std::memcpy(from[i].data(), operands.inputs[i] + at, size);
    padded.inputs[i] = from[i].data();
  }
  for (std::size_t o = 0; o < kOutputs; ++o) padded.outputs[o] = to[o].data();
  MultiplyPair256<kOutputs>(table, padded, 0);
  for (std::size_t o = 0; o < kOutputs; ++o) {
    std::memcpy(operands.outputs[o] + at, to[o].data(), size);
  }
}

template <int kOutputs>
CAIRN_GFNI256 void Run256(AffineTable table, const Operands& operands) {
  std::size_t at = 0;
  for (; operands.size - at >= 2 * kVector256; at += 2 * kVector256) {
    MultiplyPair256<kOutputs>(table, operands, at);
  }
  if (at < operands.size) MultiplyRest256<kOutputs>(table, operands, at);
}

using Run = void (*)(AffineTable, const Operands&);

constexpr std::array<Run, kOutputsMax> kRun256 = {Run256<1>, Run256<2>,
                                                  Run256<3>, Run256<4>};
constexpr std::array<Run, kOutputsMax> kRun512 = {Run512<1>, Run512<2>,
                                                  Run512<3>, Run512<4>};

}  // namespace

bool HasGfni256() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("gfni");
}

bool HasGfni512() {
  return __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("gfni");
}

void RunGfni256(AffineTable table, const Operands& operands) {
  kRun256[Index(table.outputs - 1)](table, operands);
}

void RunGfni512(AffineTable table, const Operands& operands) {
  kRun512[Index(table.outputs - 1)](table, operands);
}

#else

bool HasGfni256() { return false; }
bool HasGfni512() { return false; }

void RunGfni256(AffineTable /*table*/, const Operands& /*operands*/) {
  CAIRN_CHECK(HasGfni256());
}

void RunGfni512(AffineTable /*table*/, const Operands& /*operands*/) {
  CAIRN_CHECK(HasGfni512());
}

#endif

}  // namespace cairn::erasure
