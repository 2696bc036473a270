#include "object/index_key.h"

namespace cairn::object {
namespace {

// The highest byte first, so that keys order as numbers do.
template <typename T>
void AppendBigEndian(std::string& to, T value) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0;
       shift -= 8) {
    to += static_cast<char>(value >> shift & 0xff);
  }
}

std::string Begin(char space, BucketId bucket, std::size_t size_more) {
  std::string key;
  key.reserve(1 + sizeof(bucket) + size_more);
  key += space;
  AppendBigEndian(key, bucket);
  return key;
}

}  // namespace

std::string BucketKey(std::string_view name) {
  std::string key;
  key.reserve(1 + name.size());
  key += 'n';
  key += name;
  return key;
}

std::string ObjectKey(BucketId bucket, std::string_view key) {
  std::string index_key = Begin('o', bucket, key.size());
  index_key += key;
  return index_key;
}

std::string PartPrefix(BucketId bucket, const base::Uuid& parts) {
  std::string key = Begin('p', bucket, sizeof(parts) + sizeof(std::uint32_t));
  AppendBigEndian(key, parts.high);
  AppendBigEndian(key, parts.low);
  return key;
}

std::string PartKey(BucketId bucket, const base::Uuid& parts,
                    std::uint32_t number) {
  std::string key = PartPrefix(bucket, parts);
  AppendBigEndian(key, number);
  return key;
}

std::string ObjectCountKey(BucketId bucket) {
  return Begin('u', bucket, 1) + 'o';
}

std::string ObjectBytesKey(BucketId bucket) {
  return Begin('u', bucket, 1) + 'b';
}

}  // namespace cairn::object
