// Throughput of checksums and digests, by size of the input. The frame checksum
// and CRC-64/NVME run over every byte that is stored, so they are to be held
// against memory bandwidth; MD5 and SHA-256 bound what a gateway takes in on
// one stream.
// Run: meson test -C build --benchmark digest_bench

#include <cstddef>
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"

#include "digest/checksum.h"
#include "digest/crc32c.h"
#include "digest/crc64nvme_kernels.h"
#include "digest/md5.h"
#include "digest/sha256.h"

namespace cairn::digest {
namespace {

std::vector<std::byte> Input(const benchmark::State& state) {
  return std::vector<std::byte>(static_cast<std::size_t>(state.range(0)),
                                std::byte{0x5a});
}

void CountBytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void Sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgName("size")->Arg(64)->Arg(4 << 10)->Arg(64 << 10)->Arg(1 << 20);
}

void BM_Checksum64(benchmark::State& state) {
  const std::vector<std::byte> input = Input(state);
  std::uint64_t identity = 1;
  for (auto _ : state) identity = Checksum64(input, identity);
  benchmark::DoNotOptimize(identity);
  CountBytes(state);
}
BENCHMARK(BM_Checksum64)->Apply(Sizes);

// A megabyte in pieces of the size.
void BM_Checksum64Stream(benchmark::State& state) {
  const std::vector<std::byte> input = Input(state);
  const int pieces = static_cast<int>((1 << 20) / state.range(0));
  for (auto _ : state) {
    Checksum64Stream stream(1);
    for (int i = 0; i < pieces; ++i) stream.Update(input);
    benchmark::DoNotOptimize(stream.value());
  }
  state.SetBytesProcessed(state.iterations() * pieces * state.range(0));
}
BENCHMARK(BM_Checksum64Stream)->Apply(Sizes);

void BM_Hash128(benchmark::State& state) {
  const std::vector<std::byte> input = Input(state);
  for (auto _ : state) benchmark::DoNotOptimize(Hash128(input));
  CountBytes(state);
}
BENCHMARK(BM_Hash128)->Apply(Sizes);

void BM_Identity(benchmark::State& state) {
  std::uint64_t identity = 1;
  for (auto _ : state) identity = Identity({identity, 2, 3, 4});
  benchmark::DoNotOptimize(identity);
}
BENCHMARK(BM_Identity);

void BM_Crc32c(benchmark::State& state) {
  const std::vector<std::byte> input = Input(state);
  std::uint32_t crc = 0;
  for (auto _ : state) crc = ExtendCrc32c(crc, input);
  benchmark::DoNotOptimize(crc);
  CountBytes(state);
}
BENCHMARK(BM_Crc32c)->Apply(Sizes);

void BM_Crc64Nvme(benchmark::State& state) {
  const auto kernel = static_cast<crc64nvme::Kernel>(state.range(1));
  if (!crc64nvme::IsSupported(kernel)) {
    state.SkipWithError("this machine lacks the instructions");
    return;
  }
  const std::vector<std::byte> input = Input(state);
  std::uint64_t crc = 0;
  for (auto _ : state) crc = crc64nvme::Update(kernel, crc, input);
  benchmark::DoNotOptimize(crc);
  CountBytes(state);
}
BENCHMARK(BM_Crc64Nvme)
    ->ArgNames({"size", "kernel"})
    ->ArgsProduct({{64, 4 << 10, 64 << 10, 1 << 20}, {0, 1, 2}});

template <typename Digest>
void BM_Digest(benchmark::State& state) {
  const std::vector<std::byte> input = Input(state);
  for (auto _ : state) {
    Digest digest;
    digest.Update(input);
    benchmark::DoNotOptimize(digest.Finish());
  }
  CountBytes(state);
}
BENCHMARK_TEMPLATE(BM_Digest, Md5)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Digest, Sha256)->Apply(Sizes);

}  // namespace
}  // namespace cairn::digest
