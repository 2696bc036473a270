// Polynomials over GF(2) modulo that of CRC-64/NVME, all at compile time.
//
// Everything is reflected, as the CRC is: bit 63 of a number is the coefficient
// of x^0, bit 0 that of x^63.

#ifndef CAIRN_LIB_DIGEST_CRC64NVME_POLYNOMIAL_H_
#define CAIRN_LIB_DIGEST_CRC64NVME_POLYNOMIAL_H_

#include <cstdint>

namespace cairn::digest::crc64nvme {

// P without its x^64.
inline constexpr std::uint64_t kPolynomial = 0x9a6c9329ac4bc9b5;
inline constexpr std::uint64_t kOne = std::uint64_t{1} << 63;

// value * x mod P
constexpr std::uint64_t TimesX(std::uint64_t value) {
  return value >> 1 ^ ((value & 1) != 0 ? kPolynomial : 0);
}

// x^exponent mod P
constexpr std::uint64_t PowerOfX(int exponent) {
  std::uint64_t power = kOne;
  for (int i = 0; i < exponent; ++i) power = TimesX(power);
  return power;
}

// a * b mod P
constexpr std::uint64_t Product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (; a != 0; a <<= 1) {
    if ((a & kOne) != 0) product ^= b;
    b = TimesX(b);
  }
  return product;
}

// floor(x^128 / P) without its x^64
constexpr std::uint64_t Reciprocal() {
  // The first step of the division leaves x^64 * (P - x^64); the others yield
  // the coefficients of x^63, x^62 ...
  std::uint64_t quotient = 0;
  std::uint64_t remainder = kPolynomial;
  for (int i = 0; i < 64; ++i) {
    quotient |= (remainder & 1) << i;
    remainder = TimesX(remainder);
  }
  return quotient;
}

}  // namespace cairn::digest::crc64nvme

#endif  // CAIRN_LIB_DIGEST_CRC64NVME_POLYNOMIAL_H_
