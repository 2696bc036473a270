// Writes a large blob: a shard file on each drive of the set.

#ifndef CAIRN_LIB_SET_BLOB_WRITER_H_
#define CAIRN_LIB_SET_BLOB_WRITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/executor.h"
#include "base/task.h"
#include "base/uuid.h"
#include "erasure/codec.h"
#include "format/blob_file.h"
#include "set/blob_context.h"
#include "set/blob_stripe.h"
#include "set/blob_upload.h"
#include "set/open_packs.h"
#include "set/stripe_pool.h"

namespace cairn::set {

// What the writers of a set have in common. What it refers to outlives them.
struct BlobWriterContext {
  const erasure::Codec& codec;
  base::Executor& executor;
  base::Uuid deployment;
  std::uint32_t set = 0;
  const StripePool& rooms;
  OpenPacks* packs = nullptr;  // null: every blob has files of its own
  // What a blob is written with: asked for on the strand, as it begins.
  std::function<absl::StatusOr<BlobContext>()> begin;
  // Whether there is room for so many bytes more of a blob. Errors: kDriveFull.
  std::function<absl::Status(std::uint64_t size)> check_room =
      [](std::uint64_t) { return absl::OkStatus(); };
};

struct NewBlob {
  format::BlobId id;  // if it has files of its own
  // That it will have, as far as is known.
  std::optional<std::uint64_t> size_expected;
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
  BlobFileWriter(const BlobWriterContext& context, const NewBlob& blob);
  BlobFileWriter(const BlobFileWriter&) = delete;
  BlobFileWriter& operator=(const BlobFileWriter&) = delete;
  ~BlobFileWriter();

  // Errors: kInvalidArgument over format::kBlobFileBytesMax; kReadOnly,
  //         kQuorumLost, kDriveFull. The blob cannot be sealed any more.
  base::Task<absl::Status> Append(base::Bytes bytes);

  // Makes it durable. `sealed` of the result says on which drives: at least a
  // write quorum.
  //
  // Errors: as Append(); kInvalidArgument of an empty blob.
  base::Task<absl::StatusOr<format::BlobPlace>> Seal();

  // Known when Seal() has begun.
  const format::BlobId& id() const { return name_.id; }
  std::uint64_t size() const { return size_; }
  std::size_t stripe_size() const { return context_.rooms.stripe_size(); }

 private:
  // Decides where the blob goes: to files of its own, or to a slice.
  void TakeFiles();
  base::Task<> TakeSlice();

  // Makes the stripe large enough to be filled so far.
  void Reserve(std::size_t size);
  // Gives the stripe to the drives, and waits for room; on the strand.
  base::Task<absl::Status> Submit();
  absl::Status BeginUpload();
  absl::StatusOr<std::shared_ptr<BlobUpload>> MakeUpload();
  ShardMaker MakerOfFiles() const;
  // Of a blob of `size` bytes.
  format::BlobShape ShapeOf(std::uint64_t size) const;
  void CodeLast();
  format::BlobManifest MakeManifest();
  std::vector<base::AlignedBuffer> MakeFooters(
      const format::BlobManifest& manifest);

  // What a failed call leaves behind.
  absl::Status Spoil(absl::Status status);

  const BlobWriterContext& context_;
  format::BlobName name_;
  std::optional<std::uint64_t> size_expected_;
  std::optional<BlobCoder> coder_;        // from when the id is decided on
  std::optional<OpenPacks::Room> slice_;  // that it has, if any
  std::shared_ptr<BlobUpload> upload_;    // from the first stripe on
  std::shared_ptr<BlobStripe> stripe_;    // being filled
  std::size_t filled_ = 0;                // of it
  std::uint64_t size_ = 0;
  absl::Status status_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_WRITER_H_
