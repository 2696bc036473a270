#include "fuzz/hostile.h"

#include <cstdint>

#include "fuzz/raw_fields.h"

namespace cairn::fuzz {
namespace {

enum Flag : std::uint8_t { kIsRaw = 1, kWantsRepair = 2, kIsPadded = 4 };

enum Edit : std::uint8_t {
  kSetByte,
  kSetHalf,
  kSetWord,
  kSetLong,
  kAdd,
  kTruncate,
  kExtend,
  kInsert,
  kErase,
  kEditCount,
};

// Bounds how long an input takes.
constexpr int kEditsMax = 64;
constexpr std::size_t kSizeMax = 64 << 10;

std::ptrdiff_t Signed(std::size_t size) {
  return static_cast<std::ptrdiff_t>(size);
}

void Insert(Input& input, std::size_t at, std::vector<std::byte>& bytes) {
  const base::Bytes piece = input.GetBytes(
      std::min<std::size_t>(input.Get<std::uint8_t>(), input.remaining()));
  bytes.insert(bytes.begin() + Signed(at), piece.begin(), piece.end());
}

void Erase(Input& input, std::size_t at, std::vector<std::byte>& bytes) {
  const std::size_t count =
      std::min<std::size_t>(input.Get<std::uint8_t>(), bytes.size() - at);
  const auto begin = bytes.begin() + Signed(at);
  bytes.erase(begin, begin + Signed(count));
}

void ApplyEdit(Input& input, std::vector<std::byte>& bytes) {
  const auto what = input.Get<std::uint8_t>();
  // Most structures have their fields in front.
  const std::size_t wanted =
      what >= 0x80 ? input.Get<std::uint16_t>() : input.Get<std::uint8_t>();
  const std::size_t at = wanted % (bytes.size() + 1);
  switch (what % 0x80 % kEditCount) {
    case kSetByte:
      return PutAt(bytes, at, input.Get<std::uint8_t>());
    case kSetHalf:
      return PutAt(bytes, at, input.Get<std::uint16_t>());
    case kSetWord:
      return PutAt(bytes, at, input.Get<std::uint32_t>());
    case kSetLong:
      return PutAt(bytes, at, input.Get<std::uint64_t>());
    case kAdd:
      return PutAt(bytes, at,
                   NumberAt<std::uint32_t>(bytes, at) +
                       static_cast<std::uint32_t>(input.Get<std::int8_t>()));
    case kTruncate:
      return bytes.resize(at);
    case kExtend:
      return bytes.resize(bytes.size() + input.Get<std::uint16_t>() % 8192);
    case kInsert:
      return Insert(input, at, bytes);
    default:
      return Erase(input, at, bytes);
  }
}

}  // namespace

Hostile TakeHostile(Input& input, base::Bytes sample) {
  const auto flags = input.Get<std::uint8_t>();
  Hostile hostile{.wants_repair = (flags & kWantsRepair) != 0};
  if ((flags & kIsRaw) != 0) {
    const base::Bytes raw = input.GetBytes(input.remaining());
    hostile.bytes.assign(raw.begin(), raw.end());
    if ((flags & kIsPadded) != 0) hostile.bytes.resize(sample.size());
  } else {
    hostile.bytes.assign(sample.begin(), sample.end());
    for (int i = 0; i < kEditsMax && input.remaining() > 0 &&
                    hostile.bytes.size() <= kSizeMax;
         ++i) {
      ApplyEdit(input, hostile.bytes);
    }
  }
  hostile.is_sample = IsSame(hostile.bytes, sample);
  return hostile;
}

}  // namespace cairn::fuzz
