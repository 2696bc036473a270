// The parts of a run file, found and judged.

#ifndef CAIRN_LIB_INSPECT_RUN_H_
#define CAIRN_LIB_INSPECT_RUN_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "format/run_footer.h"
#include "format/run_index.h"
#include "format/run_record.h"
#include "inspect/outline.h"
#include "inspect/source.h"

namespace cairn::inspect {

// What stands at a file's end. Nothing of a part that is damaged.
struct RunParts {
  std::vector<std::byte> footer_bytes;
  absl::StatusOr<format::RunFooter> footer;
  std::vector<std::byte> index_bytes;
  absl::StatusOr<format::RunIndex> index;
  std::vector<std::byte> filter_bytes;
  absl::Status filter;
};

// Errors: those of reading.
absl::StatusOr<RunParts> ReadRunParts(const Source& source);

// Ways to byte `wanted` of what begins at `offset` of the file.
struct RunByte {
  std::uint64_t offset = 0;
  std::uint64_t wanted = 0;
};
std::vector<InspectItem> OutlineRunBlock(base::Bytes block, RunByte at);
std::vector<InspectItem> OutlineRunIndex(base::Bytes index, RunByte at,
                                         std::uint32_t block_count);
std::vector<InspectItem> OutlineRunFilter(base::Bytes filter, RunByte at,
                                          std::uint32_t line_count);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_RUN_H_
