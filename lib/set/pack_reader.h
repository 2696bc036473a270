// Reading small blobs from packs.

#ifndef CAIRN_LIB_SET_PACK_READER_H_
#define CAIRN_LIB_SET_PACK_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "base/uuid.h"
#include "erasure/codec.h"
#include "format/checkpoint.h"
#include "format/entry.h"
#include "set/hedged_reads.h"

namespace cairn::set {

// A blob lies whole in one column, so one read of one drive gives it. Where
// that fails, or is late, the same range of `data` other columns does.
//
// Thread safety: one strand.
class PackReader {
 public:
  // `context` and `codec` outlive the reader.
  PackReader(const ReadContext& context, const erasure::Codec& codec,
             const base::Uuid& deployment)
      : context_(context), codec_(codec), deployment_(deployment) {}

  // The packs that there are from now on.
  void SetPacks(const std::vector<format::PackFile>& packs);

  // Errors: NotFound when the pack is there no more; kUnrecoverable when more
  //         columns are lost than parity; kUnavailable while too few drives
  //         answer; kCorrupt when no pack of that form has such a place.
  base::Task<absl::StatusOr<std::vector<std::byte>>> Read(
      format::PackPlace place, std::size_t size);

  std::uint64_t rebuilt_count() const { return rebuilt_count_; }

 private:
  // The blocks of a column that hold the blob.
  struct Extent {
    std::uint64_t pack = 0;
    int position = 0;         // of the column
    std::uint64_t block = 0;  // the first one, in the file
    std::size_t block_count = 0;
    std::size_t payload_begin = 0;  // of the blob, in the blocks' payload
    ReadRange range;
  };

  absl::StatusOr<Extent> Locate(const format::PackPlace& place,
                                std::size_t size) const;
  // Verifies what was read of `position`; nullopt when it is damaged.
  std::optional<base::MutableBytes> Open(const Extent& extent, int position,
                                         base::MutableBytes blocks) const;

  // What one read after the other gives.
  struct Columns {
    std::vector<base::MutableBytes> payloads;  // by position; empty: not there
    int count = 0;
  };
  void Take(const Extent& extent, HedgedReads& reads, Columns& columns) const;
  bool Rebuild(const Extent& extent, Columns& columns,
               std::vector<std::byte>& payload) const;

  const ReadContext& context_;
  const erasure::Codec& codec_;
  base::Uuid deployment_;
  std::map<std::uint64_t, format::PackFile> packs_;
  std::uint64_t rebuilt_count_ = 0;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_PACK_READER_H_
