#include "digest/crc64nvme.h"

#include <array>
#include <bit>
#include <cstring>

#include "digest/crc64nvme_kernels.h"
#include "digest/crc64nvme_polynomial.h"

namespace cairn::digest {

std::uint64_t Crc64Nvme(base::Bytes bytes) { return ExtendCrc64Nvme(0, bytes); }

std::uint64_t ExtendCrc64Nvme(std::uint64_t crc, base::Bytes bytes) {
  return ~crc64nvme::Update(crc64nvme::FastestKernel(), ~crc, bytes);
}

namespace {

// x^(8 * 2^i) mod P: what moves a CRC 2^i bytes onward.
constexpr std::array<std::uint64_t, 64> kPowers = [] {
  std::array<std::uint64_t, 64> powers{};
  powers[0] = crc64nvme::PowerOfX(8);
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = crc64nvme::Product(powers[i - 1], powers[i - 1]);
  }
  return powers;
}();

}  // namespace

std::uint64_t CombineCrc64Nvme(const Crc64NvmePair& pair) {
  // The complements at both ends cancel each other out.
  std::uint64_t head = pair.head;
  for (std::uint64_t rest = pair.tail_size; rest != 0; rest &= rest - 1) {
    head = crc64nvme::Product(
        kPowers[static_cast<std::size_t>(std::countr_zero(rest))], head);
  }
  return head ^ pair.tail;
}

}  // namespace cairn::digest
