// Merging: several cursors as one, and several runs into one.

#ifndef CAIRN_LIB_INDEX_MERGE_H_
#define CAIRN_LIB_INDEX_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/task.h"
#include "index/cursor.h"
#include "index/run_writer.h"

namespace cairn::index {

// Gives out of each key the record with the highest sequence of all inputs; of
// two with one sequence the one of the earlier input.
//
// Ownership: the inputs.
class MergeCursor : public Cursor {
 public:
  explicit MergeCursor(std::vector<std::unique_ptr<Cursor>> inputs);

  void Seek(std::string_view key) override;
  void Next() override;

  // Loads all inputs that have to, at the same time.
  base::Task<absl::Status> Load() override;

  State state() const override { return state_; }
  Record record() const override { return inputs_[heap_.front()]->record(); }

 private:
  // Whether input `a` comes after input `b`: a heap's top is the greatest.
  bool IsAfter(std::size_t a, std::size_t b) const;
  void Push(std::size_t input);
  std::size_t Pop();
  // Sorts in an input that has moved.
  void Admit(std::size_t input);
  void Settle();

  std::vector<std::unique_ptr<Cursor>> inputs_;
  State state_ = State::kEnd;
  std::vector<std::size_t> heap_;     // inputs at a record
  std::vector<std::size_t> waiting_;  // inputs that have to be loaded
  std::vector<std::size_t> moving_;   // inputs at the key that is left
};

// Whether a tombstone has to stay, because an older run that is not part of the
// merge may hold its key (Run::MayContain()).
using KeepTombstone = absl::FunctionRef<bool(std::string_view key)>;

struct MergeStep {
  std::uint64_t record_count_max = ~std::uint64_t{0};
  KeepTombstone keep_tombstone;
};

struct MergeProgress {
  std::uint64_t records_read = 0;
  std::uint64_t tombstones_dropped = 0;
  bool is_done = false;  // the cursor is at its end
};

// Writes what `from` gives out, from where it is, until it ends or the step's
// records have been read; it can go on with the next step then. Does not finish
// the writer.
//
// Errors: those of the cursor and of the sink.
base::Task<absl::StatusOr<MergeProgress>> Merge(Cursor& from, RunWriter& to,
                                                MergeStep step);

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_MERGE_H_
