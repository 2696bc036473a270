// cairn heal: gives drives what they lack.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>

#include "fmt/format.h"

#include "cli/command.h"
#include "cli/json.h"
#include "cli/store.h"
#include "cli/text.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
Looks on every drive for the files that it should have, and makes those that it
lacks from what the other drives hold.

Name the drives that are left and the empty ones that take the places of those
that are gone, with --replace-missing:
  cairn heal -d /mnt/a -d /mnt/new -d /mnt/c --replace-missing
Mind that a mount point where nothing is mounted looks like an empty drive.

Returns 0 when nothing lacks any more, 1 when something could not be healed, 2
when it could not be tried.)";

struct HealArguments {
  StoreArguments store;
  bool replaces_missing = false;
};

// A line on standard error: rewritten in place on a terminal, else one for
// each tenth.
class ProgressLine {
 public:
  void Show(const HealProgress& progress) {
    const std::uint64_t percent =
        progress.total == 0 ? 100 : 100 * progress.done / progress.total;
    const std::uint64_t step = is_terminal_ ? percent : percent / 10;
    if (is_shown_ && step == last_step_) return;
    fmt::print(stderr, "{}healing: {:>3} % of {} files{}",
               is_terminal_ ? "\r" : "", percent, progress.total,
               is_terminal_ ? "" : "\n");
    is_shown_ = true;
    last_step_ = step;
  }

  void End() const {
    if (is_terminal_ && is_shown_) fmt::print(stderr, "\n");
  }

 private:
  bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  bool is_shown_ = false;
  std::uint64_t last_step_ = 0;
};

void PrintReport(const HealReport& report, bool is_json) {
  if (is_json) {
    return Print(ToText({{"checked", report.checked},
                         {"healed", report.healed},
                         {"unrecoverable", report.unrecoverable},
                         {"postponed", report.postponed}}) +
                 "\n");
  }
  Table table;
  table.AddColumn("files", Table::Align::kLeft);
  table.AddColumn("count", Table::Align::kRight);
  table.AddRow({"checked", fmt::format("{}", report.checked)});
  table.AddRow({"healed", fmt::format("{}", report.healed)});
  table.AddRow({"unrecoverable", fmt::format("{}", report.unrecoverable)});
  table.AddRow({"postponed", fmt::format("{}", report.postponed)});
  Print(table.Render());
}

absl::StatusOr<HealReport> Heal(Engine& engine) {
  ProgressLine line;
  HealOptions options;
  options.on_progress = [&line](const HealProgress& now) { line.Show(now); };
  auto report = engine.Heal(options);
  line.End();
  return report;
}

absl::StatusOr<std::unique_ptr<Engine>> Open(const HealArguments& arguments) {
  const bool replaces = arguments.replaces_missing && HasStore(arguments.store);
  return OpenStore(arguments.store, replaces ? ForReplacing() : ForWriting());
}

absl::StatusOr<Outcome> RunHeal(const HealArguments& arguments) {
  const auto engine = Open(arguments);
  if (!engine.ok()) return engine.status();
  const auto report = Heal(**engine);
  if (!report.ok()) return report.status();
  PrintReport(*report, arguments.store.is_json);
  const bool is_whole = report->unrecoverable + report->postponed == 0;
  return is_whole ? Outcome::kFine : Outcome::kDamaged;
}

}  // namespace

void AddHealCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<HealArguments>();
  CLI::App* command =
      app.add_subcommand("heal", "Give drives the files that they lack");
  command->footer(kFooter);
  AddDriveOption(*command, arguments->store);
  command->add_flag("--replace-missing", arguments->replaces_missing,
                    "Let empty drives take the places of missing ones");
  AddJsonOption(*command, arguments->store);
  command->callback([arguments, &outcome] {
    outcome = Conclude("heal", RunHeal(*arguments));
  });
}

}  // namespace cairn::cli
