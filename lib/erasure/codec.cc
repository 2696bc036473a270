#include "erasure/codec.h"

#include <array>

#include <isa-l/erasure_code.h>

#include "base/check.h"
#include "base/status.h"

namespace cairn::erasure {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

bool IsValid(const Geometry& geometry) {
  const int data = geometry.data_shards;
  const int parity = geometry.parity_shards;
  return data >= 1 && data <= kInputsMax && parity >= 0 &&
         parity <= kOutputsMax && (data == 1 || parity <= data);
}

Matrix ParityMatrix(const Geometry& geometry) {
  const int k = geometry.data_shards;
  // Cauchy, not Vandermonde: ISA-L's Vandermonde matrix has singular square
  // submatrices for some geometries, so some losses would not be restorable.
  std::array<unsigned char, std::size_t{kShardsMax} * kInputsMax> rows{};
  gf_gen_cauchy1_matrix(rows.data(), geometry.total_shards(), k);
  Matrix parity(geometry.parity_shards, k);
  for (int i = 0; i < parity.outputs(); ++i) {
    for (int j = 0; j < k; ++j) {
      // One data shard is mirrored: ISA-L would give its copies factors.
      parity.at(i, j) = k == 1 ? 1 : rows[Index((k + i) * k + j)];
    }
  }
  return parity;
}

// The first `count` shards of `mask`.
ShardMask FirstOf(const ShardList& shards, int count) {
  ShardMask mask = 0;
  for (int i = 0; i < count; ++i) mask |= ShardMask{1} << shards[i];
  return mask;
}

Operands OperandsOf(std::span<const Shard> shards, const ShardList& inputs,
                    const ShardList& outputs) {
  Operands operands{.size = shards[Index(inputs[0])].size()};
  for (int i = 0; i < inputs.size(); ++i) {
    const Shard& shard = shards[Index(inputs[i])];
    CAIRN_CHECK(shard.size() == operands.size);
    operands.inputs[Index(i)] = shard.data();
  }
  for (int i = 0; i < outputs.size(); ++i) {
    const Shard& shard = shards[Index(outputs[i])];
    CAIRN_CHECK(shard.size() == operands.size);
    operands.outputs[Index(i)] = shard.data();
  }
  return operands;
}

}  // namespace

absl::StatusOr<Codec> Codec::Create(Geometry geometry) {
  if (!IsValid(geometry)) {
    return base::Error(ErrorCode::kInvalidGeometry,
                       "{} data and {} parity shards", geometry.data_shards,
                       geometry.parity_shards);
  }
  return Codec(geometry, ParityMatrix(geometry));
}

Codec::Codec(Geometry geometry, const Matrix& parity)
    : geometry_(geometry), parity_(parity), encoder_(parity, FastestKernel()) {}

void Codec::Encode(std::span<const Shard> shards) const {
  CAIRN_CHECK(shards.size() == Index(geometry_.total_shards()));
  const ShardMask all = (ShardMask{1} << geometry_.total_shards()) - 1;
  const ShardMask data = (ShardMask{1} << geometry_.data_shards) - 1;
  encoder_.Run(OperandsOf(shards, ShardList(data), ShardList(all & ~data)));
}

absl::Status Codec::Reconstruct(std::span<const Shard> shards,
                                const std::vector<bool>& present) const {
  CAIRN_CHECK(present.size() == shards.size());
  Loss loss;
  for (std::size_t i = 0; i < present.size(); ++i) {
    (present[i] ? loss.present : loss.wanted) |= ShardMask{1} << i;
  }
  return ReconstructWanted(shards, loss);
}

absl::Status Codec::ReconstructWanted(std::span<const Shard> shards,
                                      Loss loss) const {
  CAIRN_CHECK(shards.size() == Index(geometry_.total_shards()));
  CAIRN_CHECK((loss.present | loss.wanted) >> shards.size() == 0);
  const ShardList present(loss.present);
  const int survivors = present.size();
  const int k = geometry_.data_shards;
  if (survivors < k) {
    return base::Error(ErrorCode::kUnrecoverable,
                       "{} of {} shards present, {} needed", survivors,
                       geometry_.total_shards(), k);
  }
  const ShardList wanted(loss.wanted & ~loss.present);
  if (wanted.size() == 0) return absl::OkStatus();
  const ShardMask inputs = FirstOf(present, k);
  const Matrix rows = Decoding(parity_, inputs).RowsOf(wanted);
  Multiplier(rows, FastestKernel())
      .Run(OperandsOf(shards, ShardList(inputs), wanted));
  return absl::OkStatus();
}

}  // namespace cairn::erasure
