// Checksums and hashes of what Cairn stores: XXH3, 64 and 128 bits.

#ifndef CAIRN_LIB_DIGEST_CHECKSUM_H_
#define CAIRN_LIB_DIGEST_CHECKSUM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "base/bytes.h"
#include "base/uuid.h"

namespace cairn::digest {

// The checksum of `bytes`, bound to `identity`: what they are and where they
// belong. The same bytes in another place have another checksum.
std::uint64_t Checksum64(base::Bytes bytes, std::uint64_t identity);

// The same checksum of bytes that come in pieces.
//
// Thread safety: one thread at a time.
class Checksum64Stream {
 public:
  explicit Checksum64Stream(std::uint64_t identity);

  void Update(base::Bytes piece);

  // The checksum of all pieces so far; more may follow.
  std::uint64_t value() const;

 private:
  // The state of XXH3, opaque so that its large header stays out of this one.
  static constexpr std::size_t kStateSize = 576;
  static constexpr std::size_t kStateAlignment = 64;

  alignas(kStateAlignment) std::array<std::byte, kStateSize> state_{};
};

// Mixes what identifies a structure into one number; order and count matter.
std::uint64_t Identity(std::initializer_list<std::uint64_t> parts);

// Names a content among all contents that are not made to collide.
base::Uuid Hash128(base::Bytes bytes);

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_CHECKSUM_H_
