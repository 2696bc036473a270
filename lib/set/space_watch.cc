#include "set/space_watch.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/status.h"
#include "drive/drive.h"

namespace cairn::set {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();
constexpr absl::Duration kLookAgain = absl::Seconds(1);

// What a drive has free. One that does not say is no reason to refuse a put:
// the put will tell.
base::Task<absl::Status> ReadFree(drive::Drive* drive,
                                  std::shared_ptr<std::uint64_t> free) {
  const absl::StatusOr<drive::Space> read =
      co_await base::Callback<absl::StatusOr<drive::Space>>(
          [drive](auto done) { drive->GetSpace(std::move(done)); });
  if (read.ok()) *free = read->bytes_free;
  co_return read.status();
}

}  // namespace

// Every drive may have as little room as that when the set is opened: not less
// than the log has.
SpaceWatch::SpaceWatch(SpaceWatchContext context)
    : context_(context),
      until_look_(static_cast<std::int64_t>(context.reserve / 8)) {}

absl::Status SpaceWatch::CheckPut(std::uint64_t size) {
  const auto bytes = static_cast<std::int64_t>(size);
  if (until_look_.fetch_sub(bytes) <= bytes || is_full_) AskForLook();
  if (!is_full_) return absl::OkStatus();
  return base::Error(ErrorCode::kDriveFull,
                     "the drives are full: the last {} bytes of each are kept "
                     "for checkpoints; delete objects, or give them more room",
                     context_.reserve);
}

void SpaceWatch::OnRoomMade() {
  if (!is_full_) return;
  looked_at_ = absl::InfinitePast();
  AskForLook();
}

void SpaceWatch::AskForLook() {
  if (is_asked_.exchange(true)) return;
  context_.executor.Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) scope_.Spawn(Look());
  });
}

base::Task<> SpaceWatch::Look() {
  const absl::Time now = context_.executor.clock().Steady();
  if (!is_full_ || now >= looked_at_ + kLookAgain) {
    looked_at_ = now;
    base::Task<> look = LookAtDrives();
    co_await look;
  }
  is_asked_ = false;
}

base::Task<> SpaceWatch::LookAtDrives() {
  std::vector<std::shared_ptr<std::uint64_t>> free;
  std::vector<base::Task<absl::Status>> reads;
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (context_.replicas.service(p) != Service::kCurrent) continue;
    free.push_back(std::make_shared<std::uint64_t>(kUnknown));
    reads.push_back(Within(context_.write,
                           ReadFree(context_.drives.at(p).drive, free.back())));
  }
  base::Task<std::vector<absl::Status>> all = base::All(std::move(reads));
  co_await all;
  const auto quorum =
      static_cast<std::size_t>(context_.replicas.geometry().write_quorum());
  if (free.size() < quorum) co_return;  // Nothing can be put anyway.
  std::ranges::sort(free, [](const auto& a, const auto& b) { return *a > *b; });
  const std::uint64_t room = *free[quorum - 1];
  is_full_ = room < context_.reserve;
  // A part, for drives may lie on one device, and share it with others.
  const std::uint64_t rest = room - std::min(room, context_.reserve);
  until_look_ = static_cast<std::int64_t>(
      std::clamp(rest / 8, context_.reserve / 64, context_.reserve / 8));
}

}  // namespace cairn::set
