#include "support/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

namespace cairn::bench {

void Histogram::Merge(const Histogram& other) {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(),
                 counts_.begin(), std::plus<>());
}

std::uint64_t Histogram::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t Histogram::Percentile(double share) const {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  const double exact = std::ceil(share * static_cast<double>(total));
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::max(exact, 0.0)));
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  while (bucket < kBuckets - 1 && (seen += counts_[bucket]) < wanted) ++bucket;
  return LastOf(bucket);
}

// Values below 32 have a bucket each. Above, the highest bit chooses a row of
// 32 buckets and the next five bits the bucket: 100 is 0b1'10010'0, so it is in
// row 2 (64 to 127), bucket 0b10010, together with 101.
std::size_t Histogram::BucketOf(std::uint64_t value) {
  const int width = 64 - std::countl_zero(value);
  if (width <= kSubBits) return static_cast<std::size_t>(value);
  const int shift = width - kSubBits - 1;
  const auto row = static_cast<std::size_t>(shift + 1);
  const auto column = static_cast<std::size_t>(value >> shift) &
                      ((std::size_t{1} << kSubBits) - 1);
  return (row << kSubBits) + column;
}

std::uint64_t Histogram::LastOf(std::size_t bucket) {
  const std::size_t row = bucket >> kSubBits;
  if (row == 0) return bucket;
  const std::uint64_t column = bucket & ((std::size_t{1} << kSubBits) - 1);
  const std::uint64_t leading = (std::uint64_t{1} << kSubBits) + column;
  return ((leading + 1) << (row - 1)) - 1;
}

}  // namespace cairn::bench
