// Buckets and objects on the two interfaces of storage/: what cairn::Engine
// does, as tasks.

#ifndef CAIRN_LIB_OBJECT_STORE_H_
#define CAIRN_LIB_OBJECT_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "cairn/bucket.h"
#include "cairn/list.h"
#include "cairn/object.h"
#include "format/bucket_record.h"
#include "format/object_record.h"
#include "object/body_writer.h"
#include "object/bucket_cache.h"
#include "object/commit.h"
#include "object/condition.h"
#include "object/environment.h"
#include "object/index_key.h"
#include "object/reader.h"
#include "storage/meta_store.h"

namespace cairn::object {

class Writer;

// The contracts and errors of the methods are those of cairn::Engine, plus what
// the two interfaces return.
//
// Thread safety: all methods may run concurrently, each chain of tasks on its
//                caller's thread or on the strand.
// Lifetime:      parameters are borrowed until the task has ended; readers and
//                writers borrow the store.
class Store {
 public:
  explicit Store(Environment environment) : environment_(environment) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  base::Task<absl::Status> CreateBucket(std::string_view name);
  base::Task<absl::StatusOr<BucketInfo>> HeadBucket(std::string_view name);
  base::Task<absl::Status> DeleteBucket(std::string_view name);
  base::Task<absl::StatusOr<BucketPage>> ListBuckets(
      const ListBucketsOptions& options);

  base::Task<absl::StatusOr<PutResult>> Put(ObjectRef ref, base::Bytes body,
                                            const PutOptions& options);

  // Begins to put a stream, of `size` bytes where that is known; another size
  // is no error. Checks what can be checked before it is read. Copies `ref` and
  // `options`.
  base::Task<absl::StatusOr<std::unique_ptr<Writer>>> BeginPut(
      ObjectRef ref, const PutOptions& options,
      std::optional<std::uint64_t> size = std::nullopt);

  base::Task<absl::StatusOr<std::unique_ptr<Reader>>> Get(
      ObjectRef ref, const GetOptions& options);
  base::Task<absl::StatusOr<ObjectInfo>> Head(ObjectRef ref,
                                              const HeadOptions& options);
  base::Task<absl::Status> Delete(ObjectRef ref, const DeleteOptions& options);
  base::Task<absl::StatusOr<ListPage>> List(std::string_view bucket,
                                            const ListOptions& options);

 private:
  friend class Writer;

  // What a key leads to.
  struct Found {
    Bucket bucket;
    std::string index_key;
    std::optional<storage::Record> record;
  };

  // What a change of a key begins with.
  struct Current {
    Found found;
    std::optional<format::ObjectRecord> object;
    std::vector<storage::Record> parts;
  };

  struct FoundBucket {
    Bucket bucket;
    format::BucketRecord record;
  };

  struct BucketUsage {
    FoundBucket found;
    std::uint64_t object_count = 0;
    std::uint64_t object_bytes = 0;
  };

  // Buckets. All read the record, and return kNoSuchBucket.
  base::Task<absl::StatusOr<FoundBucket>> FindBucket(std::string_view name);
  base::Task<absl::StatusOr<Bucket>> FindBucketId(std::string_view name);
  base::Task<absl::StatusOr<BucketUsage>> FindUsage(std::string_view name);
  absl::StatusOr<FoundBucket> Remember(
      std::string_view name, const std::optional<storage::Record>& record);

  // What is under the key of an object that is read. A bucket that the cache
  // knows costs no look-up.
  base::Task<absl::StatusOr<Found>> FindObject(ObjectRef ref,
                                               bool expects_blob);
  // The same, with a bucket that stood at the same moment.
  base::Task<absl::StatusOr<Found>> FindWithBucket(ObjectRef ref);
  base::Task<absl::StatusOr<std::optional<storage::Record>>> ReadRecord(
      std::string key, bool expects_blob = false);

  // Puts and deletes.
  base::Task<absl::StatusOr<Current>> FindCurrent(ObjectRef ref);
  base::Task<absl::Status> CheckPut(ObjectRef ref, const PutOptions& options);
  base::Task<absl::StatusOr<PutResult>> CommitPut(ObjectRef ref,
                                                  const PutOptions& options,
                                                  Body body);
  storage::Batch BeginBatch(const Current& current);
  void AddObject(storage::Batch& batch, const Current& current,
                 format::ObjectRecord object, const Body& body);

  // What Get() opens: the content of `found` from what its record says.
  // kAgain: what it says is out of date.
  struct Opened {
    Outcome outcome = Outcome::kDone;
    Content content;
  };
  base::Task<absl::StatusOr<Opened>> OpenContent(
      const Found& found, const format::ObjectRecord& object, ByteSpan range);
  base::Task<absl::StatusOr<Opened>> OpenBlob(const Found& found,
                                              ByteSpan range);
  base::Task<absl::StatusOr<Opened>> OpenParts(
      const Found& found, const format::ObjectRecord& object);
  base::Task<absl::StatusOr<Outcome>> JudgeGone(const Found& found);

  // The records of parts that there are.
  base::Task<absl::StatusOr<std::vector<storage::Record>>> ReadParts(
      BucketId bucket, format::ObjectParts parts);

  Environment environment_;
  BucketCache bucket_cache_;
};

// Takes the bytes of an object of unknown size, then puts it. Destroyed before
// Commit() it leaves nothing that anybody can see.
//
// Thread safety: one call at a time.
// Limits:        holds storage::kSmallBlobSizeMax bytes, and what a
//                storage::BlobWriter holds.
class Writer {
 public:
  Writer(Store& store, ObjectRef ref, const PutOptions& options,
         std::optional<std::uint64_t> size);

  // Borrows `bytes` until the task has ended.
  //
  // On error: the put has failed.
  base::Task<absl::Status> Append(base::Bytes bytes);

  // Makes the object what is under its key. Once.
  //
  // Errors: as cairn::Engine::Put(); that of an Append() that failed.
  base::Task<absl::StatusOr<PutResult>> Commit();

 private:
  Store& store_;
  std::string bucket_;
  std::string key_;
  PutOptions options_;
  BodyWriter body_;
};

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_STORE_H_
