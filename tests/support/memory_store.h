// The two interfaces of storage/ in memory: all of their semantics, nothing of
// their durability.

#ifndef CAIRN_TESTS_SUPPORT_MEMORY_STORE_H_
#define CAIRN_TESTS_SUPPORT_MEMORY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/blob_store.h"
#include "storage/meta_store.h"
#include "support/stream_of_reads.h"

namespace cairn::support {

// Every task ends without having waited. A batch larger than `batch_size_max`
// bytes of keys, values and blobs is refused, as a log would.
//
// Thread safety: all methods may run concurrently.
class MemoryStore : public storage::MetaStore, public storage::BlobStore {
 public:
  static constexpr std::size_t kBatchSizeMax = 1 << 20;

  base::Task<absl::Status> Commit(storage::Partition partition,
                                  storage::Batch batch) override;
  base::Task<absl::StatusOr<storage::ReadResult>> Read(
      storage::Partition partition, storage::ReadRequest request) override;

  storage::BlobId NewBlobId() override;
  base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>> Create(
      storage::Partition partition, std::optional<std::uint64_t> size) override;
  base::Task<absl::Status> Read(storage::Partition partition,
                                storage::BlobRef blob, std::uint64_t offset,
                                base::MutableBytes into) override;
  std::unique_ptr<storage::BlobStream> Stream(storage::Partition partition,
                                              storage::BlobRef blob,
                                              std::uint64_t offset,
                                              std::uint64_t size) override {
    return std::make_unique<StreamOfReads>(
        *this, partition, std::move(blob),
        StreamOfReads::Range{.offset = offset, .size = size});
  }

  // Blobs that take up room: those that records name, and those that were
  // sealed and are not named.
  std::size_t blob_count() const;
  std::size_t record_count() const;

  // Moves every blob to another place, as a checkpoint does: the places before
  // lead nowhere, the records say the new ones.
  void MoveBlobs();

 private:
  class Writer;

  struct Blob {
    std::vector<std::byte> bytes;
    std::string place;
  };
  struct Stored {
    std::string value;
    storage::WriteId write_id;
    std::optional<storage::BlobId> blob;
  };
  struct Content {
    std::map<std::string, Stored, std::less<>> records;
    std::map<std::string, std::int64_t, std::less<>> counters;
  };

  bool Holds(const Content& content, const storage::Guard& guard,
             const storage::Batch& batch) const;
  absl::Status Check(const storage::Batch& batch) const;
  void Apply(Content& content, const storage::Batch& batch);
  void ApplyPut(Content& content, const storage::Put& put,
                const storage::WriteId& write_id);
  storage::Record MakeRecord(std::string_view key, const Stored& stored) const;
  void ReadScan(const Content& content, const storage::Scan& scan,
                storage::ReadResult& result) const;
  std::string NewPlace();
  storage::BlobRef AddBlob(const storage::BlobId& id, base::Bytes bytes);

  mutable std::mutex mutex_;  // of everything below
  std::map<storage::Partition, Content> partitions_;
  std::map<storage::BlobId, Blob> blobs_;
  std::uint64_t blob_counter_ = 0;
  std::uint64_t place_counter_ = 0;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_MEMORY_STORE_H_
