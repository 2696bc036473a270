// Writing a pack on the drives of a set.

#ifndef CAIRN_LIB_SET_PACK_WRITER_H_
#define CAIRN_LIB_SET_PACK_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "base/uuid.h"
#include "erasure/codec.h"
#include "format/checkpoint.h"
#include "format/entry.h"
#include "format/pack.h"
#include "set/pack_tile.h"
#include "set/set_file.h"

namespace cairn::set {

struct PackWriterOptions {
  std::vector<SetFileTarget> targets;
  std::uint64_t pack_id = 0;
  base::Uuid deployment;
};

// Thread safety: one strand.
class PackWriter {
 public:
  // `codec` and `context` are borrowed.
  PackWriter(const WriteContext& context, const erasure::Codec& codec,
             PackWriterOptions options);

  // Adds a small blob; nullopt when Flush() comes first.
  std::optional<format::PackPlace> Add(const format::PackObject& object,
                                       base::Bytes bytes);

  // Writes the tile that is full.
  base::Task<> Flush() { return WriteTile(PackTile::Columns::kWhole); }

  // Writes what is left and makes the pack durable; nullopt when nothing was
  // added: then there is no file.
  base::Task<std::optional<format::PackFile>> Finish();

 private:
  base::Task<> WriteTile(PackTile::Columns form);
  std::vector<SharedBuffer> PiecesOf(
      std::vector<base::AlignedBuffer> columns) const;

  base::Executor& executor_;
  const erasure::Codec& codec_;
  PackWriterOptions options_;
  SetFile file_;
  PackTile tile_;
  std::uint32_t tile_count_ = 0;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_PACK_WRITER_H_
