// Random numbers from a seed, cheap enough to be drawn inside a measurement.

#ifndef CAIRN_BENCH_SUPPORT_RANDOM_H_
#define CAIRN_BENCH_SUPPORT_RANDOM_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace cairn::bench {

// SplitMix64. Threads get independent sequences from different streams.
//
// Thread safety: one thread at a time.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(seed * 0x9e3779b97f4a7c15 ^ Mix(stream + 1)) {}

  std::uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15); }

  // In [0, bound), which is not 0. Biased by less than bound / 2^64.
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }

  // Fills `bytes` with what no compression shrinks.
  void Fill(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const std::uint64_t word = Next();
      const std::size_t size = std::min(bytes.size(), sizeof(word));
      std::memcpy(bytes.data(), &word, size);
      bytes = bytes.subspan(size);
    }
  }

 private:
  static std::uint64_t Mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_RANDOM_H_
