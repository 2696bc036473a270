#include "set/merge_plan.h"

#include <algorithm>
#include <numeric>

namespace cairn::set {
namespace {

std::uint64_t SumOf(const std::vector<std::uint64_t>& sizes,
                    const MergePlan& plan) {
  const auto begin = sizes.begin() + static_cast<std::ptrdiff_t>(plan.first);
  return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(plan.count),
                         std::uint64_t{0});
}

// No run is rewritten for the sake of others that are smaller than itself even
// together.
std::optional<MergePlan> PlanOfOneSize(
    const std::vector<std::uint64_t>& sizes) {
  for (std::size_t first = 0; first + kMergeWidth <= sizes.size(); ++first) {
    const MergePlan plan{.first = first, .count = kMergeWidth};
    const auto begin = sizes.begin() + static_cast<std::ptrdiff_t>(first);
    const std::uint64_t largest = *std::max_element(
        begin, begin + static_cast<std::ptrdiff_t>(kMergeWidth));
    if (largest <= SumOf(sizes, plan) - largest) return plan;
  }
  return std::nullopt;
}

MergePlan PlanCheapest(const std::vector<std::uint64_t>& sizes) {
  const std::size_t count = sizes.size() - kRunCountMax + 1;
  MergePlan cheapest{.first = 0, .count = count};
  for (std::size_t first = 1; first + count <= sizes.size(); ++first) {
    const MergePlan plan{.first = first, .count = count};
    if (SumOf(sizes, plan) < SumOf(sizes, cheapest)) cheapest = plan;
  }
  return cheapest;
}

}  // namespace

std::optional<MergePlan> PlanMerge(const std::vector<std::uint64_t>& sizes) {
  if (const auto plan = PlanOfOneSize(sizes)) return plan;
  if (sizes.size() > kRunCountMax) return PlanCheapest(sizes);
  return std::nullopt;
}

}  // namespace cairn::set
