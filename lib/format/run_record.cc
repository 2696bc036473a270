#include "format/run_record.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "digest/checksum.h"

namespace cairn::format {

std::uint64_t ChecksumIdentity(const RunPlace& place) {
  return digest::Identity(
      {static_cast<std::uint64_t>(place.part), place.file.deployment.high,
       place.file.deployment.low, place.file.set, place.file.run,
       place.file.file, place.number, place.offset});
}

std::string_view Separator(std::string_view before, std::string_view after) {
  return after.substr(0, CommonPrefix(before, after) + 1);
}

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t x;
    std::uint64_t y;
    std::memcpy(&x, a.data() + i, 8);
    std::memcpy(&y, b.data() + i, 8);
    if (x != y) {
      return i + static_cast<std::size_t>(std::countr_zero(x ^ y)) / 8;
    }
  }
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

}  // namespace cairn::format
