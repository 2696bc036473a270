#include "set/set_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace cairn::set {
namespace {

constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();

index::Record RecordOf(std::uint64_t sequence, const IndexChange& change) {
  return {.key = change.key,
          .sequence = sequence,
          .kind = change.entry.empty() ? index::RecordKind::kTombstone
                                       : index::RecordKind::kPut,
          .value = change.entry,
          .trailer = base::AsText(change.payload)};
}

std::shared_ptr<const index::View> FirstView(
    const base::Uuid& deployment, std::shared_ptr<const index::Overlay> active,
    Runs runs) {
  auto view = index::View::Create({.active = std::move(active),
                                   .runs = std::move(runs),
                                   .deployment = deployment});
  // The runs were read by OpenRuns(), which refuses what does not belong.
  CAIRN_CHECK(view.ok());
  return *std::move(view);
}

}  // namespace

SetIndex::SetIndex(const base::Uuid& deployment, Runs runs)
    : deployment_(deployment),
      active_(std::make_shared<index::Overlay>()),
      view_(FirstView(deployment, active_, std::move(runs))),
      sequence_(view_->floor()),
      holder_(view_) {}

void SetIndex::Apply(std::uint64_t sequence,
                     const std::vector<IndexChange>& changes) {
  for (const IndexChange& change : changes) {
    active_->Add(RecordOf(sequence, change));
  }
  sequence_ = std::max(sequence_, sequence);
  holder_.Advance(sequence_);
}

std::optional<std::string_view> SetIndex::FindInOverlays(
    std::string_view key) const {
  std::optional<index::Record> record = active_->Find(key, kNewest);
  if (!record.has_value() && frozen_ != nullptr) {
    record = frozen_->Find(key, kNewest);
  }
  if (!record.has_value()) return std::nullopt;
  return record->value;
}

void SetIndex::Freeze() {
  CAIRN_CHECK(frozen_ == nullptr);
  frozen_ = std::exchange(active_, std::make_shared<index::Overlay>());
  const auto view = index::View::Create({.active = active_,
                                         .frozen = frozen_,
                                         .runs = runs(),
                                         .deployment = deployment_});
  CAIRN_CHECK(view.ok());  // The runs are those of the view before.
  view_ = *view;
  frozen_at_ = sequence_;
  holder_.Publish(view_);
}

// Whether the runs hold anything of it says nothing: a tombstone may be gone
// with what it hid.
absl::Status SetIndex::ReplaceFrozen(const Runs& runs) {
  CAIRN_RETURN_IF_ERROR(Replace(nullptr, runs));
  floor_ = frozen_at_;
  return absl::OkStatus();
}

absl::Status SetIndex::Replace(std::shared_ptr<const index::Overlay> frozen,
                               const Runs& runs) {
  auto view = index::View::Create({.active = active_,
                                   .frozen = frozen,
                                   .runs = runs,
                                   .deployment = deployment_});
  if (!view.ok()) return view.status();
  frozen_ = std::move(frozen);
  view_ = *std::move(view);
  holder_.Publish(view_);
  return absl::OkStatus();
}

}  // namespace cairn::set
