// Randomness as a seam: ids and salts in production, a seed in the simulator.

#ifndef CAIRN_LIB_BASE_RANDOM_H_
#define CAIRN_LIB_BASE_RANDOM_H_

#include <cstdint>

namespace cairn::base {

// Thread safety: all methods may run concurrently.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;
};

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_RANDOM_H_
