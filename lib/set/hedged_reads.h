// Reading from several drives when one may be late, wrong or gone.

#ifndef CAIRN_LIB_SET_HEDGED_READS_H_
#define CAIRN_LIB_SET_HEDGED_READS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/executor.h"
#include "base/task.h"
#include "set/set_drives.h"

namespace cairn::set {

// What reads of files work with; borrowed, and outlives them.
struct ReadContext {
  base::Executor& executor;
  base::TaskScope& reads;  // holds reads that nobody waits for any more
  SetDrives& drives;
  // How long a drive is waited for alone before others are asked too.
  absl::Duration hedge_delay = absl::Milliseconds(20);
};

// The same range of the same file, or of each drive's own shard of it.
struct ReadRange {
  std::string path;
  std::uint64_t file_size = 0;
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

// Attempts at one range, by position. Those still on their way when the caller
// has what it needs end by themselves.
//
// Thread safety: one strand.
class HedgedReads {
 public:
  enum class State {
    kIdle,
    kPending,
    kRead,
    kFailed,   // the drive is not here or gave an error: it may have the bytes
    kRefused,  // it does not have them
  };

  HedgedReads(const ReadContext& context, ReadRange range);

  // Asks a drive that was not asked yet.
  void Start(int position);

  // Goes on when an attempt has ended since the last call or, when `hedges`,
  // the delay has passed without; false in that case.
  base::Task<bool> Progress(bool hedges);

  State state(int position) const { return At(position).state; }
  int pending_count() const;

  // Precondition: kRead. May be taken.
  base::AlignedBuffer& bytes(int position) { return At(position).bytes; }

  // The caller refuses what was read.
  void Refuse(int position) { At(position).state = State::kRefused; }

  // Why a caller that has asked every drive has not got enough: kUnrecoverable,
  // or kUnavailable while a drive may have it that did not say.
  absl::Status Failure(std::string_view what) const;

 private:
  struct Attempt {
    State state = State::kIdle;
    base::AlignedBuffer bytes;
  };
  // What reads share with the one who waits.
  struct Shared {
    Shared(base::Executor& executor, std::size_t count)
        : attempts(count), progress(executor) {}
    std::vector<Attempt> attempts;
    std::uint64_t ended_count = 0;
    base::Signal progress;
  };

  static base::Task<> ReadOne(std::shared_ptr<Shared> shared, SetDrives* drives,
                              int position, ReadRange range);

  Attempt& At(int position) {
    return shared_->attempts[static_cast<std::size_t>(position)];
  }
  const Attempt& At(int position) const {
    return shared_->attempts[static_cast<std::size_t>(position)];
  }

  const ReadContext& context_;
  ReadRange range_;
  std::shared_ptr<Shared> shared_;
  std::uint64_t seen_count_ = 0;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_HEDGED_READS_H_
