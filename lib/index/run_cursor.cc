#include "index/run_cursor.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace cairn::index {
namespace {

KeyRange Intersection(KeyRange a, const KeyRange& b) {
  a.lower = std::max(a.lower, b.lower);
  if (b.upper.has_value() && (!a.upper.has_value() || *b.upper < *a.upper)) {
    a.upper = b.upper;
  }
  return a;
}

}  // namespace

RunCursor::RunCursor(const Run& run, RunCursorOptions options)
    : run_(run), options_(std::move(options)) {
  options_.range = Intersection(std::move(options_.range), run.range());
}

void RunCursor::Seek(std::string_view key) {
  LeaveBlock();
  target_ = std::max<std::string_view>(key, options_.range.lower);
  file_ = run_.FindFile(target_);
  block_ = 0;
  if (file_ < run_.files().size() && file().index().block_count() > 0) {
    block_ = file().index().Find(target_);
  }
  Settle();
}

void RunCursor::Next() {
  CAIRN_CHECK(state_ == State::kRecord);
  records_.Next();
  if (!records_.is_valid()) LeaveBlock();
  Settle();
}

void RunCursor::LeaveBlock() {
  held_ = nullptr;
  target_.clear();
  records_ = {};
  ++block_;
}

void RunCursor::Settle() {
  while (!records_.is_valid()) {
    while (file_ < run_.files().size() &&
           block_ >= file().index().block_count()) {
      ++file_;
      block_ = 0;
    }
    if (file_ == run_.files().size() || IsBlockBehindRange()) {
      state_ = State::kEnd;
      return;
    }
    if (!EnterBlock()) {
      state_ = State::kLoad;
      return;
    }
    if (!records_.is_valid()) LeaveBlock();
  }
  const std::optional<std::string>& upper = options_.range.upper;
  const bool is_behind = upper.has_value() && records_.record().key >= *upper;
  state_ = is_behind ? State::kEnd : State::kRecord;
}

bool RunCursor::IsBlockBehindRange() const {
  const std::optional<std::string>& upper = options_.range.upper;
  return upper.has_value() && file().index().BeginsAtOrAfter(block_, *upper);
}

bool RunCursor::IsInSpan() const {
  return file_ == span_file_ && block_ >= span_.first &&
         block_ - span_.first < span_.blocks.size();
}

bool RunCursor::EnterBlock() {
  if (held_ == nullptr && options_.is_cached) {
    held_ = file().CachedBlock(block_);
  }
  if (held_ != nullptr) {
    Enter(held_->block());
  } else if (IsInSpan()) {
    Enter(span_.blocks[block_ - span_.first]);
  } else {
    return false;
  }
  return true;
}

void RunCursor::Enter(const format::RunBlock& block) {
  records_ = format::RunBlock::Iterator(block);
  if (target_.empty()) {
    records_.SeekToFirst();
  } else {
    records_.Seek(target_);
  }
}

base::Task<absl::Status> RunCursor::Load() {
  CAIRN_CHECK(state_ == State::kLoad);
  bool is_loaded = false;
  if (!options_.is_cached) {
    base::Task<absl::Status> span = LoadSpan();
    const absl::Status status = co_await span;
    is_loaded = status.ok();
  }
  // Where several blocks at once do not come whole from any drive, one may.
  if (!is_loaded) {
    auto read = file().ReadBlock(block_, options_.is_cached);
    CAIRN_CO_ASSIGN_OR_RETURN(held_, co_await read);
  }
  Settle();
  co_return absl::OkStatus();
}

base::Task<absl::Status> RunCursor::LoadSpan() {
  auto read = file().ReadSpan(block_, options_.read_size);
  CAIRN_CO_ASSIGN_OR_RETURN(span_, co_await read);
  span_file_ = file_;
  co_return absl::OkStatus();
}

Record RunCursor::record() const {
  const format::RunRecord record = records_.record();
  return {.key = record.key,
          .sequence = record.sequence,
          .kind = record.kind,
          .value = record.value};
}

}  // namespace cairn::index
