// What a process that was killed was at, as its drives show it.

#ifndef CAIRN_TESTS_SUPPORT_SCENE_H_
#define CAIRN_TESTS_SUPPORT_SCENE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace cairn::support {

// Each says that it was certainly at that: more often it was at work in memory.
struct Scene {
  // The last frame is a commit, and stands on some drives and not on others,
  // all of which have the one before.
  bool is_in_commit = false;
  // A run or a pack is there that is newer than all that catalogues name, or
  // not all drives have the newest catalogue.
  bool is_in_checkpoint = false;
  // A shard of a pack or of a large blob is half made.
  bool is_in_heal = false;
};

// `drives` are the directories of all drives of a set that nobody has open.
//
// Errors: those of reading; kUnrecoverable when no drive has a catalogue.
absl::StatusOr<Scene> LookAtScene(const std::vector<std::string>& drives);

// Whether a shard is being made on the drive, which may be in use.
bool IsShardHalfMade(const std::string& drive);

// The names of the runs and packs of the drive, which may be in use.
std::vector<std::string> CheckpointFilesOf(const std::string& drive);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SCENE_H_
