// cairn rm: deletes objects, and buckets that are empty.

#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "cli/command.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "cli/store.h"
#include "cli/text.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
A name without a "/" is that of a bucket; it is deleted when it holds no object.
An object that is not there is no error.

Returns 0 when nothing of what was named is there any more, 2 otherwise. What
could be deleted is, whatever becomes of the others.)";

struct RmArguments {
  StoreArguments store;
  std::vector<std::string> names;
};

absl::Status DeleteOne(Engine& engine, const std::string& text) {
  if (text.find('/') == std::string::npos) return engine.DeleteBucket(text);
  const auto name = ParseObjectName(text);
  if (!name.ok()) return name.status();
  return engine.Delete(name->ref(), {});
}

absl::StatusOr<Outcome> RunRm(const RmArguments& arguments) {
  const auto engine = OpenStore(arguments.store, ForWriting());
  if (!engine.ok()) return engine.status();
  Outcome outcome = Outcome::kFine;
  Json deleted = Json::array();
  for (const std::string& name : arguments.names) {
    const absl::Status status = DeleteOne(**engine, name);
    if (!status.ok()) {
      Complain("rm", status);
      outcome = Outcome::kFailed;
      continue;
    }
    deleted.push_back(name);
    if (!arguments.store.is_json) {
      Print(fmt::format("deleted {}\n", Printable(name)));
    }
  }
  if (arguments.store.is_json) {
    Print(ToText({{"deleted", deleted}}) + "\n");
  }
  return outcome;
}

}  // namespace

void AddRmCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<RmArguments>();
  CLI::App* command = app.add_subcommand("rm", "Delete objects");
  command->footer(kFooter);
  command
      ->add_option("BUCKET/KEY", arguments->names, "The names of the objects")
      ->required();
  AddDriveOption(*command, arguments->store);
  AddJsonOption(*command, arguments->store);
  command->callback(
      [arguments, &outcome] { outcome = Conclude("rm", RunRm(*arguments)); });
}

}  // namespace cairn::cli
