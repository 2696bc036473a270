// A tile of a pack while it is filled.

#ifndef CAIRN_LIB_SET_PACK_TILE_H_
#define CAIRN_LIB_SET_PACK_TILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "erasure/codec.h"
#include "format/pack.h"

namespace cairn::set {

// Takes objects, each whole into the column that has the least, so that the
// columns are as even as the objects allow: what is empty is written as well.
class PackTile {
 public:
  struct Spot {
    std::uint32_t column = 0;  // of the tile
    std::uint64_t offset = 0;  // of the object's bytes in the column's payload
  };

  explicit PackTile(int data_columns);

  // nullopt: it does not fit any more.
  std::optional<Spot> Add(const format::PackObject& object, base::Bytes bytes);

  bool empty() const { return size() == 0; }

  // Of a pack's last tile the columns are as short as what is in them.
  enum class Columns { kWhole, kShort };

  // Codes the parity columns and seals all; one buffer for each position, of
  // equal size. `first.position` is ignored.
  std::vector<base::AlignedBuffer> Seal(const erasure::Codec& codec,
                                        const format::PackBlockPlace& first,
                                        Columns form);

 private:
  std::size_t size() const;  // payload of the fullest column

  std::vector<std::vector<std::byte>> columns_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_PACK_TILE_H_
