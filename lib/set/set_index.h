// The index of a set in memory: what is newest in the log, over the runs.

#ifndef CAIRN_LIB_SET_SET_INDEX_H_
#define CAIRN_LIB_SET_SET_INDEX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "index/overlay.h"
#include "index/view.h"
#include "index/view_holder.h"

namespace cairn::set {

using Runs = std::vector<std::shared_ptr<const index::Run>>;

// A change of one key. `payload`, the bytes of its small blob where they are at
// hand, is kept with it in memory.
struct IndexChange {
  std::string_view key;
  std::string_view entry;  // empty: a tombstone
  base::Bytes payload;
};

// Thread safety: Acquire() from any thread; all else on the strand.
class SetIndex {
 public:
  SetIndex(const base::Uuid& deployment, Runs runs);

  // What readers see: everything that was published.
  index::Snapshot Acquire() const { return holder_.Acquire(); }

  // Adds the changes of frame `sequence`, and shows them all at once.
  void Apply(std::uint64_t sequence, const std::vector<IndexChange>& changes);

  // The newest entry of a key in the overlays; "" for a tombstone, nullopt when
  // only a run may have it. Borrows the overlays.
  std::optional<std::string_view> FindInOverlays(std::string_view key) const;

  // Whether what a reader saw at `sequence`, and no overlay has, may be old.
  bool IsOutdated(std::uint64_t sequence) const { return sequence < floor_; }

  // From now on changes go to a new overlay; the old one is a checkpoint's.
  // Precondition: none is frozen.
  void Freeze();

  // The records of the frozen overlay are in `runs` now.
  absl::Status ReplaceFrozen(const Runs& runs);

  // Other runs hold the same records.
  absl::Status ReplaceRuns(const Runs& runs) { return Replace(frozen_, runs); }

  const std::shared_ptr<const index::View>& view() const { return view_; }
  const Runs& runs() const { return view_->parts().runs; }
  bool has_frozen() const { return frozen_ != nullptr; }

 private:
  absl::Status Replace(std::shared_ptr<const index::Overlay> frozen,
                       const Runs& runs);

  base::Uuid deployment_;
  std::shared_ptr<index::Overlay> active_;
  std::shared_ptr<const index::Overlay> frozen_;
  std::shared_ptr<const index::View> view_;
  std::uint64_t sequence_ = 0;
  std::uint64_t frozen_at_ = 0;  // newest sequence of the frozen overlay
  std::uint64_t floor_ = 0;      // that of the last one that was replaced
  index::ViewHolder holder_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SET_INDEX_H_
