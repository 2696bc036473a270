#include "inspect/reporter.h"

#include "fmt/format.h"

namespace cairn::inspect {

void Reporter::Add(std::string_view name, std::string value, Extent extent) {
  report_.items.push_back({.offset = extent.offset,
                           .size = extent.size,
                           .name = std::string(name),
                           .value = std::move(value)});
}

bool Reporter::WantsEntry() {
  if (!options_.is_listing) return false;
  ++entry_count_;
  return entry_count_ <= options_.limit;
}

void Reporter::AddDamage(std::string_view name, std::string note,
                         Extent extent) {
  ++report_.damage_count;
  if (report_.damages.size() == kDamagesMax) return;
  report_.damages.push_back({.offset = extent.offset,
                             .size = extent.size,
                             .name = std::string(name),
                             .note = std::move(note),
                             .is_damaged = true});
}

void Reporter::Finish() {
  if (entry_count_ <= options_.limit) return;
  Add("not listed", fmt::format("{} more, with a higher limit",
                                entry_count_ - options_.limit));
}

}  // namespace cairn::inspect
