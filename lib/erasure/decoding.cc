#include "erasure/decoding.h"

#include <bit>
#include <cstddef>

#include <isa-l/erasure_code.h>

#include "base/check.h"

namespace cairn::erasure {

ShardList::ShardList(ShardMask mask) {
  CAIRN_CHECK(mask >> kShardsMax == 0);
  for (; mask != 0; mask &= mask - 1) {
    shards_[static_cast<std::size_t>(size_++)] = std::countr_zero(mask);
  }
}

Decoding::Decoding(const Matrix& parity, ShardMask survivors)
    : parity_(parity),
      survivors_(survivors),
      lost_(~survivors & ((ShardMask{1} << parity.inputs()) - 1)),
      left_(parity.inputs() - lost_.size()),
      restored_(lost_.size(), parity.inputs()) {
  CAIRN_CHECK(survivors_.size() == parity.inputs());
  RestoreLost();
}

// Each surviving parity shard is its row times the data. Split by what is lost
// and what is left, for all of them at once:
//
//   parity = A * lost + B * left,  so  lost = inverse(A) * (parity + B * left)
//
// A is a square submatrix of a Cauchy matrix, so it has an inverse. It is no
// larger than the loss, so this is cheap beside inverting the rows of all
// survivors.
void Decoding::RestoreLost() {
  const int size = lost_.size();
  if (size == 0) return;
  using Square =
      std::array<unsigned char, std::size_t{kOutputsMax} * kOutputsMax>;
  Square a{};
  Square inverse{};
  auto* next = a.data();
  for (int p = 0; p < size; ++p) {
    for (int i = 0; i < size; ++i) {
      *next++ = parity_.at(ParityRowOf(left_ + p), lost_[i]);
    }
  }
  CAIRN_CHECK(gf_invert_matrix(a.data(), inverse.data(), size) == 0);
  const auto* factor = inverse.data();
  for (int i = 0; i < size; ++i) {
    for (int p = left_; p < left_ + size; ++p, ++factor) {
      restored_.at(i, p) = *factor;
      for (int s = 0; s < left_; ++s) {
        restored_.at(i, s) ^=
            gf_mul(*factor, parity_.at(ParityRowOf(p), survivors_[s]));
      }
    }
  }
}

Matrix Decoding::RowsOf(const ShardList& wanted) const {
  Matrix rows(wanted.size(), parity_.inputs());
  for (int i = 0; i < wanted.size(); ++i) {
    for (int s = 0; s < parity_.inputs(); ++s) {
      rows.at(i, s) = CoefficientOf(wanted[i], s);
    }
  }
  return rows;
}

std::uint8_t Decoding::CoefficientOf(int shard, int s) const {
  // A lost data shard is one of its own making; a parity shard is its row
  // times the data, with the lost data replaced by what restores it.
  const int row = shard - parity_.inputs();
  std::uint8_t sum = 0;
  if (row >= 0 && s < left_) sum = parity_.at(row, survivors_[s]);
  for (int i = 0; i < lost_.size(); ++i) {
    const bool is_itself = lost_[i] == shard;
    const std::uint8_t weight =
        row >= 0 ? parity_.at(row, lost_[i]) : std::uint8_t{is_itself};
    sum ^= gf_mul(weight, restored_.at(i, s));
  }
  return sum;
}

}  // namespace cairn::erasure
