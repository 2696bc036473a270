// Puts the bytes of an object where they belong by their number, before the
// commit that makes them visible.

#ifndef CAIRN_LIB_OBJECT_BODY_WRITER_H_
#define CAIRN_LIB_OBJECT_BODY_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "cairn/object.h"
#include "digest/md5.h"
#include "format/object_record.h"
#include "object/environment.h"
#include "storage/blob.h"

namespace cairn::object {

// The bytes of an object, ready for the commit: `in_memory` as long as they are
// at most storage::kSmallBlobSizeMax, else `blobs`.
struct Body {
  std::uint64_t size = 0;
  std::optional<format::ETag> md5;  // where the ETag is to be it
  base::Bytes in_memory;            // borrowed
  std::vector<storage::BlobRef> blobs;
};

// Takes the bytes of one object as they come. Destroyed early it leaves nothing
// that anybody can see.
//
// Thread safety: one call at a time.
// Limits:        holds at most storage::kSmallBlobSizeMax bytes itself.
class BodyWriter {
 public:
  // `size`, where it is known, is what will be appended in all.
  BodyWriter(const Environment& environment, std::optional<std::uint64_t> size,
             ETagKind etag);

  // Borrows `bytes` until the task has ended.
  //
  // On error: nothing can be appended any more, nor finished.
  // Errors:   kObjectTooLarge, and those of storage::BlobWriter.
  base::Task<absl::Status> Append(base::Bytes bytes);

  // What was appended. The result borrows from this writer. Once.
  base::Task<absl::StatusOr<Body>> Finish();

 private:
  base::Task<absl::Status> AppendAll(base::Bytes bytes);
  base::Task<absl::Status> AppendToBlobs(base::Bytes bytes);
  base::Task<absl::Status> BeginBlob();
  base::Task<absl::Status> SealBlob();

  const Environment& environment_;
  std::optional<std::uint64_t> size_expected_;
  std::optional<digest::Md5> md5_;
  std::uint64_t size_ = 0;
  std::vector<std::byte> buffer_;  // all of it, until it is too much
  std::unique_ptr<storage::BlobWriter> blob_;
  std::uint64_t blob_size_ = 0;  // of the blob that is being written
  std::vector<storage::BlobRef> blobs_;
  absl::Status failed_;
};

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_BODY_WRITER_H_
