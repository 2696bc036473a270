// Reed-Solomon over GF(2^8) with a Cauchy matrix.

#ifndef CAIRN_LIB_ERASURE_CODEC_H_
#define CAIRN_LIB_ERASURE_CODEC_H_

#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "erasure/decoding.h"
#include "erasure/multiplier.h"

namespace cairn::erasure {

// How one stripe is cut. `data_shards + parity_shards` drives make an erasure
// set; any `data_shards` of them restore the stripe. With one data shard the
// others are its copies.
struct Geometry {
  int data_shards = 0;    // 1 .. 16
  int parity_shards = 0;  // 0 .. 4, and no more than data shards unless 1

  int total_shards() const { return data_shards + parity_shards; }
};

using Shard = std::span<std::byte>;

// What a stripe has, and what is to be made of it.
struct Loss {
  ShardMask present = 0;
  ShardMask wanted = 0;
};

// Computes parity and restores lost shards of one stripe. Pure arithmetic: no
// I/O, no allocation except for an error, no knowledge of objects or drives.
//
// Shards are indexed 0 .. total_shards()-1, data first. All shards of a stripe
// have the same size, of any alignment, and none overlaps another.
//
// Thread safety: immutable after Create(); share one Codec between threads.
class Codec {
 public:
  // Errors: kInvalidGeometry when `geometry` is outside the bounds above.
  static absl::StatusOr<Codec> Create(Geometry geometry);

  // Fills the parity shards from the data shards.
  void Encode(std::span<const Shard> shards) const;

  // Fills every shard `i` with `present[i] == false` from the others. Present
  // shards are trusted: check them for bitrot first.
  //
  // Errors: kUnrecoverable when fewer than `data_shards` are present; then
  //         nothing is written.
  absl::Status Reconstruct(std::span<const Shard> shards,
                           const std::vector<bool>& present) const;

  // The same for the shards of `loss.wanted` that are not present, from the
  // first `data_shards` that are. The other shards are left alone and may be
  // empty spans.
  absl::Status ReconstructWanted(std::span<const Shard> shards,
                                 Loss loss) const;

  Geometry geometry() const { return geometry_; }

 private:
  Codec(Geometry geometry, const Matrix& parity);

  Geometry geometry_;
  Matrix parity_;  // row `i` times the data shards is parity shard `i`
  Multiplier encoder_;
};

}  // namespace cairn::erasure

#endif  // CAIRN_LIB_ERASURE_CODEC_H_
