#include "support/blob_history.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/status.h"
#include "support/sim_blobs.h"

namespace cairn::support {
namespace {

struct Step {
  const char* key;
  const char* text;  // null: deletes it
};

// Every change from nothing, a large blob and none to every other; large blobs
// with files of their own and in open packs.
constexpr auto kSteps = std::to_array<Step>({
    {"a", "large 1"},
    {"b", "large file 2"},
    {"a", "large file 3"},
    {"c", "text 4"},
    {"b", nullptr},
    {"c", "large 5"},
    {"a", "text 6"},
    {"b", "large 7"},
});

}  // namespace

base::Task<absl::Status> BlobHistory::Make(set::LocalSet& set, std::string key,
                                           Value value) {
  if (value.has_value() && IsLarge(*value)) {
    base::Task<absl::Status> put = PutLargeText(set, key, *value);
    co_return co_await put;
  }
  storage::Batch batch;
  if (value.has_value()) {
    batch = PutText(set, key, *value, nullptr);
  } else {
    batch.deletes.push_back({.key = key});
  }
  base::Task<absl::Status> free = AddFree(set, key, &batch);
  CAIRN_CO_RETURN_IF_ERROR(co_await free);
  base::Task<absl::Status> commit = set.Commit(std::move(batch));
  co_return co_await commit;
}

base::Task<absl::Status> BlobHistory::Live(set::LocalSet& set) {
  for (const Step& step : kSteps) {
    Value value;
    if (step.text != nullptr) value = step.text;
    std::vector<Value>& possible = possible_[step.key];
    if (possible.empty()) possible.push_back(std::nullopt);
    possible.push_back(value);
    base::Task<absl::Status> make = Make(set, step.key, value);
    const absl::Status made = co_await make;
    if (made.ok()) {
      possible = {value};
    } else if (CodeOf(made) != ErrorCode::kOutcomeUnknown) {
      possible.pop_back();
    }
    CAIRN_CO_RETURN_IF_ERROR(made);
  }
  is_over_ = true;
  co_return absl::OkStatus();
}

absl::Status BlobHistory::Check(SimProcess& process) const {
  for (const auto& [key, possible] : possible_) {
    const Found found = GetText(process, key);
    if (!found.status.ok()) return base::Annotate(found.status, key);
    if (std::ranges::find(possible, found.text) == possible.end()) {
      return absl::InternalError(key + " holds " +
                                 found.text.value_or("nothing"));
    }
  }
  return absl::OkStatus();
}

}  // namespace cairn::support
