#include "engine/heal.h"

#include <memory>

#include "base/status.h"
#include "base/task.h"
#include "engine/on_strand.h"
#include "set/heal_pass.h"

namespace cairn::engine {
namespace {

base::Task<std::unique_ptr<set::HealPass>> NewPass(Parts* parts) {
  co_return parts->set().NewHealPass();
}

}  // namespace

absl::StatusOr<HealReport> RunHealPass(Parts& parts,
                                       const HealOptions& options) {
  const std::unique_ptr<set::HealPass> pass =
      AwaitOnStrand(parts.loop(), NewPass(&parts));
  while (!pass->done()) {
    CAIRN_RETURN_IF_ERROR(parts.loop().Await(pass->Step()));
    if (options.on_progress) {
      options.on_progress({.done = pass->steps_done(), .total = pass->steps()});
    }
  }
  const set::HealCounts& counts = pass->counts();
  return HealReport{.checked = counts.checked,
                    .healed = counts.healed,
                    .unrecoverable = counts.unrecoverable,
                    .postponed = counts.postponed};
}

}  // namespace cairn::engine
