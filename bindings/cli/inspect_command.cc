// cairn inspect: explains a file or a drive.

#include <cstdio>
#include <memory>
#include <string>

#include "fmt/format.h"

#include "cairn/inspect.h"
#include "cli/command.h"
#include "cli/parse.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
Reads only, and needs no engine. Files are explained best where they lie on
their drive: logs and packs are bound to the cairn.format beside them, and blobs
are held against it.

Examples:
  cairn inspect /mnt/a                     what the drive holds
  cairn inspect /mnt/a/log                 what its log holds, and verify it
  cairn inspect /mnt/a/log --list          with every frame and mutation
  cairn inspect /mnt/a/log --offset 8264   what byte 8264 is
  cairn inspect /mnt/a/blobs/2f/ID --list  a large blob, with its checksums
  cairn inspect /mnt/a/open_packs/ID --list
                                           the blobs of an open pack

Returns 0 when no damage was found, 1 when something is damaged, 2 when it could
not be read.)";

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
      ->add_option("FILE", arguments->path,
                   "A file that Cairn wrote, or the directory of a drive")
      ->required();
  command->add_flag("--json", arguments->is_json, "Print one JSON object");
  CLI::Option* offset =
      command
          ->add_option("--offset", arguments->options.offset,
                       "Explain the byte at this offset (0x1f is hexadecimal)")
          ->check(IsCount)
          ->type_name("N");
  command
      ->add_flag("--list", arguments->options.is_listing,
                 "List what the file holds: frames, records, objects, slices")
      ->excludes(offset);
  command
      ->add_option("--limit", arguments->options.limit,
                   "The most entries that are listed")
      ->check(IsCount)
      ->type_name("COUNT")
      ->capture_default_str();
  command->callback(
      [arguments, &outcome] { outcome = RunInspect(*arguments); });
}

}  // namespace cairn::cli
