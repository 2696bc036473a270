#include "cli/store.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"

namespace cairn::cli {
namespace {

constexpr char kVariable[] = "CAIRN_DRIVES";

// The parts of `text` between colons that are not empty.
std::vector<std::string> SplitAtColons(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> DrivesOf(const StoreArguments& arguments) {
  if (!arguments.drives.empty()) return arguments.drives;

  const char* named = std::getenv(kVariable);
  return SplitAtColons(named == nullptr ? "" : named);
}

}  // namespace

void AddDriveOption(CLI::App& command, StoreArguments& arguments) {
  command
      .add_option("-d,--drive", arguments.drives,
                  "The directory that is a drive of the store; say it for each "
                  "drive, or name all in CAIRN_DRIVES, with colons between")
      ->allow_extra_args(false)
      ->type_name("DIR");
}

void AddJsonOption(CLI::App& command, StoreArguments& arguments) {
  command.add_flag("--json", arguments.is_json, "Print one JSON object");
}

EngineOptions ForReading() {
  EngineOptions options = ForWriting();
  options.read_only = true;
  return options;
}

EngineOptions ForWriting() {
  EngineOptions options;
  options.create = CreateMode::kNever;
  return options;
}

EngineOptions ForReplacing() {
  EngineOptions options;
  options.replace_missing = true;
  return options;
}

bool HasStore(const StoreArguments& arguments) {
  const std::vector<std::string> drives = DrivesOf(arguments);
  return std::any_of(drives.begin(), drives.end(), [](const auto& drive) {
    std::error_code ignored;
    return std::filesystem::exists(drive + "/cairn.format", ignored);
  });
}

absl::StatusOr<std::unique_ptr<Engine>> OpenStore(
    const StoreArguments& arguments, EngineOptions options) {
  options.drives = DrivesOf(arguments);
  if (options.drives.empty()) {
    return absl::InvalidArgumentError(
        "no drive is named: say --drive DIR for each, or set CAIRN_DRIVES");
  }
  return Engine::Open(options);
}

}  // namespace cairn::cli
