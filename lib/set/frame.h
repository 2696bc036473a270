// A frame as a set knows it, and as one drive stores it.

#ifndef CAIRN_LIB_SET_FRAME_H_
#define CAIRN_LIB_SET_FRAME_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "erasure/codec.h"
#include "format/drive_identity.h"
#include "format/frame_header.h"
#include "format/stripe.h"
#include "set/ring.h"

namespace cairn::set {

// A small blob, coded: the shard record (checksum and shard) of each position,
// one after the other. A record may be missing where nobody needs it.
struct EncodedStripe {
  format::Stripe stripe;
  std::vector<std::vector<std::byte>> records;
};

using StripePtr = std::shared_ptr<const EncodedStripe>;

// Codes `bytes`, on the caller's thread.
StripePtr EncodeStripe(const erasure::Codec& codec, const format::BlobId& blob,
                       base::Bytes bytes);

// Makes the shard record of `position` out of the valid ones in `stripe`.
// Where fewer than `data` are valid the record says so by a checksum that
// never holds: the frame is complete, and exactly that shard is lost.
std::vector<std::byte> RebuildRecord(const erasure::Codec& codec,
                                     const EncodedStripe& stripe, int position);

// True when `record` holds the shard of `position` of `stripe`.
bool IsValidRecord(const format::Stripe& stripe, int position,
                   base::Bytes record);

// True when every position's record is valid.
bool IsWhole(const EncodedStripe& stripe);

// A frame, without what differs between drives.
struct Frame {
  format::FrameHeader header;  // `position` and `drive` are empty
  std::vector<std::byte> metadata;
  std::vector<StripePtr> stripes;

  // Sets the sizes and checksums of `header` from the rest.
  void Seal(int data_shards);

  base::Uuid hash() const { return format::CommonHash(header); }
  std::uint64_t end() const { return header.offset + header.frame_size; }
};

// The bytes of `frame` on one drive, stamped; the same each time.
base::AlignedBuffer Render(const Frame& frame,
                           const format::DriveIdentity& drive, int position);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_FRAME_H_
