// cairn info: what is known of a store and its drives.

#include <memory>

#include "cli/command.h"
#include "cli/info.h"
#include "cli/store.h"
#include "cli/text.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
Opens the store to read only: nothing is written to any drive.

Returns 0 when every drive serves, 1 when one does not, 2 when the store could
not be opened.)";

absl::StatusOr<Outcome> RunInfo(const StoreArguments& arguments) {
  const auto engine = OpenStore(arguments, ForReading());
  if (!engine.ok()) return engine.status();
  const auto info = (*engine)->Info();
  if (!info.ok()) return info.status();
  Print(arguments.is_json ? RenderInfoAsJson(*info) : RenderInfo(*info));
  return IsWhole(*info) ? Outcome::kFine : Outcome::kDamaged;
}

}  // namespace

void AddInfoCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<StoreArguments>();
  CLI::App* command =
      app.add_subcommand("info", "Show the state of a store and its drives");
  command->footer(kFooter);
  AddDriveOption(*command, *arguments);
  AddJsonOption(*command, *arguments);
  command->callback([arguments, &outcome] {
    outcome = Conclude("info", RunInfo(*arguments));
  });
}

}  // namespace cairn::cli
