// The subcommands of `cairn`, one file for each; main.cc has the table.

#ifndef CAIRN_BINDINGS_CLI_COMMAND_H_
#define CAIRN_BINDINGS_CLI_COMMAND_H_

#include <CLI/CLI.hpp>

namespace cairn::cli {

// What the program returns.
enum class Outcome : int {
  kFine = 0,
  kDamaged = 1,  // it was read, and is not as it was written
  kFailed = 2,   // it could not be done; standard error says why
};

// Adds a subcommand to `app`; when that runs, it sets `outcome`. Both outlive
// the parsing.
using AddCommand = void (*)(CLI::App& app, Outcome& outcome);

void AddInspectCommand(CLI::App& app, Outcome& outcome);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_COMMAND_H_
