// The kernels of large blobs: coding a stripe, with the copy of the caller's
// bytes and the checksums of all shards, and verifying frames that were read.
// Bytes/s count bytes of blobs. Decoding is measured by erasure_bench.
// Run: meson test -C build --benchmark blob_bench

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"

#include "base/bytes.h"
#include "erasure/codec.h"
#include "format/blob_file.h"
#include "set/blob_stripe.h"

namespace cairn::set {
namespace {

const format::BlobName kName{.deployment = {.high = 1, .low = 2},
                             .set = 3,
                             .id = {.epoch = 4, .random = 5, .counter = 6}};

erasure::Geometry GeometryOf(const benchmark::State& state) {
  return {.data_shards = static_cast<int>(state.range(0)),
          .parity_shards = static_cast<int>(state.range(1))};
}

void Geometries(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"data", "parity"});
  for (const auto& [data, parity] : std::vector<std::pair<int, int>>{
           {1, 0}, {1, 1}, {2, 1}, {2, 2}, {4, 2}, {8, 4}, {16, 4}}) {
    bench->Args({data, parity});
  }
}

// As the writer does it: the bytes come from a buffer of the caller's that is
// out of the cache.
void BM_CodeStripe(benchmark::State& state) {
  const erasure::Geometry geometry = GeometryOf(state);
  const erasure::Codec codec = *erasure::Codec::Create(geometry);
  const std::size_t unit =
      format::BlobUnitFor(geometry.data_shards, geometry.parity_shards);
  BlobStripe stripe(geometry, unit,
                    base::AlignedBuffer(unit * static_cast<std::size_t>(
                                                   geometry.total_shards())));
  const std::size_t stripe_size = stripe.data().size();
  const std::size_t stripes = (std::size_t{64} << 20) / stripe_size;
  const std::vector<std::byte> bytes(stripes * stripe_size, std::byte{0x5a});
  for (auto _ : state) {
    BlobCoder coder(codec, kName);
    for (std::size_t i = 0; i < stripes; ++i) {
      coder.Code(stripe, 0,
                 base::Bytes(bytes).subspan(i * stripe_size, stripe_size));
    }
    benchmark::DoNotOptimize(coder.tables());
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(BM_CodeStripe)->Apply(Geometries);

// A healthy read: each frame is verified once.
void BM_VerifyFrames(benchmark::State& state) {
  const auto frame_size = static_cast<std::size_t>(state.range(0));
  const std::size_t frames = (std::size_t{64} << 20) / frame_size;
  const std::vector<std::byte> bytes(frames * frame_size, std::byte{0x5a});
  for (auto _ : state) {
    for (std::size_t i = 0; i < frames; ++i) {
      benchmark::DoNotOptimize(format::BlobFrameChecksum(
          {.name = kName, .position = 0, .frame = i},
          base::Bytes(bytes).subspan(i * frame_size, frame_size)));
    }
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(BM_VerifyFrames)->Arg(4 << 10)->Arg(format::kBlobFrameSize);

}  // namespace
}  // namespace cairn::set
