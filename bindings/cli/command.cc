#include "cli/command.h"

#include <cstdio>
#include <string>

#include "fmt/format.h"

#include "cli/text.h"

namespace cairn::cli {

void Complain(std::string_view command, const absl::Status& status) {
  fmt::print(stderr, "cairn {}: {}\n", command,
             Printable(std::string(status.message())));
}

Outcome Conclude(std::string_view command,
                 const absl::StatusOr<Outcome>& result) {
  if (result.ok()) return *result;
  Complain(command, result.status());
  return Outcome::kFailed;
}

}  // namespace cairn::cli
