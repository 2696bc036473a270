// Encode and rebuild throughput of one stripe, by geometry, shard size and
// kernel. Bytes/s count data shards only: the number to hold against drive
// bandwidth.
// Run: meson test -C build --benchmark erasure_bench

#include <cstddef>
#include <vector>

#include "benchmark/benchmark.h"

#include "erasure/codec.h"
#include "erasure/multiplier.h"

namespace cairn::erasure {
namespace {

struct StripeBuffers {
  StripeBuffers(Geometry geometry, std::size_t shard_size)
      : bytes(static_cast<std::size_t>(geometry.total_shards()),
              std::vector<std::byte>(shard_size, std::byte{0x5a})),
        shards(bytes.begin(), bytes.end()) {}
  std::vector<std::vector<std::byte>> bytes;
  std::vector<Shard> shards;
};

Geometry GeometryOf(const benchmark::State& state) {
  return {.data_shards = static_cast<int>(state.range(0)),
          .parity_shards = static_cast<int>(state.range(1))};
}

std::size_t ShardSizeOf(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(2));
}

void CountDataBytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(2));
}

void BM_Encode(benchmark::State& state) {
  const Codec codec = *Codec::Create(GeometryOf(state));
  StripeBuffers stripe(GeometryOf(state), ShardSizeOf(state));
  for (auto _ : state) {
    codec.Encode(stripe.shards);
    benchmark::ClobberMemory();
  }
  CountDataBytes(state);
}
BENCHMARK(BM_Encode)
    ->ArgNames({"data", "parity", "shard"})
    ->ArgsProduct({{4, 8, 12}, {2, 4}, {1 << 10, 64 << 10, 1 << 20}})
    ->Args({1, 1, 64 << 10})
    ->Args({2, 1, 64 << 10})
    ->Args({2, 2, 64 << 10})
    ->Args({3, 2, 64 << 10})
    ->Args({16, 4, 64 << 10});

// A degraded read: the first data shard is lost, and only that is rebuilt.
void BM_RebuildOne(benchmark::State& state) {
  const Geometry geometry = GeometryOf(state);
  const Codec codec = *Codec::Create(geometry);
  StripeBuffers stripe(geometry, ShardSizeOf(state));
  const ShardMask all = (ShardMask{1} << geometry.total_shards()) - 1;
  const Loss loss{.present = all & ~ShardMask{1}, .wanted = 1};
  for (auto _ : state) {
    if (!codec.ReconstructWanted(stripe.shards, loss).ok()) {
      state.SkipWithError("nothing was rebuilt");
    }
    benchmark::ClobberMemory();
  }
  CountDataBytes(state);
}
BENCHMARK(BM_RebuildOne)
    ->ArgNames({"data", "parity", "shard"})
    ->ArgsProduct({{4, 12}, {2, 4}, {64, 4 << 10, 64 << 10, 1 << 20}});

// Heal: as many data shards as there is parity are lost and rebuilt.
void BM_RebuildAll(benchmark::State& state) {
  const Geometry geometry = GeometryOf(state);
  const Codec codec = *Codec::Create(geometry);
  StripeBuffers stripe(geometry, ShardSizeOf(state));
  const ShardMask all = (ShardMask{1} << geometry.total_shards()) - 1;
  const ShardMask lost = (ShardMask{1} << geometry.parity_shards) - 1;
  const Loss loss{.present = all & ~lost, .wanted = lost};
  for (auto _ : state) {
    if (!codec.ReconstructWanted(stripe.shards, loss).ok()) {
      state.SkipWithError("nothing was rebuilt");
    }
    benchmark::ClobberMemory();
  }
  CountDataBytes(state);
}
BENCHMARK(BM_RebuildAll)
    ->ArgNames({"data", "parity", "shard"})
    ->ArgsProduct({{4, 12}, {2, 4}, {64, 4 << 10, 64 << 10, 1 << 20}});

// The kernels alone, side by side.
void BM_Kernel(benchmark::State& state) {
  const auto kernel = static_cast<Kernel>(state.range(3));
  if (!IsSupported(kernel)) {
    state.SkipWithError("this machine lacks the instructions");
    return;
  }
  const Geometry geometry = GeometryOf(state);
  StripeBuffers stripe(geometry, ShardSizeOf(state));
  Matrix matrix(geometry.parity_shards, geometry.data_shards);
  Operands operands{.size = ShardSizeOf(state)};
  std::size_t shard = 0;
  for (int i = 0; i < geometry.data_shards; ++i) {
    operands.inputs[static_cast<std::size_t>(i)] = stripe.bytes[shard++].data();
  }
  for (int o = 0; o < geometry.parity_shards; ++o) {
    matrix.at(o, 0) = static_cast<std::uint8_t>(o + 2);
    operands.outputs[static_cast<std::size_t>(o)] =
        stripe.bytes[shard++].data();
  }
  const Multiplier multiplier(matrix, kernel);
  for (auto _ : state) {
    multiplier.Run(operands);
    benchmark::ClobberMemory();
  }
  CountDataBytes(state);
}
BENCHMARK(BM_Kernel)
    ->ArgNames({"data", "parity", "shard", "kernel"})
    ->ArgsProduct(
        {{4, 12}, {2, 4}, {4 << 10, 64 << 10, 256 << 10, 1 << 20}, {0, 1, 2}});

}  // namespace
}  // namespace cairn::erasure
