#include "set/log_scan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"

namespace cairn::set {
namespace {

constexpr std::size_t kNoParent = static_cast<std::size_t>(-1);

struct Node {
  ScannedFrame frame;
  std::size_t parent = kNoParent;
  std::vector<CopyState> after;  // of the slot behind, where no child stands
};

// The tree of all frames found so far.
class Tree {
 public:
  Tree(std::vector<DriveLog*> logs, const Slot& base)
      : logs_(std::move(logs)), base_(base) {}

  base::Task<> Grow();
  History BestHistory();

 private:
  Slot SlotBehind(std::size_t parent) const;
  base::Task<> ReadChildren(std::size_t parent);
  Node& ChildFor(std::size_t parent, Copy& copy,
                 std::map<base::Uuid, std::size_t>& children);
  std::size_t BestEnd() const;

  std::vector<DriveLog*> logs_;
  Slot base_;
  std::vector<Node> nodes_;
  std::vector<CopyState> after_base_;
};

Slot Tree::SlotBehind(std::size_t parent) const {
  if (parent == kNoParent) return base_;
  return SlotAfter(nodes_[parent].frame.header, logs_.front()->ring());
}

Node& Tree::ChildFor(std::size_t parent, Copy& copy,
                     std::map<base::Uuid, std::size_t>& children) {
  const base::Uuid hash = format::CommonHash(copy.header);
  const auto [child, is_new] = children.emplace(hash, nodes_.size());
  if (is_new) {
    Node& node = nodes_.emplace_back();
    node.parent = parent;
    node.frame.header = copy.header;
    node.frame.hash = hash;
    node.frame.metadata = std::move(copy.metadata);
    node.frame.copies.resize(logs_.size(), CopyState::kAbsent);
    node.frame.shards.resize(copy.records.size(),
                             std::vector<bool>(logs_.size()));
  }
  return nodes_[child->second];
}

base::Task<> Tree::ReadChildren(std::size_t parent) {
  const Slot slot = SlotBehind(parent);
  std::vector<base::Task<Copy>> reads;
  for (DriveLog* log : logs_) reads.push_back(log->ReadSlot(slot));
  std::vector<Copy> copies = co_await base::All(std::move(reads));
  std::vector<CopyState> after(logs_.size(), CopyState::kAbsent);
  std::map<base::Uuid, std::size_t> children;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    if (copies[i].has_metadata()) {
      Node& child = ChildFor(parent, copies[i], children);
      child.frame.copies[i] = copies[i].state;
      for (std::size_t k = 0; k < copies[i].records.size(); ++k) {
        child.frame.shards[k][i] = !copies[i].records[k].empty();
      }
    } else {
      after[i] = copies[i].state;
    }
  }
  // A damaged copy may be one of any child of this slot.
  for (const auto& [hash, child] : children) {
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i] == CopyState::kDamaged) {
        nodes_[child].frame.copies[i] = CopyState::kDamaged;
      }
    }
  }
  (parent == kNoParent ? after_base_ : nodes_[parent].after) = after;
}

base::Task<> Tree::Grow() {
  co_await ReadChildren(kNoParent);
  for (std::size_t i = 0; i < nodes_.size(); ++i) co_await ReadChildren(i);
}

std::size_t Tree::BestEnd() const {
  std::size_t best = kNoParent;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (best == kNoParent ||
        nodes_[best].frame.header.stamp() < nodes_[i].frame.header.stamp()) {
      best = i;
    }
  }
  return best;
}

History Tree::BestHistory() {
  History history{.base = base_};
  const std::size_t end = BestEnd();
  history.after_last = end == kNoParent ? after_base_ : nodes_[end].after;
  for (std::size_t i = end; i != kNoParent; i = nodes_[i].parent) {
    history.frames.push_back(std::move(nodes_[i].frame));
  }
  std::reverse(history.frames.begin(), history.frames.end());
  return history;
}

}  // namespace

Slot SlotAfter(const format::FrameHeader& header, const Ring& ring) {
  return {.sequence = header.sequence + 1,
          .offset = ring.BeginAfter(header.offset + header.frame_size),
          .predecessor = format::CommonHash(header),
          .older = header.stamp()};
}

Slot SlotAfter(const format::Catalogue& catalogue, const Ring& ring) {
  const format::LogPosition& at = catalogue.checkpoint;
  return {.sequence = at.sequence + 1,
          .offset = ring.BeginAfter(at.next_offset),
          .predecessor = at.hash,
          .older = {.epoch = catalogue.epoch, .sequence = at.sequence}};
}

Slot History::SlotAfter(std::size_t count, const Ring& ring) const {
  return count == 0 ? base : set::SlotAfter(frames[count - 1].header, ring);
}

base::Task<History> ScanLogs(std::vector<DriveLog*> logs, Slot base) {
  CAIRN_CHECK(!logs.empty());
  Tree tree(std::move(logs), base);
  co_await tree.Grow();
  co_return tree.BestHistory();
}

}  // namespace cairn::set
