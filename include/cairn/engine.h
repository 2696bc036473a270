// The engine: buckets and their objects on a fixed set of drives.

#ifndef CAIRN_ENGINE_H_
#define CAIRN_ENGINE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cairn/bucket.h"
#include "cairn/export.h"
#include "cairn/health.h"
#include "cairn/list.h"
#include "cairn/object.h"
#include "cairn/options.h"
#include "cairn/reader.h"
#include "cairn/source.h"
#include "cairn/status.h"

namespace cairn {

// An Engine owns its drives and every object on them.
//
// Thread safety: all methods may run concurrently from any thread. They block.
// Ownership:     readers borrow the Engine; destroy them first. Destroying the
//                Engine closes it, when no call is running. It waits for what
//                is on its way to a drive, a minute at most: what a drive that
//                hangs works with then stays in memory, and all drives locked,
//                until the process ends.
// Processes:     one process at a time; Open() takes a lock on every drive.
// Consistency:   linearizable for each key; a page of a listing shows every put
//                and delete that had returned before the page was asked for.
// Failure:       a drive that fails a write or a sync is fenced until the next
//                opening. The Engine serves while quorum holds.
// Errors:        beside those named below every call may return kUnavailable,
//                kUndecided, kUnrecoverable, kCorrupt, kNewerFormat and kBusy;
//                one that writes also kReadOnly, kQuorumLost, kDriveFull and
//                kOutcomeUnknown.
// On error:      nothing has changed, now or after a crash. The one exception
//                is kOutcomeUnknown: read back to learn what happened.
class CAIRN_EXPORT Engine {
 public:
  // Opens the store on `options.drives`, formatting drives that are empty. A
  // formatting that was interrupted is begun again or finished by the next
  // Open() of the same drives.
  //
  // On error: nothing has changed, except that a directory that had none has
  //           got an empty file "lock", and drives that have taken the places
  //           of missing ones before the error keep them.
  // Errors: kInvalidArgument, kInvalidGeometry, kQuorumLost, kForeignDrive,
  //         kWrongDeployment, kDuplicateDrive, kDriveInUse, kNewerFormat,
  //         kDriveFailed, kUnrecoverable.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(
      const EngineOptions& options);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // Errors: kInvalidBucketName, kBucketAlreadyExists.
  virtual absl::Status CreateBucket(std::string_view bucket) = 0;

  // Errors: kNoSuchBucket.
  virtual absl::StatusOr<BucketInfo> HeadBucket(std::string_view bucket) = 0;

  // Deletes a bucket that holds no object.
  //
  // Errors: kNoSuchBucket, kBucketNotEmpty.
  virtual absl::Status DeleteBucket(std::string_view bucket) = 0;

  // Errors: kInvalidArgument (the size of a page).
  virtual absl::StatusOr<BucketPage> ListBuckets(
      const ListBucketsOptions& options) = 0;

  // Stores `body` under `ref`, in place of what was there.
  //
  // Atomicity:  a reader sees what was there or all of the new object.
  // Durability: on OK, a write quorum of drives has synced the new object.
  // Errors:     kNoSuchBucket, kInvalidKey, kInvalidArgument (headers or
  //             metadata), kMetadataTooLarge, kObjectTooLarge, kBatchTooLarge
  //             (over an object of terabytes, where logs have about the least
  //             size), kInternal (an MD5 that OpenSSL refuses); with a
  //             condition kPreconditionFailed and kNoSuchKey.
  virtual absl::StatusOr<PutResult> Put(ObjectRef ref,
                                        std::span<const std::byte> body,
                                        const PutOptions& options) = 0;

  // The same of a stream: it is read to its end, holding a bounded part of it
  // in memory, then stored.
  //
  // Errors: as Put() above; kInvalidArgument also when `body` says that it gave
  //         more than it was asked for; and whatever `body` returns.
  virtual absl::StatusOr<PutResult> Put(ObjectRef ref, ObjectSource& body,
                                        const PutOptions& options) = 0;

  // Opens an object for reading.
  //
  // Errors: kNoSuchBucket, kNoSuchKey, kInvalidKey, kInvalidRange,
  //         kPreconditionFailed, kNotModified.
  virtual absl::StatusOr<std::unique_ptr<ObjectReader>> Get(
      ObjectRef ref, const GetOptions& options) = 0;

  // What is known of an object, without its bytes.
  //
  // Errors: as Get(), without kInvalidRange.
  virtual absl::StatusOr<ObjectInfo> Head(ObjectRef ref,
                                          const HeadOptions& options) = 0;

  // Deletes an object. OK where there is none, unless a condition wants one.
  //
  // Errors: kNoSuchBucket, kInvalidKey; with a condition kPreconditionFailed
  //         and kNoSuchKey.
  virtual absl::Status Delete(ObjectRef ref, const DeleteOptions& options) = 0;

  // Lists the objects of a bucket.
  //
  // Errors: kNoSuchBucket, kInvalidArgument (the size of the page),
  //         kInvalidContinuation.
  virtual absl::StatusOr<ListPage> List(std::string_view bucket,
                                        const ListOptions& options) = 0;

  // What is known of the engine and its drives now.
  virtual absl::StatusOr<EngineInfo> Info() = 0;

  // Looks on every drive that serves for the files that it should have, and
  // gives it those that it lacks, made from what the others hold. Files that
  // are there are not read; damage in them is found when they are. So is the
  // loss of a large object of which no drive that serves has a file: what there
  // should be is told by what the others have. Blocks until all was looked for
  // once; other calls go on meanwhile.
  //
  // After drives were replaced the engine does the same on its own: call it to
  // wait for that, or to learn how it ended.
  //
  // On error: what was healed stays healed.
  // Errors:   kReadOnly.
  virtual absl::StatusOr<HealReport> Heal(const HealOptions& options) = 0;

 protected:
  Engine() = default;
};

}  // namespace cairn

#endif  // CAIRN_ENGINE_H_
