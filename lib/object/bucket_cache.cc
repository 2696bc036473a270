#include "object/bucket_cache.h"

#include <cstdint>
#include <thread>

namespace cairn::object {

BucketCache::Share& BucketCache::ShareOfThread() {
  const std::size_t thread =
      std::hash<std::thread::id>()(std::this_thread::get_id());
  // The numbers of threads are addresses: their low bits are all alike.
  const std::uint64_t mixed = thread * std::uint64_t{0x9e3779b97f4a7c15};
  return shares_[(mixed >> 32) % shares_.size()];
}

std::optional<Bucket> BucketCache::Find(std::string_view name) {
  Share& share = ShareOfThread();
  const std::lock_guard lock(share.mutex);
  const auto found = share.buckets.find(name);
  if (found == share.buckets.end()) return std::nullopt;
  return found->second;
}

void BucketCache::Remember(std::string_view name, const Bucket& bucket) {
  Share& share = ShareOfThread();
  const std::lock_guard lock(share.mutex);
  if (share.buckets.size() >= kNamesMax) share.buckets.clear();
  share.buckets.insert_or_assign(std::string(name), bucket);
}

void BucketCache::Forget(std::string_view name) {
  Share& share = ShareOfThread();
  const std::lock_guard lock(share.mutex);
  const auto found = share.buckets.find(name);
  if (found != share.buckets.end()) share.buckets.erase(found);
}

}  // namespace cairn::object
