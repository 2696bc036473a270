// Reading one stripe of a large blob.

#ifndef CAIRN_LIB_SET_BLOB_STRIPE_READ_H_
#define CAIRN_LIB_SET_BLOB_STRIPE_READ_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/task.h"
#include "set/blob_shards.h"

namespace cairn::set {

// Frames of one shard that somebody wants.
struct StripePart {
  int position = 0;
  FrameRange frames;
};

// The bytes of some parts, and what they lie in.
struct StripeBytes {
  std::vector<base::Bytes> parts;  // whole frames, verified
  std::vector<std::shared_ptr<const FrameRead>> reads;
  std::vector<base::AlignedBuffer> decoded;
};

// Reads parts of one stripe: from their own drives, and what is missing, wrong
// or late there from as many others as it takes to decode it.
//
// Thread safety: the strand.
class BlobStripeRead {
 public:
  BlobStripeRead(std::shared_ptr<BlobShards> shards,
                 std::vector<StripePart> parts);

  // Errors: kUnrecoverable when too many shards are damaged or missing;
  //         kUnavailable when more drives could tell; NotFound, without
  //         ErrorCode, when no drive that sealed the blob has it.
  base::Task<absl::StatusOr<StripeBytes>> Run();

 private:
  enum class Outlook { kReady, kWaits, kLost };
  using ReadPtr = std::shared_ptr<FrameRead>;

  // Asks whom the part needs now, and says how it stands.
  Outlook Advance(const StripePart& part);
  bool AskNext(const StripePart& part);
  ReadPtr Find(int position, const FrameRange& frames) const;
  ReadPtr FindValid(int position, std::uint64_t frame) const;
  ReadPtr FindWhole(const StripePart& part) const;
  ReadPtr Ask(int position, const FrameRange& frames);

  // How many drives give a frame; with those that may still do so in time.
  struct Count {
    int valid = 0;
    int hoped = 0;
  };
  Count CountOf(std::uint64_t frame) const;
  // The least over the frames of a part that its own drive does not give.
  std::optional<Count> LeastOf(const StripePart& part) const;

  bool IsOverdue(const FrameRead& read) const;
  bool AnyPending(const FrameRange& frames) const;
  std::optional<absl::Time> NextDeadline() const;
  absl::Status LossOf(const StripePart& part) const;
  absl::Status Late() const;
  absl::StatusOr<StripeBytes> Finish() const;
  absl::StatusOr<base::AlignedBuffer> Decode(const StripePart& part) const;
  std::size_t SizeOf(const FrameRange& frames) const;
  absl::Status DecodeFrame(const StripePart& part, std::uint64_t frame,
                           base::MutableBytes into) const;

  std::shared_ptr<BlobShards> shards_;
  int data_shards_;
  std::vector<StripePart> parts_;
  std::vector<ReadPtr> reads_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_STRIPE_READ_H_
