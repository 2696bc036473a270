// Reed-Solomon over GF(2^8) with a Cauchy matrix, on ISA-L.

#ifndef CAIRN_LIB_ERASURE_CODEC_H_
#define CAIRN_LIB_ERASURE_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cairn::erasure {

// How one stripe is cut. `data_shards + parity_shards` drives make an erasure
// set; any `data_shards` of them restore the stripe.
struct Geometry {
  int data_shards = 0;    // 1 .. 16
  int parity_shards = 0;  // 0 .. 4

  int total_shards() const { return data_shards + parity_shards; }
};

using Shard = std::span<std::byte>;

// Computes parity and restores lost shards of one stripe. Pure arithmetic: no
// I/O, no knowledge of objects or drives.
//
// Shards are indexed 0 .. total_shards()-1, data first. All shards of a stripe
// have the same size.
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

  Geometry geometry() const { return geometry_; }

 private:
  explicit Codec(Geometry geometry);

  // Row `i` of the encoding matrix; the first `data_shards` rows are identity.
  const std::uint8_t* Row(int i) const;

  // Row `shard` of the matrix that makes shards out of the survivors, whose
  // rows were inverted.
  std::vector<std::uint8_t> CoefficientsOf(
      int shard, const std::vector<std::uint8_t>& inverse) const;

  Geometry geometry_;
  std::vector<std::uint8_t> matrix_;         // total_shards x data_shards
  std::vector<std::uint8_t> parity_tables_;  // ISA-L's form of its tail
};

}  // namespace cairn::erasure

#endif  // CAIRN_LIB_ERASURE_CODEC_H_
