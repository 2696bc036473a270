// Which bucket a name stood for when it was last looked up.

#ifndef CAIRN_LIB_OBJECT_BUCKET_CACHE_H_
#define CAIRN_LIB_OBJECT_BUCKET_CACHE_H_

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "format/bucket_record.h"
#include "storage/meta_store.h"

namespace cairn::object {

struct Bucket {
  format::BucketId id = 0;
  storage::WriteId write_id;  // of the bucket's record

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// Nothing tells the cache that a bucket was deleted, and nothing needs to: ids
// are never used again and a bucket that is deleted holds no objects, so what
// is out of date finds nothing and conflicts with every commit. Whoever finds
// nothing looks the bucket up again before he says so.
//
// Each thread has its share, which others share only by chance: no lock is
// everybody's.
//
// Thread safety: all methods may run concurrently.
// Limits:        forgets a share that has kNamesMax names.
class BucketCache {
 public:
  static constexpr std::size_t kNamesMax = 1024;

  std::optional<Bucket> Find(std::string_view name);
  void Remember(std::string_view name, const Bucket& bucket);
  void Forget(std::string_view name);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };
  static constexpr std::size_t kShareCount = 32;
  static constexpr std::size_t kCacheLineSize = 64;

  struct alignas(kCacheLineSize) Share {
    std::mutex mutex;
    std::unordered_map<std::string, Bucket, Hash, std::equal_to<>>
        buckets;  // guarded by the mutex
  };

  Share& ShareOfThread();

  std::array<Share, kShareCount> shares_;
};

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_BUCKET_CACHE_H_
