#include "engine/options.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/status.h"
#include "set/ring.h"

namespace cairn::engine {
namespace {

constexpr std::size_t kDriveCountMax = 16;
constexpr std::uint64_t kLogSizeStep = 64 << 10;
// A frame takes a 64th of the log. This one holds the largest object that goes
// into the log, on a set of one data drive, with all that a record may have.
constexpr std::uint64_t kLogSizeMin = 8 << 20;
static_assert(kLogSizeMin >= set::kLogSizeMin);

// A record in memory takes up to twice what it takes in the log.
constexpr std::uint64_t kOverlayFactor = 2;
// What may wait for a drive that is late; all drives wait for the same frames.
constexpr std::uint64_t kBacklogSize = 8 << 20;
// For reading a log.
constexpr std::uint64_t kWindowSizeOfDrive = 1 << 20;
constexpr std::uint64_t kCallsMin = 16 << 20;

absl::Status CheckPaths(const std::vector<std::string>& paths) {
  if (paths.empty() || paths.size() > kDriveCountMax) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "{} drives: an engine has 1 to {}", paths.size(),
                       kDriveCountMax);
  }
  for (auto path = paths.begin(); path != paths.end(); ++path) {
    if (path->empty() || path->find('\0') != std::string::npos) {
      return base::Error(ErrorCode::kInvalidArgument,
                         "the path of drive {} is empty or holds a zero byte",
                         path - paths.begin());
    }
    if (std::find(paths.begin(), path, *path) != path) {
      return base::Error(ErrorCode::kDriveInUse,
                         "drive \"{}\" is given twice: each is one directory",
                         *path);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLogSize(std::uint64_t size) {
  if (size >= kLogSizeMin && size <= set::kLogSizeMax &&
      size % kLogSizeStep == 0) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidArgument,
                     "log_bytes of {}: {} to {}, a multiple of {}", size,
                     kLogSizeMin, set::kLogSizeMax, kLogSizeStep);
}

absl::Status CheckGiven(const EngineOptions& options) {
  if (options.data.has_value() != options.parity.has_value()) {
    return base::Error(ErrorCode::kInvalidGeometry,
                       "data and parity are given both or not at all");
  }
  if (!options.data.has_value()) return absl::OkStatus();
  return set::Validate({.data = *options.data, .parity = *options.parity});
}

}  // namespace

absl::Status Check(const EngineOptions& options) {
  CAIRN_RETURN_IF_ERROR(CheckPaths(options.drives));
  CAIRN_RETURN_IF_ERROR(CheckGiven(options));
  return CheckLogSize(options.log_bytes);
}

absl::StatusOr<set::Geometry> GeometryOf(const EngineOptions& options) {
  const int count = static_cast<int>(options.drives.size());
  if (!options.data.has_value()) return set::DefaultGeometry(count);
  const set::Geometry geometry{.data = *options.data,
                               .parity = *options.parity};
  if (geometry.drive_count() == count) return geometry;
  return base::Error(ErrorCode::kInvalidGeometry,
                     "{}+{} are {} drives, {} are given", geometry.data,
                     geometry.parity, geometry.drive_count(), count);
}

absl::Status CheckGeometry(const EngineOptions& options,
                           const set::Geometry& formatted) {
  if (!options.data.has_value() ||
      set::Geometry{.data = *options.data, .parity = *options.parity} ==
          formatted) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidGeometry,
                     "{}+{} are asked for, the drives are formatted as {}+{}",
                     *options.data, *options.parity, formatted.data,
                     formatted.parity);
}

std::uint64_t MemoryAtRest(const EngineOptions& options, int drive_count,
                           std::uint64_t log_size) {
  return options.cache_bytes + kOverlayFactor * log_size + kBacklogSize +
         static_cast<std::uint64_t>(drive_count) * kWindowSizeOfDrive;
}

absl::Status CheckMemory(const EngineOptions& options, int drive_count,
                         std::uint64_t log_size) {
  // cache_bytes is the host's, and may be any number.
  const bool is_absurd = options.cache_bytes > options.memory_max;
  const std::uint64_t needed =
      MemoryAtRest(options, drive_count, log_size) + kCallsMin;
  if (!is_absurd && needed <= options.memory_max) return absl::OkStatus();
  return base::Error(ErrorCode::kInvalidArgument,
                     "memory_max of {}: a cache of {} and logs of {} on {} "
                     "drives leave no room for calls; give more, or a smaller "
                     "cache",
                     options.memory_max, options.cache_bytes, log_size,
                     drive_count);
}

}  // namespace cairn::engine
