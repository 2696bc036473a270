// Latencies, counted in buckets.

#ifndef CAIRN_BENCH_SUPPORT_HISTOGRAM_H_
#define CAIRN_BENCH_SUPPORT_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace cairn::bench {

// Counts values by size, each power of two in 32 buckets: what it answers is
// off by at most 1/32.
//
// Thread safety: one thread at a time; Merge() those of several threads.
class Histogram {
 public:
  void Add(std::uint64_t value) { ++counts_[BucketOf(value)]; }

  void Merge(const Histogram& other);

  std::uint64_t count() const;

  // The smallest value that at least `share` (0 to 1) of the values do not
  // exceed, rounded up to the end of its bucket; 0 of no values.
  std::uint64_t Percentile(double share) const;

 private:
  static constexpr int kSubBits = 5;
  static constexpr std::size_t kBuckets = (64 - kSubBits + 1) << kSubBits;

  static std::size_t BucketOf(std::uint64_t value);
  static std::uint64_t LastOf(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
};

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_HISTOGRAM_H_
