// What stands in one drive's log where a frame could be: the judgement, without
// any I/O.

#ifndef CAIRN_LIB_SET_SLOT_H_
#define CAIRN_LIB_SET_SLOT_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/drive_identity.h"
#include "format/frame_header.h"
#include "format/stripe.h"
#include "set/ring.h"

namespace cairn::set {

// The place after a frame: what its successor must say of itself.
struct Slot {
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;  // over all laps
  base::Uuid predecessor;    // CommonHash()
  format::Stamp older;       // the predecessor's stamp

  friend bool operator==(const Slot&, const Slot&) = default;
};

enum class CopyState {
  kAbsent,   // no successor was ever wholly written here: a vote against it
  kDamaged,  // something may have been, and cannot be read
  kPartial,  // metadata valid, a shard is not
  kWhole,    // valid
};

struct Copy {
  CopyState state = CopyState::kAbsent;
  format::FrameHeader header;       // kPartial and kWhole; without the drive
  std::vector<std::byte> metadata;  // of those
  // For each stripe, the shard record as it was read, if it is valid.
  std::vector<std::vector<std::byte>> records;

  // It could not be read: it counts as damaged, but may be whole.
  bool is_unread = false;

  bool has_metadata() const { return state >= CopyState::kPartial; }
};

// Says how many bytes from the slot's beginning Judge() must see, having seen
// the first kFrameAlignment.
std::uint64_t SizeToJudge(base::Bytes first_block, const Ring& ring);

// Judges `sectors`, at least SizeToJudge() bytes.
//
// A sector with the stamp of another frame was never written by this one:
// then the frame is absent, however much of it there is (a crash alone never
// looks like damage). With every stamp right, a wrong checksum is rot. A stamp
// that cannot be read decides nothing, so it counts as damage.
Copy Judge(base::Bytes sectors, const Slot& slot,
           const format::DriveIdentity& drive);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SLOT_H_
