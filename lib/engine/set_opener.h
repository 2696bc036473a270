// From the directories that were given to an open set: formats them when all
// are empty, finishes a formatting that was interrupted, and has empty drives
// take the places of missing ones.

#ifndef CAIRN_LIB_ENGINE_SET_OPENER_H_
#define CAIRN_LIB_ENGINE_SET_OPENER_H_

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/uuid.h"
#include "cairn/options.h"
#include "drive/loop.h"
#include "engine/given_drive.h"
#include "set/local_set.h"
#include "set/member.h"
#include "set/opening.h"

namespace cairn::engine {

using SetPtr = std::unique_ptr<set::LocalSet>;

// Closes a set and destroys it, on the strand, when nothing of it runs any
// more. Takes as long as a drive takes to answer.
base::Task<absl::Status> CloseSet(base::Executor* executor, SetPtr* set);

// Formatting. Every drive is half formatted before any is formatted. What an
// interruption leaves is finished by the next opening when it can be told from
// a store with missing drives: when every drive was given, none of them is
// merely empty, and none ever took part in an opening.
//
// Replacing. Which positions are missing says an opening that writes nothing;
// then there is one opening for each drive that takes a place. A drive that was
// formatted for a place which it did not get, because that was interrupted, is
// as good as an empty one.
//
// Thread safety: one call, off the strand; it blocks.
class SetOpener {
 public:
  // All are borrowed; the drives outlive the set.
  SetOpener(const EngineOptions& options, drive::Loop& loop,
            const set::SetEnvironment& environment,
            std::vector<GivenDrive>& drives)
      : options_(options),
        loop_(loop),
        environment_(environment),
        drives_(drives) {}
  SetOpener(const SetOpener&) = delete;
  SetOpener& operator=(const SetOpener&) = delete;

  // Errors: as cairn::Engine::Open().
  absl::StatusOr<SetPtr> Open();

 private:
  using Holders = std::vector<std::optional<base::Uuid>>;  // by position
  struct Candidate {
    GivenDrive* drive = nullptr;
    int position = 0;
  };

  // Formatting.
  bool HasFormatted() const;
  absl::Status FormatNew();
  absl::Status CheckAllEmpty() const;
  absl::Status FinishFormatting(const std::vector<set::Member>& members);
  absl::Status Format(const std::vector<GivenDrive*>& drives,
                      std::vector<format::DriveIdentity> identities);
  std::vector<GivenDrive*> EmptyDrives();

  // Opening.
  absl::StatusOr<std::vector<set::Member>> ReadMembers();
  absl::Status CheckUsable(const std::vector<set::Member>& members) const;
  absl::Status CheckEmptyDrives();
  absl::StatusOr<SetPtr> OpenOnce(set::OpenOptions options);
  absl::StatusOr<SetPtr> OpenAsIs();
  absl::Status CheckStrangers(const Holders& holders) const;
  Holders HoldersOf(const set::LocalSet& set);
  void Close(SetPtr set);

  // Replacing.
  absl::StatusOr<SetPtr> OpenReplacing(const std::vector<set::Member>& members);
  absl::StatusOr<std::vector<Candidate>> Candidates(
      const std::vector<set::Member>& members, const Holders& holders);
  absl::StatusOr<SetPtr> Replace(const Candidate& candidate);

  const EngineOptions& options_;
  drive::Loop& loop_;
  set::SetEnvironment environment_;
  std::vector<GivenDrive>& drives_;
};

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_SET_OPENER_H_
