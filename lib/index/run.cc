#include "index/run.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/run_cursor.h"

namespace cairn::index {
namespace {

using Files = std::vector<std::shared_ptr<const RunReader>>;

absl::Status Wrong(std::string_view what) {
  return base::Error(ErrorCode::kCorrupt, "run: {}", what);
}

bool IsSameRun(const format::RunFooter& a, const format::RunFooter& b) {
  return a.id.deployment == b.id.deployment && a.id.set == b.id.set &&
         a.id.run == b.id.run && a.from_sequence == b.from_sequence &&
         a.to_sequence == b.to_sequence;
}

// Whether `range` ends at or before the end of `other`.
bool EndsWithin(const KeyRange& range, const KeyRange& other) {
  return !other.upper.has_value() ||
         (range.upper.has_value() && *range.upper <= *other.upper);
}

absl::Status CheckFiles(const Files& files, const KeyRange& range) {
  if (files.empty()) return Wrong("no file");
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (!IsSameRun(files[0]->footer(), files[i]->footer())) {
      return Wrong("files of several runs");
    }
    if (files[i - 1]->range().upper != files[i]->range().lower) {
      return Wrong("files that do not follow each other");
    }
  }
  if (range.lower < files.front()->range().lower ||
      !EndsWithin(range, files.back()->range())) {
    return Wrong("files that do not cover its range");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Run>> Run::Create(Files files,
                                                       KeyRange range) {
  CAIRN_RETURN_IF_ERROR(CheckFiles(files, range));
  Run run(std::move(files), std::move(range));
  return std::make_shared<const Run>(std::move(run));
}

std::uint64_t Run::record_count() const {
  std::uint64_t count = 0;
  for (const auto& file : files_) count += file->footer().record_count;
  return count;
}

std::size_t Run::memory_size() const {
  std::size_t size = sizeof(*this);
  for (const auto& file : files_) size += file->memory_size();
  return size;
}

std::size_t Run::FindFile(std::string_view key) const {
  const auto ends_after = [](std::string_view wanted, const auto& file) {
    const std::optional<std::string>& upper = file->range().upper;
    return !upper.has_value() || wanted < *upper;
  };
  const auto found =
      std::upper_bound(files_.begin(), files_.end(), key, ends_after);
  return static_cast<std::size_t>(found - files_.begin());
}

const RunReader* Run::FileOf(std::string_view key) const {
  if (!range_.Contains(key)) return nullptr;
  return files_[FindFile(key)].get();
}

bool Run::MayContain(const Probe& probe) const {
  const RunReader* file = FileOf(probe.key);
  return file != nullptr && file->MayContain(probe);
}

std::optional<Found> Run::LookupCached(const Probe& probe) const {
  const RunReader* file = FileOf(probe.key);
  return file == nullptr ? Found() : file->LookupCached(probe);
}

base::Task<absl::StatusOr<Found>> Run::Lookup(Probe probe) const {
  const RunReader* file = FileOf(probe.key);
  if (file == nullptr) co_return Found();
  auto lookup = file->Lookup(probe);
  co_return co_await lookup;
}

std::unique_ptr<Cursor> Run::NewCursor(RunCursorOptions options) const {
  return std::make_unique<RunCursor>(*this, std::move(options));
}

}  // namespace cairn::index
