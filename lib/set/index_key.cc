#include "set/index_key.h"

#include <cstddef>

#include "base/bytes.h"

namespace cairn::set {
namespace {

constexpr std::size_t kBlobKeySize = 1 + 4 + 8 + 4;

// Big-endian, so that keys are in the order of the numbers.
template <typename T>
void Append(std::string& key, T number) {
  for (std::size_t i = sizeof(T); i-- > 0;) {
    key.push_back(static_cast<char>(number >> (8 * i) & 0xff));
  }
}

template <typename T>
T Take(std::string_view& text) {
  T number = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    number = static_cast<T>(number << 8 | static_cast<unsigned char>(text[i]));
  }
  text.remove_prefix(sizeof(T));
  return number;
}

}  // namespace

std::string KeyOfBlob(char kind, const format::BlobId& id) {
  std::string key(1, kind);
  Append(key, id.epoch);
  Append(key, id.counter);
  Append(key, id.random);
  return key;
}

std::string PrefixOfPack(char kind, const format::OpenPackId& pack) {
  constexpr std::size_t kPrefixSize = 1 + 4 + 4;
  const format::BlobId first =
      format::IdOf({.pack = pack, .offset = 0, .size = base::kDirectAlignment});
  return KeyOfBlob(kind, first).substr(0, kPrefixSize);
}

std::optional<format::BlobId> BlobOfKey(std::string_view index_key) {
  if (index_key.size() != kBlobKeySize) return std::nullopt;
  index_key.remove_prefix(1);
  format::BlobId id;
  id.epoch = Take<std::uint32_t>(index_key);
  id.counter = Take<std::uint64_t>(index_key);
  id.random = Take<std::uint32_t>(index_key);
  return id;
}

}  // namespace cairn::set
