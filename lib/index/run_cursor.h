// The cursor over a run.

#ifndef CAIRN_LIB_INDEX_RUN_CURSOR_H_
#define CAIRN_LIB_INDEX_RUN_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/task.h"
#include "format/run_block.h"
#include "index/cursor.h"
#include "index/run.h"

namespace cairn::index {

// Lifetime: borrows the run; holds the block that it is in.
class RunCursor : public Cursor {
 public:
  RunCursor(const Run& run, RunCursorOptions options);

  void Seek(std::string_view key) override;
  void Next() override;
  base::Task<absl::Status> Load() override;
  State state() const override { return state_; }
  Record record() const override;

 private:
  const RunReader& file() const { return *run_.files()[file_]; }

  // Steps over blocks until the cursor is at a record, at a block that has to
  // be loaded, or at the end. The block to enter is file_, block_.
  void Settle();
  bool IsBlockBehindRange() const;
  bool EnterBlock();
  void Enter(const format::RunBlock& block);
  void LeaveBlock();
  bool IsInSpan() const;

  base::Task<absl::Status> LoadSpan();

  const Run& run_;
  RunCursorOptions options_;
  State state_ = State::kEnd;
  std::size_t file_ = 0;
  std::uint32_t block_ = 0;
  // Where to begin within the next block that is entered.
  std::string target_;
  BlockHandle held_;
  BlockSpan span_;  // of file span_file_, when not cached
  std::size_t span_file_ = 0;
  format::RunBlock::Iterator records_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_RUN_CURSOR_H_
