// The command `cairn`.

#include <CLI/CLI.hpp>

#include "cli/command.h"

int main(int argc, char** argv) {
  using cairn::cli::Outcome;
  CLI::App app("Cairn: object storage in directories.", "cairn");
  app.require_subcommand(1);
  app.footer("cairn COMMAND --help tells more about a command.");
  Outcome outcome = Outcome::kFine;
  cairn::cli::AddInspectCommand(app, outcome);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_help = app.exit(error) == 0;
    outcome = is_help ? Outcome::kFine : Outcome::kFailed;
  }
  return static_cast<int>(outcome);
}
