// An object cut into shards and coded by ISA-L, as a program does it that has
// no Cairn.

#ifndef CAIRN_BENCH_COMPARE_STRIPE_ENCODER_H_
#define CAIRN_BENCH_COMPARE_STRIPE_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "support/aligned_buffer.h"

namespace cairn::bench {

struct Geometry {
  int data = 1;
  int parity = 0;

  int total() const { return data + parity; }
};

// One object of a fixed size and its parity.
//
// Thread safety: one thread at a time.
class StripeEncoder {
 public:
  StripeEncoder(Geometry geometry, std::size_t object_size);

  Geometry geometry() const { return geometry_; }

  // The object's bytes, padded to whole shards; to be filled.
  std::span<std::byte> data() const;

  // Computes parity from data().
  void Encode();

  std::span<const std::byte> Shard(int index) const;

 private:
  Geometry geometry_;
  std::size_t shard_size_;
  AlignedBuffer buffer_;
  std::vector<unsigned char> tables_;
  std::vector<unsigned char*> shards_;
};

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_COMPARE_STRIPE_ENCODER_H_
