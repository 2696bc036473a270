// Finding damage in a drive's shard of a large blob, and rebuilding it.

#ifndef CAIRN_LIB_SET_BLOB_HEAL_H_
#define CAIRN_LIB_SET_BLOB_HEAL_H_

#include <memory>

#include "absl/status/status.h"

#include "base/task.h"
#include "drive/drive.h"
#include "set/blob_context.h"
#include "set/blob_reader.h"

namespace cairn::set {

// Reads the whole shard file of `position`, parity or not, and verifies every
// byte of it. On the strand.
//
// Errors: kCorrupt, NotFound: it must be healed; kDriveFailed; kUnavailable
//         when the drive is late. They are reported too, except that a position
//         has no file where none was sealed. kUnavailable without a drive.
// Limits: one shard of a stripe.
base::Task<absl::Status> ScrubBlob(BlobContext context, StoredBlob blob,
                                   int position);

// Makes the shard of `to.position` out of those on the drives of `context`, bit
// by bit what it was when the blob was sealed, and puts it on `to.drive`:
//
//   a file    replaces what is there under its name, at once and only when the
//             new one is durable
//   a slice   is written over what is there of it, in a pack file that exists
//
// Where `context` has a drive at that position too, those
// frames of the old file that are right serve as well: two damaged files heal
// each other. On the strand.
//
// Precondition: nobody else fills the same file.
// On error: what was there is untouched, where it is a file; "<path>.new" may
//           remain. It is removed by the next attempt. A drive that was late
//           may still finish.
// Errors:   as a read, so NotFound says that no source has the blob;
//           kQuorumLost, kDriveFull, kDriveFailed, kUnavailable when `to` does
//           not take it, which is reported as well: so too while a late call of
//           an earlier attempt may still make, name or remove the new file;
//           kCorrupt when the sources disagree with what was sealed.
// Limits:   one shard of a stripe of each source, three of `to`.
base::Task<absl::Status> FillBlob(BlobContext context, StoredBlob blob,
                                  BlobDrive to);

// What became of a shard that was to be made: one of the two at most is an
// error.
struct ShardFill {
  absl::Status sources;  // they do not give it
  absl::Status target;   // the drive does not take it

  bool ok() const { return sources.ok() && target.ok(); }
  const absl::Status& status() const { return sources.ok() ? target : sources; }
};

// The same for the slice of a pack file that is being made: it is durable when
// whoever makes the file has synced it. Where the sources do not give it, what
// is there has no footer.
base::Task<ShardFill> FillSlice(BlobContext context, StoredBlob blob,
                                BlobDrive to,
                                std::shared_ptr<drive::File> pack_file);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_HEAL_H_
