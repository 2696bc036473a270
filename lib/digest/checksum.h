// Checksums and hashes of what Cairn stores: XXH3, 64 and 128 bits.

#ifndef CAIRN_LIB_DIGEST_CHECKSUM_H_
#define CAIRN_LIB_DIGEST_CHECKSUM_H_

#include <cstdint>
#include <initializer_list>

#include "base/bytes.h"
#include "base/uuid.h"

namespace cairn::digest {

// The checksum of `bytes`, bound to `identity`: what they are and where they
// belong. The same bytes in another place have another checksum.
std::uint64_t Checksum64(base::Bytes bytes, std::uint64_t identity);

// Mixes what identifies a structure into one number; order and count matter.
std::uint64_t Identity(std::initializer_list<std::uint64_t> parts);

// Names a content among all contents that are not made to collide.
base::Uuid Hash128(base::Bytes bytes);

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_CHECKSUM_H_
