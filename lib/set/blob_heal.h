// Rebuilding a drive's shard of a large blob.

#ifndef CAIRN_LIB_SET_BLOB_HEAL_H_
#define CAIRN_LIB_SET_BLOB_HEAL_H_

#include "absl/status/status.h"

#include "base/task.h"
#include "set/blob_context.h"
#include "set/blob_reader.h"

namespace cairn::set {

// Makes the shard file of `to.position` out of those on the other drives of
// `context` and puts it on `to.drive`, replacing what is there under its name,
// at once and only when the new file is durable and is bit by bit what it was
// when the blob was sealed. On the strand.
//
// On error: what was there is untouched; "<path>.new" may remain. It is removed
//           by the next attempt.
// Errors:   as a read; kQuorumLost, kDriveFull, kDriveFailed, kUnavailable when
//           `to` does not take it; kCorrupt when the sources disagree with what
//           was sealed.
// Limits:   two stripes of each source, three shards of `to`.
base::Task<absl::Status> FillBlob(BlobContext context, StoredBlob blob,
                                  BlobDrive to);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_HEAL_H_
