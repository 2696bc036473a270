// Reading runs from the drives of a set.

#ifndef CAIRN_LIB_SET_RUN_SOURCE_H_
#define CAIRN_LIB_SET_RUN_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "format/checkpoint.h"
#include "index/block_cache.h"
#include "index/block_source.h"
#include "index/run.h"
#include "set/hedged_reads.h"

namespace cairn::set {

// A run file, from whichever drive has it: one is asked, and the next one when
// it is late or what it gave is refused.
class RunSource : public index::BlockSource {
 public:
  RunSource(const ReadContext& context, std::string path, std::uint64_t size)
      : context_(context), path_(std::move(path)), size_(size) {}

  base::Task<absl::StatusOr<base::AlignedBuffer>> Read(
      index::ByteRange range, index::Verify verify) override;

  std::uint64_t size() const override { return size_; }

 private:
  const ReadContext& context_;
  std::string path_;
  std::uint64_t size_;
};

// What runs are opened with; borrowed.
struct RunContext {
  const ReadContext& read;
  index::BlockCache& cache;
  base::Uuid deployment;
  std::uint32_t set = 0;
};

// Opens the runs of a catalogue, the newest first, taking those that `open`
// has already.
//
// Errors: kUnrecoverable when no drive has a good copy of a run, kUnavailable
//         when one that says nothing may have it; kCorrupt when the runs do not
//         belong together, or are more than a lookup may open.
base::Task<absl::StatusOr<std::vector<std::shared_ptr<const index::Run>>>>
OpenRuns(const RunContext& context, std::vector<format::RunFile> files,
         std::vector<std::shared_ptr<const index::Run>> open);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_RUN_SOURCE_H_
