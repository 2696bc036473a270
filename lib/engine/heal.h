// Healing while a caller waits for it.

#ifndef CAIRN_LIB_ENGINE_HEAL_H_
#define CAIRN_LIB_ENGINE_HEAL_H_

#include "absl/status/statusor.h"

#include "cairn/health.h"
#include "engine/parts.h"

namespace cairn::engine {

// Goes through all files of the set once, a step after the other: between two
// of them the caller hears of it, on this thread. Blocks.
//
// Errors: kReadOnly, kQuorumLost.
absl::StatusOr<HealReport> RunHealPass(Parts& parts,
                                       const HealOptions& options);

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_HEAL_H_
