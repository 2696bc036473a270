#include "base/uuid.h"

#include "fmt/format.h"

namespace cairn::base {

Uuid NewUuid(Random& random) {
  Uuid uuid{.high = random.Next(), .low = random.Next()};
  while (uuid.is_nil()) uuid.low = random.Next();
  return uuid;
}

std::string ToString(const Uuid& uuid) {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", uuid.high >> 32,
                     uuid.high >> 16 & 0xffff, uuid.high & 0xffff,
                     uuid.low >> 48, uuid.low & 0xffffffffffff);
}

}  // namespace cairn::base
