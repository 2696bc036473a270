// The subcommands of `cairn`, one file for each.

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

// Each adds its subcommand to `app`; when that runs, it sets `outcome`. Both
// outlive the parsing.
void AddInspectCommand(CLI::App& app, Outcome& outcome);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_COMMAND_H_
