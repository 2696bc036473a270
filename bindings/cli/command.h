// The subcommands of `cairn`, one file for each; main.cc has the table.

#ifndef CAIRN_BINDINGS_CLI_COMMAND_H_
#define CAIRN_BINDINGS_CLI_COMMAND_H_

#include <string_view>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"

namespace cairn::cli {

// What the program returns.
enum class Outcome : int {
  kFine = 0,
  kDamaged = 1,  // it was done, and something is not as it should be
  kFailed = 2,   // it could not be done; standard error says why
};

// Adds a subcommand to `app`; when that runs, it sets `outcome`. Both outlive
// the parsing.
using AddCommand = void (*)(CLI::App& app, Outcome& outcome);

void AddCreateCommand(CLI::App& app, Outcome& outcome);
void AddGetCommand(CLI::App& app, Outcome& outcome);
void AddHealCommand(CLI::App& app, Outcome& outcome);
void AddInfoCommand(CLI::App& app, Outcome& outcome);
void AddInspectCommand(CLI::App& app, Outcome& outcome);
void AddLsCommand(CLI::App& app, Outcome& outcome);
void AddPutCommand(CLI::App& app, Outcome& outcome);
void AddRmCommand(CLI::App& app, Outcome& outcome);

// Says on standard error why `command` failed.
void Complain(std::string_view command, const absl::Status& status);

// How `command` ended; complains where it failed.
Outcome Conclude(std::string_view command,
                 const absl::StatusOr<Outcome>& result);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_COMMAND_H_
