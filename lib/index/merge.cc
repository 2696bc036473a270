#include "index/merge.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace cairn::index {

MergeCursor::MergeCursor(std::vector<std::unique_ptr<Cursor>> inputs)
    : inputs_(std::move(inputs)) {
  heap_.reserve(inputs_.size());
  waiting_.reserve(inputs_.size());
  moving_.reserve(inputs_.size());
}

bool MergeCursor::IsAfter(std::size_t a, std::size_t b) const {
  const Record x = inputs_[a]->record();
  const Record y = inputs_[b]->record();
  if (const int order = x.key.compare(y.key); order != 0) return order > 0;
  if (x.sequence != y.sequence) return x.sequence < y.sequence;
  return a > b;
}

void MergeCursor::Push(std::size_t input) {
  heap_.push_back(input);
  std::push_heap(
      heap_.begin(), heap_.end(),
      [this](std::size_t a, std::size_t b) { return IsAfter(a, b); });
}

std::size_t MergeCursor::Pop() {
  std::pop_heap(heap_.begin(), heap_.end(),
                [this](std::size_t a, std::size_t b) { return IsAfter(a, b); });
  const std::size_t top = heap_.back();
  heap_.pop_back();
  return top;
}

void MergeCursor::Admit(std::size_t input) {
  switch (inputs_[input]->state()) {
    case State::kRecord:
      Push(input);
      break;
    case State::kLoad:
      waiting_.push_back(input);
      break;
    case State::kEnd:
      break;
  }
}

// No record is given out while an input waits: it may hold a smaller key.
void MergeCursor::Settle() {
  if (!waiting_.empty()) {
    state_ = State::kLoad;
  } else {
    state_ = heap_.empty() ? State::kEnd : State::kRecord;
  }
}

void MergeCursor::Seek(std::string_view key) {
  heap_.clear();
  waiting_.clear();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    inputs_[i]->Seek(key);
    Admit(i);
  }
  Settle();
}

void MergeCursor::Next() {
  CAIRN_CHECK(state_ == State::kRecord);
  // The inputs at this key leave the heap before any of them moves: the key is
  // borrowed from the first.
  moving_.clear();
  moving_.push_back(Pop());
  const std::string_view key = inputs_[moving_.front()]->record().key;
  while (!heap_.empty() && inputs_[heap_.front()]->record().key == key) {
    moving_.push_back(Pop());
  }
  for (const std::size_t input : moving_) {
    inputs_[input]->Next();
    Admit(input);
  }
  Settle();
}

base::Task<absl::Status> MergeCursor::Load() {
  CAIRN_CHECK(state_ == State::kLoad);
  std::vector<base::Task<absl::Status>> loads;
  for (const std::size_t input : waiting_) {
    loads.push_back(inputs_[input]->Load());
  }
  base::Task<std::vector<absl::Status>> all = base::All(std::move(loads));
  const std::vector<absl::Status> statuses = co_await all;
  // Of those that failed the state is kLoad still.
  const std::vector<std::size_t> loaded = std::exchange(waiting_, {});
  for (const std::size_t input : loaded) Admit(input);
  Settle();
  for (const absl::Status& status : statuses) CAIRN_CO_RETURN_IF_ERROR(status);
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<MergeProgress>> Merge(Cursor& from, RunWriter& to,
                                                MergeStep step) {
  MergeProgress progress;
  while (progress.records_read < step.record_count_max) {
    while (from.state() == Cursor::State::kLoad) {
      base::Task<absl::Status> load = from.Load();
      CAIRN_CO_RETURN_IF_ERROR(co_await load);
    }
    if (from.state() == Cursor::State::kEnd) break;
    const Record record = from.record();
    ++progress.records_read;
    if (record.is_tombstone() && !step.keep_tombstone(record.key)) {
      ++progress.tombstones_dropped;
    } else {
      CAIRN_CO_RETURN_IF_ERROR(to.Add({.key = record.key,
                                       .sequence = record.sequence,
                                       .kind = record.kind,
                                       .value = record.value}));
    }
    from.Next();
    if (!to.wants_flush()) continue;
    base::Task<absl::Status> flush = to.Flush();
    CAIRN_CO_RETURN_IF_ERROR(co_await flush);
  }
  progress.is_done = from.state() == Cursor::State::kEnd;
  co_return progress;
}

}  // namespace cairn::index
