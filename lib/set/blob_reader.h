// Reads large blobs.

#ifndef CAIRN_LIB_SET_BLOB_READER_H_
#define CAIRN_LIB_SET_BLOB_READER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "format/blob_file.h"
#include "set/blob_context.h"
#include "set/blob_shards.h"
#include "set/blob_stripe_read.h"
#include "storage/blob_store.h"

namespace cairn::set {

// A sealed blob, as a record names it.
struct StoredBlob {
  format::BlobId id;
  std::uint64_t size = 0;
  format::BlobPlace place;
};

// Whether it can be a blob of such a set.
//
// Errors: kCorrupt.
absl::Status CheckShape(const BlobContext& context, const StoredBlob& blob);

using storage::BlobPieces;

struct BlobRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class StripeStream;

// A blob being read: keeps files open and footers verified. Everything that it
// gives is verified. A range costs the frames that it lies in: from their own
// drives or, where those are missing, wrong or late, decoded from others.
//
// Errors of a read: kInvalidRange outside of the blob; kUnrecoverable when too
//     many shards of exactly those frames are damaged or missing; kUnavailable
//     when more drives could tell, or too few answer in time; NotFound, without
//     ErrorCode, when no drive has the blob.
// Thread safety: reads may run at the same time, and begin on any thread; it
//                may be destroyed on any thread, after them.
// Limits:        a read holds a stripe and kStripesAhead more, with parity
// where
//                it must decode. A drive that hangs keeps what was asked of it.
class OpenBlob {
 public:
  OpenBlob(BlobContext context, const StoredBlob& blob);
  OpenBlob(const OpenBlob&) = delete;
  OpenBlob& operator=(const OpenBlob&) = delete;
  ~OpenBlob();

  // Fills `into` from `offset`.
  base::Task<absl::Status> Read(std::uint64_t offset, base::MutableBytes into);

 private:
  friend class StripeStream;

  absl::Status CheckRange(std::uint64_t offset, std::uint64_t size) const;

  base::Executor& executor_;
  absl::Status status_;  // whether the record makes sense
  std::shared_ptr<BlobShards> shards_;
};

// Reads a range from front to back without a copy. While the caller has a
// stripe the next ones are on their way; one that has come costs it no wait for
// the strand.
//
// Thread safety: one call at a time, each beginning on any thread; it may be
//                destroyed on any thread.
// Lifetime:      the OpenBlob outlives it; what it gave outlives both.
// Limits:        the stripe that is wanted, and kStripesAhead behind it as far
//                as the StripePool gives leave. More made one stream slower:
//                the figures are in lib/README.md.
class StripeStream {
 public:
  StripeStream(OpenBlob& blob, BlobRange range);
  StripeStream(const StripeStream&) = delete;
  StripeStream& operator=(const StripeStream&) = delete;
  ~StripeStream() { pump_->is_given_up = true; }

  // The next bytes, at most a stripe; none at the end.
  base::Task<absl::StatusOr<BlobPieces>> Next();

 private:
  static constexpr std::size_t kStripesAhead = 4;
  static constexpr int kRunningMax = 3;

  // Of a part's bytes, those that are wanted.
  struct Cut {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  // A stripe on its way in; shared with what reads it.
  struct Ahead {
    std::vector<StripePart> parts;
    std::vector<Cut> cuts;  // of each part
    std::shared_ptr<const void> leave;
    absl::StatusOr<StripeBytes> result;
    std::atomic<bool> has_ended = false;
  };
  using AheadPtr = std::shared_ptr<Ahead>;
  // Reads stripes in their order, few at a time; shared with what reads them,
  // and of the strand. What is asked for together a device gives together, and
  // all at its end: with more on their way a stream waited for all of them, and
  // then the device for the stream.
  struct Pump {
    std::shared_ptr<BlobShards> shards;
    std::deque<AheadPtr> waiting;
    int running = 0;
    std::atomic<bool> is_given_up = false;  // nobody wants what waits
  };
  using PumpPtr = std::shared_ptr<Pump>;

  static void StartMore(const PumpPtr& pump);
  static base::Task<> RunAhead(PumpPtr pump, AheadPtr ahead);
  static BlobPieces PiecesOf(Ahead& ahead);
  AheadPtr Begin(std::shared_ptr<const void> leave);
  AheadPtr TakeNext();
  void ReadAhead();
  AheadPtr TakeStripe();

  OpenBlob& blob_;
  BlobRange range_;  // what nobody reads yet
  bool is_checked_ = false;
  absl::Status status_;
  std::deque<AheadPtr> aheads_;
  const PumpPtr pump_;
};

// Reads once.
base::Task<absl::Status> ReadBlob(BlobContext context, StoredBlob blob,
                                  std::uint64_t offset,
                                  base::MutableBytes into);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_READER_H_
