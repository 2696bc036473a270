// MetaStore: records that change by conditional atomic batches.
//
// With BlobStore this is the whole of what object/ stands on. It was drawn so
// that a set of local drives and a distributed store (an ordered map per
// object, as in RADOS) can both keep it: no transactions over partitions, no
// reverse scans, no snapshots over pages, no callbacks inside a commit.

#ifndef CAIRN_LIB_STORAGE_META_STORE_H_
#define CAIRN_LIB_STORAGE_META_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "base/uuid.h"

#include "storage/blob.h"

namespace cairn::storage {

// The unit of atomicity, of order and of placement.
using Partition = std::uint32_t;

// Unique to the commit that last wrote a record.
using WriteId = base::Uuid;

// What must hold when the batch is committed, else it is a conflict.
struct Guard {
  struct Absent {};
  struct Present {};
  struct Written {  // present, and last written by this commit
    WriteId by;
  };
  struct AtMost {  // `key` names a counter: its value after the batch's adds
    std::int64_t limit = 0;
  };

  std::string key;
  std::variant<Absent, Present, Written, AtMost> condition;
};

// Bytes of at most kSmallBlobSizeMax that become a blob with the batch.
struct SmallBlob {
  BlobId id;
  base::Bytes bytes;  // borrowed until the commit has completed
};

inline constexpr std::size_t kSmallBlobSizeMax = 64 << 10;

// Writes `value`, which is never empty, under `key`. The record names at most
// one blob: bytes that come with the batch, or one that was sealed before.
struct Put {
  std::string key;
  std::string value;
  std::variant<std::monostate, SmallBlob, BlobRef> blob;
};

struct Delete {
  std::string key;
};

// Adds `delta` to the counter `key`, which begins at 0.
struct Add {
  std::string key;
  std::int64_t delta = 0;
};

// All of it happens, or none.
struct Batch {
  WriteId write_id;  // of every record that it puts
  std::vector<Guard> guards;
  std::vector<Put> puts;
  std::vector<Delete> deletes;
  std::vector<Add> adds;
  // What the records that it replaces or deletes named, so that the store can
  // collect it when nobody reads it any more. Guards of the batch say that they
  // still name it; it may have moved, so that `place` is of the past.
  std::vector<BlobRef> frees;
};

struct Record {
  std::string key;
  std::string value;
  WriteId write_id;
  std::optional<BlobRef> blob;
};

inline constexpr std::size_t kScanLimitMax = 1000;

// Records with `prefix`, in the order of their keys' bytes, after `after`
// (exclusive; "" is the beginning), at most `limit` of them.
struct Scan {
  std::string prefix;
  std::string after;
  std::size_t limit = kScanLimitMax;
};

// One consistent view of what `keys` hold (nullopt where absent), of `counters`
// and of `scan`'s records; `more` says whether the scan stopped at its limit.
struct ReadRequest {
  std::vector<std::string> keys;
  std::vector<std::string> counters;
  std::optional<Scan> scan;
  // The blobs of `keys` are read next: bytes that are at hand are worth keeping
  // until then.
  bool expects_blobs = false;
};

struct ReadResult {
  std::vector<std::optional<Record>> records;  // one for each of `keys`
  std::vector<std::int64_t> counters;          // one for each of `counters`
  std::vector<Record> scanned;
  bool more = false;
};

// Thread safety: all methods may run concurrently.
class MetaStore {
 public:
  virtual ~MetaStore() = default;

  // Applies `batch` if its guards hold.
  //
  // Atomicity:  a read sees all of the batch or nothing of it.
  // Durability: on OK it survives what the store promises to survive.
  // On error:   nothing changed, now or after a crash, except kOutcomeUnknown:
  //             then a later read of a record's write id tells.
  // Errors:     kConflict (a guard did not hold), kBatchTooLarge, kQuorumLost,
  //             kDriveFull, kBusy, kOutcomeUnknown.
  virtual base::Task<absl::Status> Commit(Partition partition, Batch batch) = 0;

  // Errors: kUnavailable, kUndecided, kUnrecoverable.
  virtual base::Task<absl::StatusOr<ReadResult>> Read(Partition partition,
                                                      ReadRequest request) = 0;
};

}  // namespace cairn::storage

#endif  // CAIRN_LIB_STORAGE_META_STORE_H_
