#include "index/overlay.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "absl/hash/hash.h"

#include "base/bytes.h"
#include "base/check.h"

namespace cairn::index {
namespace {

std::byte* Copy(std::byte* to, std::string_view text) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

// In the arena, one piece: this, a link for each level, key, value, trailer.
//
// A node is published by the store of the link to it (release) and reached by
// the load of that link (acquire); all else of it is written before. A bucket's
// list has one node of each key, a newer one in the place of the one before: a
// reader that is at that one already finds the rest of the list behind it.
class Overlay::Node {
 public:
  using Link = std::atomic<Node*>;

  static std::size_t SizeFor(const Record& record, int height) {
    return sizeof(Node) + static_cast<std::size_t>(height) * sizeof(Link) +
           record.key.size() + record.value.size() + record.trailer.size();
  }

  Node(const Record& record, int height)
      : hash_(absl::HashOf(record.key)),
        sequence_(record.sequence),
        key_size_(static_cast<std::uint32_t>(record.key.size())),
        value_size_(static_cast<std::uint32_t>(record.value.size())),
        trailer_size_(static_cast<std::uint32_t>(record.trailer.size())),
        height_(static_cast<std::uint8_t>(height)),
        kind_(record.kind) {
    for (int i = 0; i < height; ++i) std::construct_at(links() + i, nullptr);
    Copy(Copy(Copy(texts(), record.key), record.value), record.trailer);
  }

  Node* Next(int level) const {
    return links()[level].load(std::memory_order_acquire);
  }
  void Publish(int level, Node* next) {
    links()[level].store(next, std::memory_order_release);
  }
  // Before the node itself is published.
  void SetNext(int level, Node* next) {
    links()[level].store(next, std::memory_order_relaxed);
  }

  Link& next_in_bucket() { return next_in_bucket_; }
  const Link& next_in_bucket() const { return next_in_bucket_; }

  std::size_t hash() const { return hash_; }
  std::uint64_t sequence() const { return sequence_; }
  std::string_view key() const { return TextAt(0, key_size_); }
  Record record() const {
    return {
        .key = key(),
        .sequence = sequence_,
        .kind = kind_,
        .value = TextAt(key_size_, value_size_),
        .trailer = TextAt(std::size_t{key_size_} + value_size_, trailer_size_)};
  }

  // Whether {`key`, `sequence`} lies behind this node. Equal does not: what is
  // added last with a sequence goes before what was there.
  bool IsBefore(std::string_view key, std::uint64_t sequence) const {
    const int order = this->key().compare(key);
    return order < 0 || (order == 0 && sequence_ > sequence);
  }

 private:
  const std::byte* Behind() const {
    // NOLINTNEXTLINE(bugprone-casting-through-void): bytes behind the node
    return static_cast<const std::byte*>(static_cast<const void*>(this + 1));
  }
  Link* links() {
    // NOLINTNEXTLINE(bugprone-casting-through-void): links behind the node
    return static_cast<Link*>(static_cast<void*>(this + 1));
  }
  const Link* links() const {
    // NOLINTNEXTLINE(bugprone-casting-through-void): links behind the node
    return static_cast<const Link*>(static_cast<const void*>(this + 1));
  }
  std::byte* texts() {
    // NOLINTNEXTLINE(bugprone-casting-through-void): texts behind the links
    return static_cast<std::byte*>(static_cast<void*>(links() + height_));
  }
  std::string_view TextAt(std::size_t offset, std::size_t size) const {
    return base::AsText({Behind() + height_ * sizeof(Link) + offset, size});
  }

  Link next_in_bucket_ = nullptr;
  const std::size_t hash_;
  const std::uint64_t sequence_;
  const std::uint32_t key_size_;
  const std::uint32_t value_size_;
  const std::uint32_t trailer_size_;
  const std::uint8_t height_;
  const RecordKind kind_;
};

Overlay::Overlay() : head_(NewNode({}, kHeightMax)) {}

// Nodes own nothing, so the arena is all there is to free.
Overlay::~Overlay() = default;

// The heights must not depend on the keys, nor on anything outside: the same
// records give the same overlay.
int Overlay::RandomHeight() {
  random_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = random_;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return std::min(1 + std::countr_zero(mixed | std::uint64_t{1} << 62) / 2,
                  kHeightMax);
}

Overlay::Node* Overlay::NewNode(const Record& record, int height) {
  void* memory = arena_.Allocate(Node::SizeFor(record, height));
  return std::construct_at(static_cast<Node*>(memory), record, height);
}

void Overlay::Add(const Record& record) {
  CAIRN_CHECK(record.key.size() <= format::kRunKeySizeMax &&
              record.value.size() <= format::kRunValueSizeMax);
  std::array<Node*, kHeightMax> before;
  before.fill(head_);
  Node* node = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0;
       --level) {
    for (Node* next = node->Next(level);
         next != nullptr && next->IsBefore(record.key, record.sequence);
         next = node->Next(level)) {
      node = next;
    }
    before[static_cast<std::size_t>(level)] = node;
  }

  const int height = RandomHeight();
  Node* added = NewNode(record, height);
  for (int level = 0; level < height; ++level) {
    Node* last = before[static_cast<std::size_t>(level)];
    added->SetNext(level, last->Next(level));
    last->Publish(level, added);
  }
  AddToBucket(added);
  // A reader that sees the old height only searches longer.
  if (height > height_.load(std::memory_order_relaxed)) {
    height_.store(height, std::memory_order_relaxed);
  }
  record_count_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(Node::SizeFor(record, height), std::memory_order_relaxed);
}

void Overlay::AddToBucket(Node* added) {
  Node::Link& first = buckets_[added->hash() % kBucketCount];
  Node::Link* link = &first;
  for (Node* node = first.load(std::memory_order_relaxed); node != nullptr;
       node = link->load(std::memory_order_relaxed)) {
    if (node->key() == added->key()) {
      // Whoever looks for an older one goes on from the newest.
      if (node->sequence() > added->sequence()) return;
      added->next_in_bucket() =
          node->next_in_bucket().load(std::memory_order_relaxed);
      link->store(added, std::memory_order_release);
      return;
    }
    link = &node->next_in_bucket();
  }
  added->next_in_bucket() = first.load(std::memory_order_relaxed);
  first.store(added, std::memory_order_release);
}

// The newest node of a key, as of when the search began.
const Overlay::Node* Overlay::FindInBucket(std::string_view key) const {
  const std::size_t hash = absl::HashOf(key);
  const Node* node =
      buckets_[hash % kBucketCount].load(std::memory_order_acquire);
  while (node != nullptr && (node->hash() != hash || node->key() != key)) {
    node = node->next_in_bucket().load(std::memory_order_acquire);
  }
  return node;
}

const Overlay::Node* Overlay::FindNode(std::string_view key,
                                       std::uint64_t sequence) const {
  const Node* node = head_;
  const Node* next = nullptr;
  const Node* behind = nullptr;  // known not to be before; not compared again
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0;
       --level) {
    for (next = node->Next(level);
         next != behind && next != nullptr && next->IsBefore(key, sequence);
         next = node->Next(level)) {
      node = next;
    }
    behind = next;
  }
  return next;
}

const Overlay::Node* Overlay::FindBehind(std::string_view key) const {
  const Node* node = FindNode(key, 0);
  while (node != nullptr && node->key() == key) node = node->Next(0);
  return node;
}

std::optional<Record> Overlay::Find(std::string_view key,
                                    std::uint64_t sequence) const {
  const Node* node = FindInBucket(key);
  if (node == nullptr) return std::nullopt;
  if (node->sequence() > sequence) node = FindNode(key, sequence);
  if (node == nullptr || node->key() != key) return std::nullopt;
  return node->record();
}

class Overlay::OverlayCursor : public Cursor {
 public:
  OverlayCursor(const Overlay& overlay, std::uint64_t sequence, KeyRange range)
      : overlay_(overlay), sequence_(sequence), range_(std::move(range)) {}

  void Seek(std::string_view key) override {
    const std::string_view from = std::max<std::string_view>(key, range_.lower);
    Settle(overlay_.FindNode(from, sequence_));
  }

  void Next() override {
    CAIRN_CHECK(node_ != nullptr);
    const std::string_view key = node_->key();
    const Node* node = node_->Next(0);
    // Few versions are stepped over, many are jumped over.
    for (int i = 0; i < kStepsMax && node != nullptr && node->key() == key;
         ++i) {
      node = node->Next(0);
    }
    if (node != nullptr && node->key() == key) node = overlay_.FindBehind(key);
    Settle(node);
  }

  base::Task<absl::Status> Load() override { co_return absl::OkStatus(); }

  State state() const override {
    return node_ == nullptr ? State::kEnd : State::kRecord;
  }
  Record record() const override { return node_->record(); }

 private:
  static constexpr int kStepsMax = 8;

  // From the first node of a key, moves to what is visible of it or of a later
  // one.
  void Settle(const Node* node) {
    for (int i = 0; node != nullptr && node->sequence() > sequence_; ++i) {
      node = i < kStepsMax ? node->Next(0)
                           : overlay_.FindNode(node->key(), sequence_);
    }
    const bool is_behind = node != nullptr && range_.upper.has_value() &&
                           node->key() >= *range_.upper;
    node_ = is_behind ? nullptr : node;
  }

  const Overlay& overlay_;
  const std::uint64_t sequence_;
  const KeyRange range_;
  const Node* node_ = nullptr;
};

std::unique_ptr<Cursor> Overlay::NewCursor(std::uint64_t sequence,
                                           KeyRange range) const {
  return std::make_unique<OverlayCursor>(*this, sequence, std::move(range));
}

}  // namespace cairn::index
