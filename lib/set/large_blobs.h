// The large blobs of a set: writing and reading them, and what is noticed of
// its drives on the way.

#ifndef CAIRN_LIB_SET_LARGE_BLOBS_H_
#define CAIRN_LIB_SET_LARGE_BLOBS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/executor.h"
#include "base/task.h"
#include "base/uuid.h"
#include "erasure/codec.h"
#include "format/blob_file.h"
#include "format/frame_header.h"
#include "format/open_pack.h"
#include "set/blob_context.h"
#include "set/blob_entry.h"
#include "set/blob_reader.h"
#include "set/blob_writer.h"
#include "set/committer.h"
#include "set/entries.h"
#include "set/open_packs.h"
#include "set/replicas.h"
#include "set/set_drives.h"
#include "set/space_watch.h"
#include "set/stripe_pool.h"

namespace cairn::set {

// Borrowed, and outlives it and its writers.
struct LargeBlobsContext {
  base::Executor& executor;
  base::TaskScope& requests;
  const erasure::Codec& codec;
  base::Uuid deployment;
  std::uint32_t set = 0;
  const SetDrives& drives;
  Replicas& replicas;
  const Committer& committer;
  Entries& entries;
  SpaceWatch& space;
  std::uint32_t random = 0;  // of the ids of new blobs
  std::uint32_t unit = 0;    // of new blobs; 0 stands for BlobUnitFor()
  std::uint64_t open_pack_size = format::kOpenPackSizeMax;
  // Told, on the strand, of a shard that is damaged or missing.
  std::function<void(const format::BlobId&, int position)> on_damage;
};

class LargeBlobs;

using OpenBlobPtr = std::shared_ptr<OpenBlob>;

// Reads a range of a large blob from front to back. Opens the blob when the
// first bytes are asked for.
//
// Thread safety: one call at a time, each beginning on any thread; it may be
//                destroyed on any thread.
// Lifetime:      the LargeBlobs outlive it.
// Limits:        those of StripeStream.
class LargeBlobStream {
 public:
  LargeBlobStream(LargeBlobs& blobs, format::BlobId id, BlobRange range)
      : blobs_(blobs), id_(id), range_(range) {}

  // The next bytes; none at the end.
  //
  // Errors: NotFound, without ErrorCode, when the blob is gone; those of
  //         OpenBlob. It gives nothing more then, where LargeBlobs::Read() may:
  //         that looks again at where the blob lies.
  base::Task<absl::StatusOr<BlobPieces>> Next();

 private:
  base::Task<absl::Status> Open();

  LargeBlobs& blobs_;
  const format::BlobId id_;
  const BlobRange range_;
  OpenBlobPtr blob_;
  std::optional<StripeStream> stream_;
};

// Thread safety: all methods on the strand, except Create(), Stream() and that
//                the tasks may begin anywhere.
class LargeBlobs {
 public:
  // Blobs that are kept open: their files, and their verified footers.
  static constexpr std::size_t kOpenMax = 32;

  explicit LargeBlobs(LargeBlobsContext context);
  LargeBlobs(const LargeBlobs&) = delete;
  LargeBlobs& operator=(const LargeBlobs&) = delete;

  // Begins a blob. It goes to the drives that are in service when its first
  // stripe is written.
  std::unique_ptr<BlobFileWriter> Create(const NewBlob& blob) const {
    return std::make_unique<BlobFileWriter>(writer_context_, blob);
  }

  // Fills `into` from `offset` of the blob.
  //
  // Errors: NotFound, without ErrorCode, when it is gone; those of OpenBlob.
  base::Task<absl::Status> Read(format::BlobId id, std::uint64_t offset,
                                base::MutableBytes into);

  // Begins to read a range of the blob from front to back. See LargeBlobStream.
  std::unique_ptr<LargeBlobStream> Stream(format::BlobId id, BlobRange range) {
    return std::make_unique<LargeBlobStream>(*this, id, range);
  }

  // What is known of a blob; nullopt when nobody names it any more.
  base::Task<absl::StatusOr<std::optional<BlobEntry>>> Find(format::BlobId id);

  // Keeps the blob open no longer than its readers do.
  void Forget(const format::BlobId& id);

  void ForgetAll();

  OpenPacks& open_packs() { return open_packs_; }

  // What reading a blob works with now.
  BlobContext ReadingContext(const format::BlobId& id);

  // What healing the shard of `position` works with. Damage of other shards
  // that it finds is not reported: it would be found again with each attempt.
  BlobContext HealingContext(int position);

  // Whether the drive of a position takes files.
  bool IsServing(int position) const {
    return context_.replicas.service(position) == Service::kCurrent;
  }

 private:
  friend class LargeBlobStream;

  BlobContext MakeContext() const;
  BlobContext WritingContext();
  bool IsSuspect(int position) const;
  void OnWriteReport(int position, const absl::Status& status);
  void OnReadReport(const format::BlobId& id, int position,
                    const absl::Status& status);
  base::Task<absl::StatusOr<OpenBlobPtr>> Open(format::BlobId id);
  base::Task<absl::Status> ReadOnce(format::BlobId id, std::uint64_t offset,
                                    base::MutableBytes into);
  void Remember(const format::BlobId& id, OpenBlobPtr blob);

  LargeBlobsContext context_;
  const StripePool rooms_;
  OpenPacks open_packs_;
  const BlobWriterContext writer_context_;
  const std::shared_ptr<HedgeDelay> hedge_delay_ =
      std::make_shared<HedgeDelay>();
  const std::shared_ptr<NamingCalls> naming_calls_ =
      std::make_shared<NamingCalls>();
  // A drive that was late is suspect for a while.
  std::array<absl::Time, format::kDrivesMax> suspect_until_{};
  std::map<format::BlobId, OpenBlobPtr> open_;
  std::deque<format::BlobId> order_;  // in which they were opened
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LARGE_BLOBS_H_
