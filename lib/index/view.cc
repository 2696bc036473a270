#include "index/view.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "index/merge.h"

namespace cairn::index {
namespace {

using base::Task;

absl::Status Wrong(std::string_view what) {
  return base::Error(ErrorCode::kCorrupt, "index: {}", what);
}

using Runs = std::vector<std::shared_ptr<const Run>>;

// Ranges of runs overlap most where one of them begins.
bool HasTooManyForAKey(const Runs& runs) {
  return std::any_of(runs.begin(), runs.end(), [&](const auto& begin) {
    const std::string& key = begin->range().lower;
    return std::count_if(runs.begin(), runs.end(), [&](const auto& run) {
             return run->range().Contains(key);
           }) > kRunsPerKeyMax;
  });
}

bool Overlap(const KeyRange& a, const KeyRange& b) {
  return (!a.upper.has_value() || b.lower < *a.upper) &&
         (!b.upper.has_value() || a.lower < *b.upper);
}

// For each key, the runs that show it are ordered by the sequences they hold.
bool IsOrdered(const Runs& runs) {
  for (std::size_t newer = 0; newer < runs.size(); ++newer) {
    for (std::size_t older = newer + 1; older < runs.size(); ++older) {
      if (Overlap(runs[newer]->range(), runs[older]->range()) &&
          runs[newer]->from_sequence() < runs[older]->to_sequence()) {
        return false;
      }
    }
  }
  return true;
}

absl::Status CheckRuns(const ViewParts& parts) {
  for (const auto& run : parts.runs) {
    if (run->deployment() != parts.deployment) {
      return Wrong("a run of another deployment");
    }
  }
  if (!IsOrdered(parts.runs)) return Wrong("runs out of order");
  if (HasTooManyForAKey(parts.runs)) return Wrong("too many runs for a key");
  return absl::OkStatus();
}

Found FoundIn(const Record& record) {
  return {.presence = PresenceOf(record.kind),
          .sequence = record.sequence,
          .value = record.value,
          .trailer = record.trailer};
}

std::string BeginOf(const ScanRequest& request) {
  if (request.after.empty() || request.after < request.prefix) {
    return request.prefix;
  }
  return request.after + '\0';
}

// Adds a record unless the page is full; then false.
class Page {
 public:
  explicit Page(const ScanRequest& request) : request_(request) {}

  bool Add(const Record& record) {
    if (result_.records.size() >= request_.limit ||
        (bytes_ >= request_.bytes_max && !result_.records.empty())) {
      result_.more = true;
      return false;
    }
    bytes_ += record.key.size() + record.value.size();
    result_.records.push_back({.key = std::string(record.key),
                               .sequence = record.sequence,
                               .value = std::string(record.value),
                               .trailer = std::string(record.trailer)});
    return true;
  }

  ScanResult Take() { return std::move(result_); }

 private:
  const ScanRequest& request_;
  ScanResult result_;
  std::size_t bytes_ = 0;
};

}  // namespace

KeyRange RangeOfPrefix(std::string_view prefix) {
  KeyRange range{.lower = std::string(prefix)};
  std::string upper(prefix);
  while (!upper.empty() && upper.back() == '\xff') upper.pop_back();
  if (upper.empty()) return range;
  upper.back() =
      static_cast<char>(static_cast<unsigned char>(upper.back()) + 1);
  range.upper = std::move(upper);
  return range;
}

View::View(ViewParts parts)
    : parts_(std::move(parts)), salt_(format::FilterSalt(parts_.deployment)) {
  for (const auto& run : parts_.runs) {
    floor_ = std::max(floor_, run->to_sequence());
  }
}

absl::StatusOr<std::shared_ptr<const View>> View::Create(ViewParts parts) {
  CAIRN_CHECK(parts.active != nullptr);
  CAIRN_RETURN_IF_ERROR(CheckRuns(parts));
  View view(std::move(parts));
  return std::make_shared<const View>(std::move(view));
}

Probe View::ProbeOf(std::string_view key) const {
  return {.key = key, .hash = format::FilterHash(key, salt_)};
}

std::optional<Found> View::LookupOverlays(std::string_view key,
                                          std::uint64_t sequence) const {
  CAIRN_CHECK(sequence >= floor_);
  std::optional<Record> record = parts_.active->Find(key, sequence);
  if (!record.has_value() && parts_.frozen != nullptr) {
    record = parts_.frozen->Find(key, sequence);
  }
  if (!record.has_value()) return std::nullopt;
  return FoundIn(*record);
}

std::optional<Found> View::LookupCached(std::string_view key,
                                        std::uint64_t sequence) const {
  if (std::optional<Found> found = LookupOverlays(key, sequence)) return found;
  const Probe probe = ProbeOf(key);
  for (const auto& run : parts_.runs) {
    std::optional<Found> found = run->LookupCached(probe);
    if (!found.has_value() || !found->is_absent()) return found;
  }
  return Found();
}

Task<absl::StatusOr<Found>> View::Lookup(std::string_view key,
                                         std::uint64_t sequence) const {
  if (std::optional<Found> found = LookupOverlays(key, sequence)) {
    co_return *std::move(found);
  }
  const Probe probe = ProbeOf(key);
  for (const auto& run : parts_.runs) {
    auto lookup = run->Lookup(probe);
    absl::StatusOr<Found> found = co_await lookup;
    if (!found.ok() || !found->is_absent()) co_return std::move(found);
  }
  co_return Found();
}

std::unique_ptr<Cursor> View::NewCursor(KeyRange range,
                                        std::uint64_t sequence) const {
  CAIRN_CHECK(sequence >= floor_);
  std::vector<std::unique_ptr<Cursor>> inputs;
  inputs.push_back(parts_.active->NewCursor(sequence, range));
  if (parts_.frozen != nullptr) {
    inputs.push_back(parts_.frozen->NewCursor(sequence, range));
  }
  for (const auto& run : parts_.runs) {
    if (!Overlap(run->range(), range)) continue;
    inputs.push_back(run->NewCursor({.range = range}));
  }
  return std::make_unique<MergeCursor>(std::move(inputs));
}

Task<absl::StatusOr<ScanResult>> View::Scan(ScanRequest request,
                                            std::uint64_t sequence) const {
  const std::unique_ptr<Cursor> cursor =
      NewCursor(RangeOfPrefix(request.prefix), sequence);
  Page page(request);
  cursor->Seek(BeginOf(request));
  while (true) {
    while (cursor->state() == Cursor::State::kLoad) {
      Task<absl::Status> load = cursor->Load();
      CAIRN_CO_RETURN_IF_ERROR(co_await load);
    }
    if (cursor->state() == Cursor::State::kEnd) break;
    const Record record = cursor->record();
    if (!record.is_tombstone() && !page.Add(record)) break;
    cursor->Next();
  }
  co_return page.Take();
}

bool View::RunsMayContain(std::string_view key, std::size_t first) const {
  const Probe probe = ProbeOf(key);
  return std::any_of(parts_.runs.begin() + static_cast<std::ptrdiff_t>(first),
                     parts_.runs.end(),
                     [&](const auto& run) { return run->MayContain(probe); });
}

}  // namespace cairn::index
