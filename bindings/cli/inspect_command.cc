// cairn inspect: explains a file or a drive.

#include <cstdio>
#include <memory>
#include <string>

#include "fmt/format.h"

#include "cairn/inspect.h"
#include "cli/command.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] =
    "Reads only, and needs no engine. Files are explained best where they lie\n"
    "on their drive: logs and packs are bound to the cairn.format beside "
    "them.\n"
    "\n"
    "Examples:\n"
    "  cairn inspect /mnt/a                 what the drive holds\n"
    "  cairn inspect /mnt/a/log             what its log holds, and verify it\n"
    "  cairn inspect /mnt/a/log --frames    with every frame and mutation\n"
    "  cairn inspect /mnt/a/log --at 8264   what byte 8264 is\n"
    "\n"
    "Returns 0 when no damage was found, 1 when something is damaged, 2 when\n"
    "it could not be read.\n";

struct InspectArguments {
  std::string path;
  InspectOptions options;
  bool is_json = false;
};

Outcome RunInspect(const InspectArguments& arguments) {
  const auto report = Inspect(arguments.path, arguments.options);
  if (!report.ok()) {
    fmt::print(stderr, "cairn inspect: {}\n",
               std::string(report.status().message()));
    return Outcome::kFailed;
  }
  fmt::print("{}",
             arguments.is_json ? RenderJson(*report) : RenderText(*report));
  return report->damage_count == 0 ? Outcome::kFine : Outcome::kDamaged;
}

}  // namespace

void AddInspectCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Explain and verify any file of Cairn, or a drive");
  command->footer(kFooter);
  command
      ->add_option("path", arguments->path,
                   "A file that Cairn wrote, or the directory of a drive")
      ->required();
  command->add_flag("--json", arguments->is_json, "Print one JSON object");
  command
      ->add_option("--at", arguments->options.at,
                   "Explain the byte at this offset (0x... is hexadecimal)")
      ->type_name("OFFSET");
  command->add_flag("--list,--frames,--records,--objects",
                    arguments->options.is_listing, "List what the file holds");
  command
      ->add_option("--limit", arguments->options.limit,
                   "The most entries that are listed")
      ->type_name("COUNT")
      ->capture_default_str();
  command->callback(
      [arguments, &outcome] { outcome = RunInspect(*arguments); });
}

}  // namespace cairn::cli
