// The state of an engine's drives, and healing what they lack.

#ifndef CAIRN_HEALTH_H_
#define CAIRN_HEALTH_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cairn {

// Of an engine that takes no writes, every drive that is there is serving.
enum class DriveState {
  kServing,  // takes every commit
  kBehind,   // was too slow; is catching up
  kFenced,   // failed a write or a sync: out of service until the next opening
  kMissing,  // not there
};

struct DriveInfo {
  DriveState state = DriveState::kMissing;
  std::string path;  // empty when it is missing
  // Of the file system that it lies on; 0 when they cannot be told.
  std::uint64_t bytes_total = 0;
  std::uint64_t bytes_available = 0;
};

struct EngineInfo {
  std::string deployment;  // a UUID
  int data = 0;
  int parity = 0;
  // Drives that must be serving for the engine to take writes.
  int write_quorum = 0;
  // Whether it takes no writes, whatever the drives: it was opened so, or its
  // last commit is not decided.
  bool read_only = false;
  std::uint32_t epoch = 0;  // of openings for writing
  std::uint64_t last_sequence = 0;
  std::uint64_t run_count = 0;
  std::uint64_t pack_count = 0;
  std::vector<DriveInfo> drives;  // by position: data + parity of them
};

struct HealProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;  // the last call says done == total
};

struct HealOptions {
  // Called by the thread that called Engine::Heal().
  std::function<void(const HealProgress&)> on_progress;
};

// Counts files of one drive: runs, and shards of packs and of large objects.
struct HealReport {
  std::uint64_t checked = 0;
  std::uint64_t healed = 0;
  // More shards are gone than parity covers.
  std::uint64_t unrecoverable = 0;
  // Could not be healed now: a drive is not serving or failed, or too few
  // drives that have the others answer; or not looked for, as a directory of
  // its drive could not be listed, which counts as a file as well.
  std::uint64_t postponed = 0;
};

}  // namespace cairn

#endif  // CAIRN_HEALTH_H_
