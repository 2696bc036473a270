#include "set/open_packs.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace cairn::set {

std::optional<OpenPacks::Room> OpenPacks::Take(std::uint64_t size) {
  const base::MutexLock lock(mutex_);
  if (pack_ == nullptr || pack_->has_failed() ||
      size > options_.pack_size - end_) {
    return std::nullopt;
  }
  Room room{.pack = pack_,
            .slice = {.pack = pack_->id(), .offset = end_, .size = size}};
  end_ += size;
  return room;
}

// Another one may have begun a pack in the meantime.
OpenPacks::Room OpenPacks::MakeRoom(std::uint64_t size) {
  std::optional<Room> room = Take(size);
  if (!room.has_value()) {
    Begin();
    room = Take(size);
  }
  CAIRN_CHECK(room.has_value());
  return *std::move(room);
}

void OpenPacks::Begin() {
  const format::OpenPackId id{
      .epoch = options_.epoch, .number = count_++, .random = options_.random};
  auto pack = std::make_shared<OpenPack>(
      OpenPack::Options{.executor = options_.executor,
                        .id = id,
                        .size = options_.pack_size,
                        .drives = options_.drives(),
                        .is_writable = options_.is_writable});
  std::erase_if(unclosed_, [](const std::weak_ptr<OpenPack>& other) {
    return other.expired();
  });
  unclosed_.push_back(pack);
  const base::MutexLock lock(mutex_);
  pack_.swap(pack);
  end_ = 0;
}

void OpenPacks::Close() {
  std::shared_ptr<OpenPack> closed;
  const base::MutexLock lock(mutex_);
  closed.swap(pack_);
}

bool OpenPacks::IsOpen(const format::OpenPackId& id) const {
  return std::ranges::any_of(
      unclosed_, [&](const std::weak_ptr<OpenPack>& other) {
        const std::shared_ptr<OpenPack> pack = other.lock();
        return pack != nullptr && pack->id() == id;
      });
}

}  // namespace cairn::set
