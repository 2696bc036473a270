// The fields of an entry of the index, which frames and runs hold.

#ifndef CAIRN_LIB_INSPECT_ENTRY_OUTLINE_H_
#define CAIRN_LIB_INSPECT_ENTRY_OUTLINE_H_

#include "inspect/outline.h"

namespace cairn::inspect {

// Takes all that is left in `outline`.
void OutlineEntry(Outline& outline);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_ENTRY_OUTLINE_H_
