#include "digest/crc64nvme_kernels.h"

#include <bit>
#include <cstring>

#include "digest/crc64nvme_clmul.h"
#include "digest/crc64nvme_polynomial.h"

namespace cairn::digest::crc64nvme {
namespace {

static_assert(std::endian::native == std::endian::little);

using Table = std::array<std::uint64_t, 256>;

// Table `i` holds what a byte becomes when `i` zero bytes follow it.
constexpr std::array<Table, 8> kTables = [] {
  std::array<Table, 8> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::uint64_t state = byte;
    for (int bit = 0; bit < 8; ++bit) state = TimesX(state);
    tables[0][byte] = state;
  }
  for (std::size_t i = 1; i < tables.size(); ++i) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t state = tables[i - 1][byte];
      tables[i][byte] = state >> 8 ^ tables[0][state & 0xff];
    }
  }
  return tables;
}();

std::uint64_t NextEightBytes(std::uint64_t state, const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof(word));
  word ^= state;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    next ^= kTables[7 - i][word >> (8 * i) & 0xff];
  }
  return next;
}

}  // namespace

Kernel FastestKernel() {
  if (HasClmul512()) return Kernel::kClmul512;
  return HasClmul128() ? Kernel::kClmul128 : Kernel::kTables;
}

bool IsSupported(Kernel kernel) {
  switch (kernel) {
    case Kernel::kTables:
      return true;
    case Kernel::kClmul128:
      return HasClmul128();
    case Kernel::kClmul512:
      return HasClmul512();
  }
  return false;
}

std::uint64_t UpdateByTables(std::uint64_t state, base::Bytes bytes) {
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    state = NextEightBytes(state, bytes.data());
  }
  for (const std::byte byte : bytes) {
    state = state >> 8 ^
            kTables[0][(state ^ std::to_integer<std::uint64_t>(byte)) & 0xff];
  }
  return state;
}

std::uint64_t Update(Kernel kernel, std::uint64_t state, base::Bytes bytes) {
  if (kernel == Kernel::kClmul512 && bytes.size() >= kClmul512SizeMin) {
    return UpdateByClmul512(state, bytes);
  }
  if (kernel != Kernel::kTables && bytes.size() >= kClmul128SizeMin) {
    return UpdateByClmul128(state, bytes);
  }
  return UpdateByTables(state, bytes);
}

}  // namespace cairn::digest::crc64nvme
