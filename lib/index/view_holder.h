// Where readers find the view that is in force.

#ifndef CAIRN_LIB_INDEX_VIEW_HOLDER_H_
#define CAIRN_LIB_INDEX_VIEW_HOLDER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "index/view.h"

namespace cairn::index {

// A view and the sequence to read it at.
struct Snapshot {
  std::shared_ptr<const View> view;
  std::uint64_t sequence = 0;
};

// One thread publishes, any number acquire at the same time. Each reader goes
// to the place of its thread, which has a lock and a count of references of its
// own: no cache line is written by all of them.
//
// Every snapshot is complete: it has all records up to its sequence. For that,
// records are added to the overlay of a published view before Advance(), and a
// view that has a new overlay or run is published before anything is added to
// that overlay.
//
// Thread safety: Publish() and Advance() by one thread, Acquire() by any.
class ViewHolder {
 public:
  explicit ViewHolder(std::shared_ptr<const View> view,
                      std::size_t place_count = 32);
  ViewHolder(const ViewHolder&) = delete;
  ViewHolder& operator=(const ViewHolder&) = delete;
  ~ViewHolder();

  // Replaces the view. Every Acquire() that begins afterwards returns this one;
  // the one before lives on as long as a reader holds it.
  void Publish(std::shared_ptr<const View> view);

  // Shows readers all records up to `sequence`, which never goes down.
  void Advance(std::uint64_t sequence);

  Snapshot Acquire() const;

 private:
  struct Place;

  const Place& PlaceOfThread() const;

  std::atomic<std::uint64_t> sequence_;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_VIEW_HOLDER_H_
