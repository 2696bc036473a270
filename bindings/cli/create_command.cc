// cairn create: formats empty drives as a new store.

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"

#include "cli/command.h"
#include "cli/info.h"
#include "cli/parse.h"
#include "cli/store.h"
#include "cli/text.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
The drives are directories that exist and are empty, each on a device of its own
where drives are to be lost without losing data. No other command formats one.

Example:
  cairn create -d /mnt/a -d /mnt/b -d /mnt/c --data 2 --parity 1

Returns 0 when the store was created, 2 when it was not.)";

struct CreateArguments {
  StoreArguments store;
  std::optional<int> data;
  std::optional<int> parity;
  std::uint64_t log_bytes = EngineOptions().log_bytes;
};

EngineOptions OptionsOf(const CreateArguments& arguments) {
  EngineOptions options;
  options.data = arguments.data;
  options.parity = arguments.parity;
  options.log_bytes = arguments.log_bytes;
  return options;
}

absl::StatusOr<Outcome> RunCreate(const CreateArguments& arguments) {
  if (OpenStore(arguments.store, ForReading()).ok()) {
    return absl::FailedPreconditionError("the drives hold a store already");
  }
  const auto engine = OpenStore(arguments.store, OptionsOf(arguments));
  if (!engine.ok()) return engine.status();
  const auto info = (*engine)->Info();
  if (!info.ok()) return info.status();
  Print(arguments.store.is_json ? RenderInfoAsJson(*info) : RenderInfo(*info));
  return Outcome::kFine;
}

}  // namespace

void AddCreateCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<CreateArguments>();
  CLI::App* command =
      app.add_subcommand("create", "Format empty drives as a new store");
  command->footer(kFooter);
  AddDriveOption(*command, arguments->store);
  CLI::Option* data = command->add_option("--data", arguments->data,
                                          "Drives that hold the bytes");
  CLI::Option* parity =
      command->add_option("--parity", arguments->parity,
                          "Drives that may be lost without losing data");
  data->needs(parity)->type_name("N");
  parity->needs(data)->type_name("N");
  command
      ->add_option("--log-bytes", arguments->log_bytes,
                   "Size of the log of each drive")
      ->check(IsCount)
      ->type_name("N")
      ->capture_default_str();
  AddJsonOption(*command, arguments->store);
  command->callback([arguments, &outcome] {
    outcome = Conclude("create", RunCreate(*arguments));
  });
}

}  // namespace cairn::cli
