// The fields of an entry of the index, which frames and runs hold.

#ifndef CAIRN_LIB_INSPECT_ENTRY_OUTLINE_H_
#define CAIRN_LIB_INSPECT_ENTRY_OUTLINE_H_

#include <string_view>

#include "inspect/outline.h"

namespace cairn::inspect {

// Takes all that is left in `outline`, the entry under `key`.
void OutlineEntry(Outline& outline, std::string_view key);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_ENTRY_OUTLINE_H_
