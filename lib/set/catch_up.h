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

// A drive that is behind gets the frames that it lacks, in their order; what
// the log has given up it gets as runs and catalogue. Then it takes new frames.
//
// Thread safety: one strand.
class CatchUp {
 public:
  // All are borrowed.
  CatchUp(const GatherContext& gather, Committer& committer, Replicas& replicas,
          LogFrames& log_frames, Checkpointer& checkpointer,
          LogReader::Logs logs)
      : gather_(gather),
        committer_(committer),
        replicas_(replicas),
        log_frames_(log_frames),
        checkpointer_(checkpointer),
        logs_(std::move(logs)) {}
  CatchUp(const CatchUp&) = delete;
  CatchUp& operator=(const CatchUp&) = delete;

  // Begins with every drive that is behind and not catching up yet.
  void Start();

  std::uint64_t count() const { return count_; }  // drives that have caught up

 private:
  base::Task<> Run(int position);
  base::Task<absl::Status> WriteFrames(int position, std::uint64_t* sequence);
  bool IsInCatalogue(std::uint64_t sequence) const;
  base::Task<absl::Status> WriteFrame(int position, std::uint64_t sequence);
  base::Task<> JoinIfLevel(int position, std::uint64_t sequence);

  const GatherContext& gather_;
  Committer& committer_;
  Replicas& replicas_;
  LogFrames& log_frames_;
  Checkpointer& checkpointer_;
  LogReader::Logs logs_;
  std::set<int> running_;  // positions
  std::uint64_t count_ = 0;
  base::TaskScope scope_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_CATCH_UP_H_
