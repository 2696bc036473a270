// The interfaces of storage/ on an erasure set over local drives.

#ifndef CAIRN_LIB_SET_LOCAL_STORE_H_
#define CAIRN_LIB_SET_LOCAL_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "set/local_set.h"
#include "storage/blob_store.h"
#include "storage/meta_store.h"

namespace cairn::set {

// The one partition that a set is.
inline constexpr storage::Partition kPartition = 0;

// Lifetime: the set outlives it, its writers and its streams.
class LocalStore : public storage::MetaStore, public storage::BlobStore {
 public:
  explicit LocalStore(LocalSet& set) : set_(set) {}
  LocalStore(const LocalStore&) = delete;
  LocalStore& operator=(const LocalStore&) = delete;

  base::Task<absl::Status> Commit(storage::Partition partition,
                                  storage::Batch batch) override;
  base::Task<absl::StatusOr<storage::ReadResult>> Read(
      storage::Partition partition, storage::ReadRequest request) override;

  storage::BlobId NewBlobId() override { return set_.NewBlobId(); }
  base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>> Create(
      storage::Partition partition, std::optional<std::uint64_t> size) override;
  base::Task<absl::Status> Read(storage::Partition partition,
                                storage::BlobRef blob, std::uint64_t offset,
                                base::MutableBytes into) override;
  std::unique_ptr<storage::BlobStream> Stream(storage::Partition partition,
                                              storage::BlobRef blob,
                                              std::uint64_t offset,
                                              std::uint64_t size) override;

 private:
  LocalSet& set_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LOCAL_STORE_H_
