// The fields of the values of index entries. FORMAT.md, sections 5 and 9 to 11.

#ifndef CAIRN_LIB_INSPECT_VALUE_OUTLINE_H_
#define CAIRN_LIB_INSPECT_VALUE_OUTLINE_H_

#include <string_view>

#include "inspect/outline.h"

namespace cairn::inspect {

// Takes all that is left in `outline`, the value under `key`, which says what
// it is.
void OutlineValue(Outline& outline, std::string_view key);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_VALUE_OUTLINE_H_
