#include "erasure/codec.h"

#include <array>

#include <isa-l/erasure_code.h>

#include "base/check.h"
#include "base/status.h"

namespace cairn::erasure {
namespace {

constexpr std::size_t kShardsMax = 20;
constexpr std::size_t kTableSize = 32;  // of ISA-L, for each coefficient

using ShardPointers = std::array<unsigned char*, kShardsMax>;

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

unsigned char* Bytes(const Shard& shard) {
  return reinterpret_cast<unsigned char*>(shard.data());
}

std::vector<std::uint8_t> ExpandTables(int data, int rows,
                                       const std::uint8_t* coefficients) {
  std::vector<std::uint8_t> tables(kTableSize * Index(data) * Index(rows));
  if (rows == 0) return tables;
  // ISA-L does not write through the pointer that it takes.
  ec_init_tables(data, rows, const_cast<std::uint8_t*>(coefficients),
                 tables.data());
  return tables;
}

void CheckShards(std::span<const Shard> shards, const Geometry& geometry) {
  CAIRN_CHECK(shards.size() == Index(geometry.total_shards()));
  for (const Shard& shard : shards) {
    CAIRN_CHECK(shard.size() == shards.front().size());
  }
}

int SizeOf(std::span<const Shard> shards) {
  return static_cast<int>(shards.front().size());
}

}  // namespace

absl::StatusOr<Codec> Codec::Create(Geometry geometry) {
  if (geometry.data_shards < 1 || geometry.data_shards > 16 ||
      geometry.parity_shards < 0 || geometry.parity_shards > 4) {
    return base::Error(ErrorCode::kInvalidGeometry,
                       "{} data and {} parity shards", geometry.data_shards,
                       geometry.parity_shards);
  }
  return Codec(geometry);
}

Codec::Codec(Geometry geometry)
    : geometry_(geometry),
      matrix_(Index(geometry.total_shards() * geometry.data_shards)) {
  // Cauchy, not Vandermonde: ISA-L's Vandermonde matrix has singular square
  // submatrices for some geometries, so some losses would not be restorable.
  gf_gen_cauchy1_matrix(matrix_.data(), geometry_.total_shards(),
                        geometry_.data_shards);
  parity_tables_ = ExpandTables(geometry_.data_shards, geometry_.parity_shards,
                                Row(geometry_.data_shards));
}

const std::uint8_t* Codec::Row(int i) const {
  return matrix_.data() + Index(i * geometry_.data_shards);
}

void Codec::Encode(std::span<const Shard> shards) const {
  CheckShards(shards, geometry_);
  if (geometry_.parity_shards == 0 || shards.front().empty()) return;
  ShardPointers pointers{};
  for (std::size_t i = 0; i < shards.size(); ++i)
    pointers[i] = Bytes(shards[i]);
  ec_encode_data(SizeOf(shards), geometry_.data_shards, geometry_.parity_shards,
                 const_cast<std::uint8_t*>(parity_tables_.data()),
                 pointers.data(), pointers.data() + geometry_.data_shards);
}

std::vector<std::uint8_t> Codec::CoefficientsOf(
    int shard, const std::vector<std::uint8_t>& inverse) const {
  const int k = geometry_.data_shards;
  std::vector<std::uint8_t> coefficients(Index(k), 0);
  for (int column = 0; column < k; ++column) {
    for (int j = 0; j < k; ++j) {
      coefficients[Index(column)] ^=
          gf_mul(Row(shard)[j], inverse[Index(j * k + column)]);
    }
  }
  return coefficients;
}

absl::Status Codec::Reconstruct(std::span<const Shard> shards,
                                const std::vector<bool>& present) const {
  CheckShards(shards, geometry_);
  CAIRN_CHECK(present.size() == shards.size());
  const int k = geometry_.data_shards;

  // Survivors: the first k present shards, as inputs, with their matrix rows.
  ShardPointers inputs{};
  std::vector<std::uint8_t> rows;
  int survivors = 0;
  for (int i = 0; i < geometry_.total_shards() && survivors < k; ++i) {
    if (!present[Index(i)]) continue;
    inputs[Index(survivors++)] = Bytes(shards[Index(i)]);
    rows.insert(rows.end(), Row(i), Row(i) + k);
  }
  if (survivors < k) {
    return base::Error(ErrorCode::kUnrecoverable,
                       "{} of {} shards present, {} needed", survivors,
                       geometry_.total_shards(), k);
  }
  if (shards.front().empty()) return absl::OkStatus();

  // inverse * survivors = data, hence row(i) * inverse * survivors = shard i.
  std::vector<std::uint8_t> inverse(Index(k * k));
  CAIRN_CHECK(gf_invert_matrix(rows.data(), inverse.data(), k) == 0);
  for (int i = 0; i < geometry_.total_shards(); ++i) {
    if (present[Index(i)]) continue;
    const std::vector<std::uint8_t> coefficients = CoefficientsOf(i, inverse);
    std::vector<std::uint8_t> tables = ExpandTables(k, 1, coefficients.data());
    unsigned char* output = Bytes(shards[Index(i)]);
    ec_encode_data(SizeOf(shards), k, 1, tables.data(), inputs.data(), &output);
  }
  return absl::OkStatus();
}

}  // namespace cairn::erasure
