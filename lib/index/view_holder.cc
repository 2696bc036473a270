#include "index/view_holder.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"

namespace cairn::index {
namespace {

constexpr std::size_t kCacheLineSize = 64;

// The same view behind a count of references of its own.
std::shared_ptr<const View> OwnReference(std::shared_ptr<const View> view) {
  const View* target = view.get();
  return {target, [kept = std::move(view)](const View* /*target*/) {}};
}

}  // namespace

struct alignas(kCacheLineSize) ViewHolder::Place {
  mutable std::mutex mutex;
  std::shared_ptr<const View> view;  // guarded by the mutex
};

ViewHolder::ViewHolder(std::shared_ptr<const View> view,
                       std::size_t place_count)
    : sequence_(view->floor()) {
  CAIRN_CHECK(place_count > 0);
  for (std::size_t i = 0; i < place_count; ++i) {
    places_.push_back(std::make_unique<Place>());
  }
  Publish(std::move(view));
}

ViewHolder::~ViewHolder() = default;

void ViewHolder::Publish(std::shared_ptr<const View> view) {
  for (const std::unique_ptr<Place>& place : places_) {
    std::shared_ptr<const View> own = OwnReference(view);
    const std::lock_guard lock(place->mutex);
    place->view.swap(own);
  }
}

void ViewHolder::Advance(std::uint64_t sequence) {
  sequence_.store(sequence, std::memory_order_release);
}

const ViewHolder::Place& ViewHolder::PlaceOfThread() const {
  const std::size_t thread =
      std::hash<std::thread::id>()(std::this_thread::get_id());
  // The numbers of threads are addresses: their low bits are all alike.
  const std::uint64_t mixed = thread * std::uint64_t{0x9e3779b97f4a7c15};
  return *places_[(mixed >> 32) % places_.size()];
}

// The sequence before the view: what it covers was added to a view that was
// published before it, so this view, which is no older, has it. The other way
// round, the view could be replaced in between, and the records up to the
// sequence added to another overlay.
Snapshot ViewHolder::Acquire() const {
  const std::uint64_t sequence = sequence_.load(std::memory_order_acquire);
  const Place& place = PlaceOfThread();
  const std::lock_guard lock(place.mutex);
  return {.view = place.view,
          .sequence = std::max(sequence, place.view->floor())};
}

}  // namespace cairn::index
