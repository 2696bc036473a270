// The file of an open pack, cut into what stands there: slices and what lies
// between them. FORMAT.md, section 8.

#ifndef CAIRN_LIB_INSPECT_OPEN_PACK_PARTS_H_
#define CAIRN_LIB_INSPECT_OPEN_PACK_PARTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"

#include "format/open_pack.h"
#include "inspect/file.h"
#include "inspect/reporter.h"

namespace cairn::inspect {

struct OpenPackPart {
  Extent extent;
  // A slice, found by its footer. Where that is damaged, so that it does not
  // say where the slice begins, the extent is the footer's last block.
  bool is_slice = false;
  // Of what is no slice: the blocks that are not zero.
  std::uint64_t used_count = 0;

  std::uint64_t end() const { return extent.offset + extent.size; }
};

// What the name of the file says.
std::optional<format::OpenPackId> OpenPackOf(const Subject& subject);

// What is looked at: whole blocks, as many as a pack may have.
std::uint64_t OpenPackEnd(const Subject& subject);

// The parts up to OpenPackEnd(), front to back; they leave nothing out. Nothing
// in the file says where slices are but their own footers, so it is searched
// for these, from its end on: what a slice was found to hold is bytes of a
// caller, and is not searched.
//
// Limits: 32 bytes for each part, of which there are at most 65536.
// Errors: those of reading.
absl::StatusOr<std::vector<OpenPackPart>> CutOpenPack(const Subject& subject);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_OPEN_PACK_PARTS_H_
