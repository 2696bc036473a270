// A frame of a log: whether it is whole, and what is in it.

#ifndef CAIRN_LIB_INSPECT_FRAME_H_
#define CAIRN_LIB_INSPECT_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "format/frame_header.h"
#include "format/stripe.h"
#include "inspect/file.h"
#include "inspect/log_pieces.h"

namespace cairn::inspect {

enum class FrameState {
  kWhole,        // everything that is checked is right
  kTorn,         // some of its sectors were never written
  kOverwritten,  // a newer frame took some of its sectors
  kDamaged,
};

// A stripe of a frame and this drive's shard of it.
struct ShardCheck {
  format::Stripe stripe;
  std::uint64_t offset = 0;  // in the frame's payload
  std::uint64_t size = 0;    // with its checksum
  bool is_valid = false;
};

struct FrameCheck {
  FrameState state = FrameState::kWhole;
  std::string note;                  // what is wrong, or worth knowing
  std::uint64_t damaged_offset = 0;  // in the file, when damaged
  std::optional<std::vector<std::byte>> metadata;  // if its checksum holds
  // Empty when the metadata is damaged, or `data_shards` is not known.
  std::vector<ShardCheck> shards;
};

// How the payload of the frame at `offset` of a log file lies there.
Layout FrameLayout(std::uint64_t offset);

// Judges like set::Judge(), of one frame alone: `sectors` are those of `piece`,
// which is a frame. `drive.data_shards` is 0 when it is not known: then shards
// are not checked.
FrameCheck CheckFrame(base::Bytes sectors, const Piece& piece,
                      const format::DriveIdentity& drive);

std::string ShowFrame(const format::FrameHeader& header);

// Lists what `metadata` holds, while `reporter` wants entries, as parts of
// `frame`.
void ListContent(const Piece& piece, const FrameCheck& check,
                 Reporter& reporter, InspectItem& frame);

// The way to byte `at` of the file, within the frame.
Way ExplainFrame(base::Bytes sectors, const Piece& piece,
                 const FrameCheck& check, std::uint64_t at);

// The way to byte `at` within its sector: the stamp, or payload that no frame
// explains. `sectors` begin at `place`.
Way ExplainSector(base::Bytes sectors, const format::SectorPlace& place,
                  std::uint64_t at);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_FRAME_H_
