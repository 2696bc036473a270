// cairn get: writes an object to a file.

#include <unistd.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "cli/command.h"
#include "cli/file.h"
#include "cli/parse.h"
#include "cli/store.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
Every byte is verified before it is written. A file appears, or is replaced,
when all of it is there. Opens the store to read only.

Examples:
  cairn get photos/2026/cat.jpg cat.jpg
  cairn get backups/today.tar | tar t
  cairn get logs/today - --range -500      the last 500 bytes

Returns 0 when all was written, 2 when it was not.)";

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

struct GetArguments {
  StoreArguments store;
  std::string name;
  std::string file;
  std::string range;
};

// Where the bytes go. They may be anything, so a terminal is asked for by name.
absl::StatusOr<std::string> FileOf(const GetArguments& arguments) {
  if (!arguments.file.empty()) return arguments.file;
  if (isatty(STDOUT_FILENO) == 0) return kStandard;
  return absl::InvalidArgumentError(
      "standard output is a terminal: name a file, or - to write to it");
}

absl::StatusOr<GetOptions> OptionsOf(const GetArguments& arguments) {
  GetOptions options;
  if (arguments.range.empty()) return options;
  const auto range = ParseRange(arguments.range);
  if (!range.ok()) return range.status();
  options.range = *range;
  return options;
}

absl::Status Copy(ObjectReader& reader, OutputFile& file) {
  std::vector<std::byte> piece(kPieceSize);
  while (true) {
    const auto size = reader.Read(piece);
    if (!size.ok()) return size.status();
    if (*size == 0) return file.Commit();
    const auto written = file.Write(std::span(piece).first(*size));
    if (!written.ok()) return written;
  }
}

absl::Status GetInto(const std::string& path, ObjectReader& reader) {
  auto file = OutputFile::Create(path);
  if (!file.ok()) return file.status();
  return Copy(reader, *file);
}

absl::StatusOr<Outcome> RunGet(const GetArguments& arguments) {
  const auto name = ParseObjectName(arguments.name);
  if (!name.ok()) return name.status();
  const auto path = FileOf(arguments);
  if (!path.ok()) return path.status();
  const auto options = OptionsOf(arguments);
  if (!options.ok()) return options.status();
  const auto engine = OpenStore(arguments.store, ForReading());
  if (!engine.ok()) return engine.status();
  const auto reader = (*engine)->Get(name->ref(), *options);
  if (!reader.ok()) return reader.status();
  absl::Status status = GetInto(*path, **reader);
  if (!status.ok()) return status;
  return Outcome::kFine;
}

}  // namespace

void AddGetCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<GetArguments>();
  CLI::App* command = app.add_subcommand("get", "Write an object to a file");
  command->footer(kFooter);
  command->add_option("BUCKET/KEY", arguments->name, "The name of the object")
      ->required();
  command->add_option("FILE", arguments->file,
                      "The file; - or none is standard output");
  AddDriveOption(*command, arguments->store);
  command
      ->add_option("--range", arguments->range,
                   "Bytes as HTTP has them: FIRST-LAST, FIRST- or -COUNT")
      ->type_name("RANGE");
  command->callback(
      [arguments, &outcome] { outcome = Conclude("get", RunGet(*arguments)); });
}

}  // namespace cairn::cli
