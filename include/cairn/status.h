// Errors returned by Cairn.
//
// Every fallible call returns absl::Status or absl::StatusOr<T>; Cairn throws
// nothing. The two halves of an error answer two different questions:
//
//   status.code()    what to do: fix the call (kInvalidArgument, kNotFound),
//                    re-read and decide (kAborted), retry as is
//                    (kUnavailable), change the state first
//                    (kFailedPrecondition), free space (kResourceExhausted),
//                    repair the drives (kDataLoss), report a bug (kInternal).
//   CodeOf(status)   what happened, in object-storage terms. A gateway maps it
//                    one to one onto its wire protocol.
//
// Messages are for people. Never parse them.

#ifndef CAIRN_STATUS_H_
#define CAIRN_STATUS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

#include "cairn/export.h"

namespace cairn {

// Values are part of the C ABI: append, never renumber, never reuse. The
// hundreds digit is the class.
enum class ErrorCode : std::int32_t {
  kOk = 0,
  // The request is wrong and stays wrong.               -> kInvalidArgument
  kInvalidArgument = 100,
  kInvalidKey = 101,
  kInvalidBucketName = 102,
  kInvalidGeometry = 103,
  kInvalidRange = 104,
  kInvalidContinuation = 105,
  kMetadataTooLarge = 106,
  kBatchTooLarge = 107,
  kObjectTooLarge = 108,
  // The named thing is absent.                          -> kNotFound
  kNoSuchBucket = 201,
  kNoSuchKey = 202,
  // A condition or the state of the store refused.      -> kFailedPrecondition
  kPreconditionFailed = 301,
  kBucketNotEmpty = 302,
  kBucketAlreadyExists = 303,
  kWrongDeployment = 304,
  kDuplicateDrive = 305,
  kDriveInUse = 306,
  kNewerFormat = 307,
  kForeignDrive = 308,
  kReadOnly = 309,
  kNotModified = 310,
  // Fewer healthy drives than needed, for now.          -> kUnavailable
  kUnavailable = 400,
  kQuorumLost = 401,
  kUndecided = 402,
  kBusy = 403,
  kDriveFailed = 404,
  // More shards are damaged or missing than parity.     -> kDataLoss
  kUnrecoverable = 501,
  kCorrupt = 502,
  // The result is hidden: read back, then decide.       -> kAborted
  kOutcomeUnknown = 601,
  kConflict = 602,
  // No room.                                            -> kResourceExhausted
  kDriveFull = 701,
  // A bug of Cairn's own.                               -> kInternal
  kInternal = 801,
};

// Returns the code carried by `status`, kOk for an OK status. Never fails: a
// status that was not made by Cairn yields the first code of its class above,
// kInternal for a class that is not listed.
CAIRN_EXPORT ErrorCode CodeOf(const absl::Status& status);

// Returns the stable name of `code`, such as "NoSuchKey"; "Unknown" for a
// value that is not listed. Static storage.
CAIRN_EXPORT std::string_view NameOf(ErrorCode code);

}  // namespace cairn

#endif  // CAIRN_STATUS_H_
