// A 128-bit identity, random and never reused.

#ifndef CAIRN_LIB_BASE_UUID_H_
#define CAIRN_LIB_BASE_UUID_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/random.h"

namespace cairn::base {

struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool is_nil() const { return high == 0 && low == 0; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

Uuid NewUuid(Random& random);

// Lower-case hex in the form 8-4-4-4-12.
std::string ToString(const Uuid& uuid);

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_UUID_H_
