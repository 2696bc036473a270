// Writes a large blob: a shard file on each drive of the set.

#ifndef CAIRN_LIB_SET_BLOB_WRITER_H_
#define CAIRN_LIB_SET_BLOB_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "format/blob_file.h"
#include "set/blob_context.h"
#include "set/blob_stripe.h"
#include "set/blob_upload.h"
#include "set/open_packs.h"

namespace cairn::set {

// Ids of blobs, and room for those of one stripe.
struct BlobPlaces {
  format::BlobId id;           // for a blob with files of its own
  OpenPacks* packs = nullptr;  // null: every blob has; outlives the writer
};

// As storage::BlobWriter promises. A blob of less than a stripe is a slice of
// an open pack, a larger one has files of its own. Append() copies, codes and
// checksums where its task runs, and goes to the strand at the end of a stripe:
// give bytes in pieces of at most stripe_size(), each as a task that begins off
// the strand, and no stripe is coded on the strand.
//
// A slow drive costs one straggler's deadline, then it is left behind.
//
// Thread safety: one call at a time. May be destroyed on any thread.
// Limits:        two stripes with their parity, and as much again for each
//                drive that hangs; 8 bytes for each frame of each file.
class BlobFileWriter {
 public:
  // `unit` is the largest write to a drive; 0 stands for BlobUnitFor().
  BlobFileWriter(BlobContext context, BlobPlaces places,
                 std::uint32_t unit = 0);
  BlobFileWriter(const BlobFileWriter&) = delete;
  BlobFileWriter& operator=(const BlobFileWriter&) = delete;
  ~BlobFileWriter();

  // Errors: kInvalidArgument over format::kBlobFileBytesMax; kQuorumLost,
  //         kDriveFull. The blob cannot be sealed any more.
  base::Task<absl::Status> Append(base::Bytes bytes);

  // Makes it durable. `sealed` of the result says on which drives: at least a
  // write quorum.
  //
  // Errors: as Append(); kInvalidArgument of an empty blob.
  base::Task<absl::StatusOr<format::BlobPlace>> Seal();

  // Known when Seal() has begun.
  const format::BlobId& id() const { return name_.id; }
  std::uint64_t size() const { return size_; }
  std::size_t stripe_size() const { return stripe_size_; }

 private:
  // Decides that the blob has files of its own.
  void TakeFiles();
  // Decides that it is a slice.
  base::Task<> TakeSlice();
  void Begin(std::string name, ShardMaker make);
  // Gives the stripe to the drives; on the strand.
  void Submit();
  format::BlobShape shape() const;
  void CodeLast();
  format::BlobManifest MakeManifest();

  // What a failed call leaves behind.
  absl::Status Spoil(absl::Status status);

  BlobContext context_;
  erasure::Geometry geometry_;
  OpenPacks* packs_;
  format::BlobName name_;
  std::uint32_t unit_;
  std::size_t stripe_size_;
  std::optional<BlobCoder> coder_;      // from when the id is decided on
  std::shared_ptr<BlobUpload> upload_;  // from then on
  bool is_created_ = false;
  std::shared_ptr<BlobStripe> stripe_;  // being filled
  std::size_t filled_ = 0;              // of it
  std::uint64_t size_ = 0;
  absl::Status status_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_WRITER_H_
