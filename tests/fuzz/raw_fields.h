// Numbers at offsets of bytes that may be anything.

#ifndef CAIRN_TESTS_FUZZ_RAW_FIELDS_H_
#define CAIRN_TESTS_FUZZ_RAW_FIELDS_H_

#include <cstddef>
#include <cstring>

#include "base/bytes.h"
#include "base/uuid.h"

namespace cairn::fuzz {

// [`offset`, `offset` + `size`) of `bytes`; empty where they do not reach.
template <typename Span>
Span PartOf(Span bytes, std::size_t offset, std::size_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return {};
  return bytes.subspan(offset, size);
}

// 0 where the bytes do not reach.
template <typename T>
T NumberAt(base::Bytes bytes, std::size_t offset) {
  T value = 0;
  const base::Bytes part = PartOf(bytes, offset, sizeof(T));
  if (!part.empty()) std::memcpy(&value, part.data(), sizeof(T));
  return value;
}

inline base::Uuid UuidAt(base::Bytes bytes, std::size_t offset) {
  return {.high = NumberAt<std::uint64_t>(bytes, offset),
          .low = NumberAt<std::uint64_t>(bytes, offset + 8)};
}

// Nothing where the bytes do not reach.
template <typename T>
void PutAt(base::MutableBytes bytes, std::size_t offset, T value) {
  const base::MutableBytes part = PartOf(bytes, offset, sizeof(T));
  if (!part.empty()) std::memcpy(part.data(), &value, sizeof(T));
}

}  // namespace cairn::fuzz

#endif  // CAIRN_TESTS_FUZZ_RAW_FIELDS_H_
