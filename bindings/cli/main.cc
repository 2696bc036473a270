// The command `cairn`.

#include <array>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace cairn::cli {
namespace {

constexpr std::array<AddCommand, 8> kCommands = {
    AddInfoCommand, AddLsCommand,     AddPutCommand,  AddGetCommand,
    AddRmCommand,   AddCreateCommand, AddHealCommand, AddInspectCommand,
};

// What is wrong on the command line.
std::string Explain(const CLI::App* app, const CLI::Error& error) {
  const auto commands = app->get_subcommands();
  const auto others = app->remaining();
  std::string text = "cairn";
  for (const CLI::App* command : commands) text += " " + command->get_name();
  const std::string help = "'" + text + " --help' tells what there is.\n";
  if (commands.empty() && !others.empty()) {
    return text + ": no command \"" + others.front() + "\"\n" + help;
  }
  return text + ": " + error.what() + "\n" + help;
}

// Whether all that was printed has left the process.
bool IsPrinted() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  std::fputs("cairn: standard output could not be written\n", stderr);
  return false;
}

int Run(int argc, char** argv) {
  CLI::App app("Cairn: object storage in directories.", "cairn");
  app.require_subcommand(1);
  app.failure_message(Explain);
  app.footer("'cairn COMMAND --help' tells more about a command.");
  Outcome outcome = Outcome::kFine;
  for (const AddCommand add : kCommands) add(app, outcome);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_help = app.exit(error) == 0;
    outcome = is_help ? Outcome::kFine : Outcome::kFailed;
  }
  if (!IsPrinted()) outcome = Outcome::kFailed;
  return static_cast<int>(outcome);
}

}  // namespace
}  // namespace cairn::cli

int main(int argc, char** argv) { return cairn::cli::Run(argc, argv); }
