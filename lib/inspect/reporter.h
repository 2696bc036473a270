// Fills a report: facts, entries up to a limit, and what is damaged.

#ifndef CAIRN_LIB_INSPECT_REPORTER_H_
#define CAIRN_LIB_INSPECT_REPORTER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cairn/inspect.h"

namespace cairn::inspect {

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Limits: keeps kDamagesMax damages and `options.limit` entries.
class Reporter {
 public:
  Reporter(const InspectOptions& options, InspectReport& report)
      : options_(options), report_(report) {}

  // A fact about the file, or about what lies at `extent`.
  void Add(std::string_view name, std::string value, Extent extent = {});
  void Add(InspectItem item) { report_.items.push_back(std::move(item)); }

  // Whether another entry is listed; counts those that are not. Ask once for
  // each, before making it.
  bool WantsEntry();

  // What lies at `extent` is wrong, as `note` says.
  void AddDamage(std::string_view name, std::string note, Extent extent);

  // Says how many entries were not listed. Call it once, at the end.
  void Finish();

 private:
  static constexpr std::size_t kDamagesMax = 20;

  const InspectOptions& options_;
  InspectReport& report_;
  std::uint64_t entry_count_ = 0;
};

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_REPORTER_H_
