// Which runs to merge next: the rule, without any I/O.

#ifndef CAIRN_LIB_SET_MERGE_PLAN_H_
#define CAIRN_LIB_SET_MERGE_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cairn::set {

// So many runs may be merged at once, and so many be there before merging is
// urgent: one less than a key may have to be looked for in, so that a
// checkpoint always finds room for its run.
inline constexpr std::size_t kMergeWidth = 4;
inline constexpr std::size_t kRunCountMax = 7;

// Neighbours: `count` runs from the `first` one on.
struct MergePlan {
  std::size_t first = 0;
  std::size_t count = 0;

  friend bool operator==(const MergePlan&, const MergePlan&) = default;
};

// `sizes` are the bytes of the runs, the newest first. Merges kMergeWidth
// neighbours of about one size; when there are more than kRunCountMax, the
// neighbours that are cheapest, whatever their sizes. nullopt: nothing to do.
//
// So each record is written about once for each factor of kMergeWidth that the
// index has grown by.
std::optional<MergePlan> PlanMerge(const std::vector<std::uint64_t>& sizes);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_MERGE_PLAN_H_
