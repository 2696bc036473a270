#include "format/run_filter.h"

#include "digest/checksum.h"

namespace cairn::format {
namespace {

constexpr std::uint64_t kSaltTag = 0x746c6173206e7572;
constexpr std::uint32_t kStep = 0x9e3779b9;
constexpr int kProbeCount = 6;

std::size_t LineOffset(std::uint64_t hash, std::size_t size) {
  const std::uint64_t count = size / kFilterLineSize;
  return static_cast<std::size_t>((hash >> 32) * count >> 32) * kFilterLineSize;
}

// Calls `visit(byte, mask)` for each bit of a key within its line.
template <typename Visit>
void ForEachBit(std::uint64_t hash, Visit visit) {
  auto state = static_cast<std::uint32_t>(hash);
  for (int i = 0; i < kProbeCount; ++i) {
    state *= kStep;
    const std::uint32_t bit = state >> 23;
    visit(bit / 8, static_cast<std::byte>(1u << bit % 8));
  }
}

}  // namespace

std::uint64_t FilterSalt(const base::Uuid& deployment) {
  return digest::Identity({kSaltTag, deployment.high, deployment.low});
}

std::uint64_t FilterHash(std::string_view key, std::uint64_t salt) {
  return digest::Checksum64(base::AsBytes(key), salt);
}

std::uint64_t FilterLineCount(std::uint64_t key_count) {
  return (key_count * kFilterBitsPerKey + kFilterLineSize * 8 - 1) /
         (kFilterLineSize * 8);
}

void AddToFilter(std::span<const std::uint64_t> hashes,
                 base::MutableBytes lines) {
  if (lines.empty()) return;
  for (const std::uint64_t hash : hashes) {
    std::byte* line = lines.data() + LineOffset(hash, lines.size());
    ForEachBit(hash,
               [&](std::uint32_t byte, std::byte mask) { line[byte] |= mask; });
  }
}

bool RunFilter::MayContain(std::uint64_t hash) const {
  if (lines_.empty()) return false;
  const std::byte* line = lines_.data() + LineOffset(hash, lines_.size());
  bool contains = true;
  ForEachBit(hash, [&](std::uint32_t byte, std::byte mask) {
    contains = contains && (line[byte] & mask) != std::byte{0};
  });
  return contains;
}

}  // namespace cairn::format
