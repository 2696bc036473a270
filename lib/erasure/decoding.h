// The matrix that makes any shard of a stripe out of enough others.

#ifndef CAIRN_LIB_ERASURE_DECODING_H_
#define CAIRN_LIB_ERASURE_DECODING_H_

#include <array>
#include <cstdint>

#include "erasure/multiplier.h"

namespace cairn::erasure {

inline constexpr int kShardsMax = kInputsMax + kOutputsMax;

// Some shards of a stripe: bit `i` stands for shard `i`.
using ShardMask = std::uint32_t;

// The shards of a mask, in their order.
class ShardList {
 public:
  explicit ShardList(ShardMask mask);

  int size() const { return size_; }
  int operator[](int i) const { return shards_[static_cast<std::size_t>(i)]; }

 private:
  std::array<int, kShardsMax> shards_{};
  int size_ = 0;
};

// Lifetime: borrows the matrix that it is made of.
class Decoding {
 public:
  // `parity` makes the parity shards of a stripe out of its data shards;
  // `survivors` has as many shards as there are data shards.
  Decoding(const Matrix& parity, ShardMask survivors);

  // A row for each shard of `wanted`: times the survivors, it is that shard.
  Matrix RowsOf(const ShardList& wanted) const;

 private:
  void RestoreLost();
  // What survivor `s` adds to `shard`.
  std::uint8_t CoefficientOf(int shard, int s) const;

  // The parity row of survivor `s`, one of those behind the data shards.
  int ParityRowOf(int s) const { return survivors_[s] - parity_.inputs(); }

  const Matrix& parity_;
  ShardList survivors_;
  ShardList lost_;   // data shards
  int left_;         // data shards that survive: the first of the survivors
  Matrix restored_;  // row `i` times the survivors is lost data shard `i`
};

}  // namespace cairn::erasure

#endif  // CAIRN_LIB_ERASURE_DECODING_H_
