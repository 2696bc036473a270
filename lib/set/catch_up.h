// Drives that are behind: frames and files from their peers.

#ifndef CAIRN_LIB_SET_CATCH_UP_H_
#define CAIRN_LIB_SET_CATCH_UP_H_

#include <cstdint>
#include <set>

#include "absl/status/status.h"

#include "base/task.h"
#include "set/checkpointer.h"
#include "set/committer.h"
#include "set/log_frames.h"
#include "set/log_reader.h"
#include "set/rebuild.h"
#include "set/replicas.h"

namespace cairn::set {

// What catching up works with; borrowed, and outlives it.
struct CatchUpContext {
  const GatherContext& gather;
  Committer& committer;
  Replicas& replicas;
  LogFrames& log_frames;
  Checkpointer& checkpointer;
  LogReader::Logs logs;
  std::function<void()> on_join = [] {};  // a drive is in service again
};

// A drive that is behind gets the frames that it lacks, in their order; what
// the log has given up it gets as runs and catalogue. Then it takes new frames.
//
// Thread safety: one strand.
class CatchUp {
 public:
  explicit CatchUp(CatchUpContext context) : context_(std::move(context)) {}
  CatchUp(const CatchUp&) = delete;
  CatchUp& operator=(const CatchUp&) = delete;

  // Begins with every drive that is behind and not catching up yet.
  void Start();

  // Lets those that are at it end, and begins with no other.
  void Stop() { is_stopped_ = true; }

  // Drives that have caught up, and how many of them needed more than the log.
  struct Counters {
    std::uint64_t drives = 0;
    std::uint64_t with_files = 0;
  };
  const Counters& counters() const { return counters_; }

  // What runs by itself.
  base::TaskScope& scope() { return scope_; }

 private:
  base::Task<> Run(int position);
  base::Task<absl::Status> WriteFrames(int position, std::uint64_t* sequence);
  bool IsInCatalogue(std::uint64_t sequence) const;
  base::Task<absl::Status> WriteFrame(int position, std::uint64_t sequence);
  base::Task<> JoinIfLevel(int position, std::uint64_t sequence);

  CatchUpContext context_;
  std::set<int> running_;  // positions
  bool is_stopped_ = false;
  Counters counters_;
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_CATCH_UP_H_
