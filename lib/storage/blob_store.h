// BlobStore: write-once bytes under unique ids.

#ifndef CAIRN_LIB_STORAGE_BLOB_STORE_H_
#define CAIRN_LIB_STORAGE_BLOB_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"

#include "storage/blob.h"
#include "storage/meta_store.h"

namespace cairn::storage {

// Writes one blob. Destroyed before Seal() it leaves nothing that anybody can
// see; what it wrote is collected later.
//
// Thread safety: one call at a time.
// Limits:        holds a bounded number of bytes, whatever the blob's size.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  // Appends `bytes`, which are borrowed until the task has ended. It may return
  // before they are written: a failure is then reported by a later call.
  //
  // Errors: kInvalidArgument over kBlobSizeMax; kQuorumLost, kDriveFull. The
  //         blob cannot be sealed any more.
  virtual base::Task<absl::Status> Append(base::Bytes bytes) = 0;

  // Makes the blob durable on a write quorum. It exists for good when a record
  // that names it is committed; else it is collected later.
  //
  // Errors: as Append(); kInvalidArgument of an empty blob.
  virtual base::Task<absl::StatusOr<BlobRef>> Seal() = 0;
};

// Bytes of a blob, in order; no piece is empty.
//
// Ownership: they lie in `owner`, which may be destroyed on any thread.
struct BlobPieces {
  std::vector<base::Bytes> pieces;
  std::shared_ptr<const void> owner;
};

// Reads bytes of one blob from front to back. While the caller is busy with
// some, those behind them are on their way.
//
// Thread safety: one call at a time; it may be destroyed on any thread.
// Limits:        holds a bounded number of bytes, whatever the blob's size.
class BlobStream {
 public:
  virtual ~BlobStream() = default;

  // The next bytes, as many as come together; none at the end.
  //
  // Errors: as BlobStore::Read(). It gives nothing more then.
  virtual base::Task<absl::StatusOr<BlobPieces>> Next() = 0;
};

inline constexpr std::uint64_t kBlobSizeMax = std::uint64_t{8} << 30;

// Thread safety: all methods may run concurrently.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // A new id, also for small blobs that come with a batch.
  virtual BlobId NewBlobId() = 0;

  // Begins a blob. `size` says how large it will be, where that is known, so
  // that it finds its place; another size is no error.
  virtual base::Task<absl::StatusOr<std::unique_ptr<BlobWriter>>> Create(
      Partition partition, std::optional<std::uint64_t> size) = 0;

  // Fills `into` with the bytes from `offset` of a blob that a record named
  // when it was read: small or not, wherever it lies. What it gives is
  // verified. A blob that was replaced or deleted since may be gone.
  //
  // Errors: kInvalidRange outside of the blob; kUnrecoverable, kUnavailable;
  //         absl::StatusCode::kNotFound, without ErrorCode, when it is gone.
  virtual base::Task<absl::Status> Read(Partition partition, BlobRef blob,
                                        std::uint64_t offset,
                                        base::MutableBytes into) = 0;

  // Begins to read `size` bytes from `offset` of such a blob when the first
  // ones are asked for.
  virtual std::unique_ptr<BlobStream> Stream(Partition partition, BlobRef blob,
                                             std::uint64_t offset,
                                             std::uint64_t size) = 0;
};

}  // namespace cairn::storage

#endif  // CAIRN_LIB_STORAGE_BLOB_STORE_H_
