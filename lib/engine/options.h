// What EngineOptions may say.

#ifndef CAIRN_LIB_ENGINE_OPTIONS_H_
#define CAIRN_LIB_ENGINE_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cairn/options.h"
#include "set/quorum.h"

namespace cairn::engine {

// What can be said of `options` before any drive was looked at.
//
// Errors: kInvalidArgument, kInvalidGeometry; kDriveInUse for a path that is
//         given twice.
absl::Status Check(const EngineOptions& options);

// The geometry of a set that is formatted with `options`, which were checked.
//
// Errors: kInvalidGeometry.
absl::StatusOr<set::Geometry> GeometryOf(const EngineOptions& options);

// Whether `options` suit a set that has this geometry.
//
// Errors: kInvalidGeometry.
absl::Status CheckGeometry(const EngineOptions& options,
                           const set::Geometry& formatted);

// What the engine takes of `memory_max` whatever is asked of it: the cache, the
// records that the logs hold, and what waits for drives. The rest is for calls.
std::uint64_t MemoryAtRest(const EngineOptions& options, int drive_count,
                           std::uint64_t log_size);

// Whether `memory_max` leaves room for calls.
//
// Errors: kInvalidArgument.
absl::Status CheckMemory(const EngineOptions& options, int drive_count,
                         std::uint64_t log_size);

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_OPTIONS_H_
