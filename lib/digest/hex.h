// Digests as text.

#ifndef CAIRN_LIB_DIGEST_HEX_H_
#define CAIRN_LIB_DIGEST_HEX_H_

#include <string>

#include "base/bytes.h"

namespace cairn::digest {

// Two lower-case hexadecimal digits for each byte.
std::string ToHex(base::Bytes bytes);

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_HEX_H_
