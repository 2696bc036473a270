// The header of a frame of the log. FORMAT.md, section 4.

#ifndef CAIRN_LIB_FORMAT_FRAME_HEADER_H_
#define CAIRN_LIB_FORMAT_FRAME_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"

#include "format/sector.h"

namespace cairn::format {

// A set has at most this many drives: 16 data and 4 parity.
inline constexpr std::size_t kDrivesMax = 20;

// Frames begin and end at multiples of this in the log file.
inline constexpr std::size_t kFrameAlignment = 4096;

// What a frame's metadata section holds.
enum class FrameKind : std::uint8_t {
  kCommit = 1,      // mutations of the index
  kOpening = 2,     // begins an epoch: the member table
  kCheckpoint = 3,  // runs and packs that replace the log up to a sequence
  kEmpty = 4,       // decides its predecessor
};

// The first sector's payload, little-endian:
//
//   offset  size  field
//        0     4  magic               "CFRM"
//        4     2  version             1
//        6     1  kind                FrameKind
//        7     1  position            of the drive in the set
//        8    16  drive               uuid
//       24    16  deployment          uuid
//       40     4  set
//       44     4  epoch
//       48     8  epoch_id            random, of the opening that began it
//       56     8  sequence
//       64     8  offset              of the frame, counted over all laps
//       72    16  predecessor         CommonHash() of the frame before
//       88     4  frame_size          bytes in the log file
//       92     4  metadata_size       bytes of payload after the header sector
//       96     4  shards_size         bytes of payload after the metadata
//      100     4  stripe_count
//      104     8  metadata_checksum
//      112   160  behind_since        a sequence for each position; 0: not
//      272     8  header_checksum     of the bytes before
//      280   216  zero
//
// Everything but `position` and `drive` is the same on every drive: that is
// what CommonHash() covers and what chains the frames. The hash covers the
// metadata by its checksum, and the metadata describes the stripes.
struct FrameHeader {
  FrameKind kind = FrameKind::kEmpty;
  std::uint8_t position = 0;
  base::Uuid drive;
  base::Uuid deployment;
  std::uint32_t set = 0;
  std::uint32_t epoch = 0;
  std::uint64_t epoch_id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;
  base::Uuid predecessor;
  std::uint32_t frame_size = 0;
  std::uint32_t metadata_size = 0;
  std::uint32_t shards_size = 0;
  std::uint32_t stripe_count = 0;
  std::uint64_t metadata_checksum = 0;
  std::array<std::uint64_t, kDrivesMax> behind_since{};

  Stamp stamp() const { return {.epoch = epoch, .sequence = sequence}; }

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

inline constexpr std::size_t kFrameHeaderSize = kSectorPayloadSize;

// Where the sections lie in a frame's payload.
inline constexpr std::size_t kMetadataOffset = kFrameHeaderSize;
std::size_t ShardsOffset(const FrameHeader& header);

// Bytes in the log file of a frame with sections of these sizes.
std::size_t FrameSizeFor(std::size_t metadata_size, std::size_t shards_size);

// Names a frame wherever it lies. Equal for the copies on all drives.
base::Uuid CommonHash(const FrameHeader& header);

std::array<std::byte, kFrameHeaderSize> Encode(const FrameHeader& header);

// Trusts nothing in `bytes`. Accepts only what Encode() can produce.
//
// Errors: kCorrupt, naming the field that is wrong; kNewerFormat.
absl::StatusOr<FrameHeader> DecodeFrameHeader(base::Bytes bytes);

// The checksum of a metadata section, bound to the frame.
std::uint64_t MetadataChecksum(const FrameHeader& header, base::Bytes metadata);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_FRAME_HEADER_H_
