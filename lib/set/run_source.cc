#include "set/run_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "index/overlay.h"
#include "index/view.h"
#include "set/set_contents.h"

namespace cairn::set {
namespace {

using Runs = std::vector<std::shared_ptr<const index::Run>>;
using Reader = std::shared_ptr<const index::RunReader>;

// Drives take turns by where in the file they are asked, so that none has all
// the work and a block is asked of the same one again.
int FirstPosition(const index::ByteRange& range, int count) {
  return static_cast<int>(range.offset / format::kRunAlignment %
                          static_cast<std::uint64_t>(count));
}

std::shared_ptr<const index::Run> FindRun(const Runs& runs, std::uint64_t id) {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const auto& run) {
        return run->files().front()->footer().id.run == id;
      });
  return found == runs.end() ? nullptr : *found;
}

base::Task<absl::StatusOr<Reader>> OpenFile(const RunContext& context,
                                            format::RunFile file) {
  index::RunReaderOptions options{.id = {.deployment = context.deployment,
                                         .set = context.set,
                                         .file = file.file,
                                         .run = file.id},
                                  .source = std::make_shared<RunSource>(
                                      context.read, RunPath(file), file.size),
                                  .cache = &context.cache};
  base::Task<absl::StatusOr<Reader>> open =
      index::RunReader::Open(std::move(options));
  co_return co_await open;
}

}  // namespace

base::Task<absl::StatusOr<base::AlignedBuffer>> RunSource::Read(
    index::ByteRange range, index::Verify verify) {
  co_await base::OnStrand(context_.executor);
  const int count = context_.drives.count();
  HedgedReads reads(context_, {.path = path_,
                               .file_size = size_,
                               .offset = range.offset,
                               .size = range.size});
  const int first = FirstPosition(range, count);
  int asked = 0;
  while (true) {
    if (asked < count) reads.Start((first + asked++) % count);
    base::Task<bool> progress = reads.Progress(asked < count);
    co_await progress;
    for (int p = 0; p < count; ++p) {
      if (reads.state(p) != HedgedReads::State::kRead) continue;
      const base::AlignedBuffer& bytes = reads.bytes(p);
      if (verify(bytes.bytes()).ok()) co_return std::move(reads.bytes(p));
      reads.Refuse(p);
    }
    if (asked == count && reads.pending_count() == 0) break;
  }
  co_return reads.Failure("no good copy");
}

base::Task<absl::StatusOr<Runs>> OpenRuns(const RunContext& context,
                                          std::vector<format::RunFile> files,
                                          Runs open) {
  Runs runs;
  for (std::size_t i = 0; i < files.size();) {
    const std::uint64_t id = files[i].id;
    std::vector<Reader> readers;
    std::shared_ptr<const index::Run> known = FindRun(open, id);
    for (; i < files.size() && files[i].id == id; ++i) {
      if (known != nullptr) continue;
      base::Task<absl::StatusOr<Reader>> file = OpenFile(context, files[i]);
      CAIRN_CO_ASSIGN_OR_RETURN(Reader reader, co_await file);
      readers.push_back(std::move(reader));
    }
    if (known == nullptr) {
      CAIRN_CO_ASSIGN_OR_RETURN(known, index::Run::Create(std::move(readers)));
    }
    runs.push_back(std::move(known));
  }
  // Whether they can be one index: no set writes a catalogue where not.
  const auto view =
      index::View::Create({.active = std::make_shared<index::Overlay>(),
                           .runs = runs,
                           .deployment = context.deployment});
  if (!view.ok()) co_return view.status();
  co_return runs;
}

}  // namespace cairn::set
