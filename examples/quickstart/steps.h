// The steps of the quickstart, in their order.

#ifndef CAIRN_EXAMPLES_QUICKSTART_STEPS_H_
#define CAIRN_EXAMPLES_QUICKSTART_STEPS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "quickstart/receipt.h"
#include "quickstart/session.h"

namespace quickstart {

struct Step {
  std::string_view id;
  std::string_view needs;  // the step that goes before; empty: none
  std::string_view what;
  absl::StatusOr<Work> (*run)(Session& session);
};

std::span<const Step> AllSteps();

// The steps with these IDs and those that they need, in their order; all where
// there are no IDs.
//
// Errors: kInvalidArgument for an ID that is not there.
absl::StatusOr<std::vector<Step>> Choose(const std::vector<std::string>& ids);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_STEPS_H_
