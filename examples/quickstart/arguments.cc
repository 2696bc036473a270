#include "quickstart/arguments.h"

#include <getopt.h>

#include <array>
#include <cstdlib>
#include <iostream>

namespace quickstart {
namespace {

constexpr char kUsage[] = R"(quickstart [OPTION]... DIRECTORY WORK
  DIRECTORY     its files are stored
  WORK          an empty directory where six drives are made
  --only STEP   does only STEP, and what it needs; may be repeated
  --json FILE   also writes the result as JSON
  --seed N      of the order of the files, and of the drives that are lost
  --list        lists the steps and does nothing
)";

constexpr std::array kOptions = {
    option{"only", required_argument, nullptr, 'o'},
    option{"json", required_argument, nullptr, 'j'},
    option{"seed", required_argument, nullptr, 's'},
    option{"list", no_argument, nullptr, 'l'},
    option{nullptr, 0, nullptr, 0},
};

// False for an option that there is not.
bool TakeOption(int name, Arguments& arguments) {
  switch (name) {
    case 'o':
      arguments.only.emplace_back(optarg);
      return true;
    case 'j':
      arguments.json = optarg;
      return true;
    case 's':
      arguments.seed = std::strtoull(optarg, nullptr, 10);
      return true;
    case 'l':
      arguments.is_list = true;
      return true;
    default:
      return false;
  }
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  int name = 0;
  while ((name = getopt_long(argc, argv, "", kOptions.data(), nullptr)) != -1) {
    if (!TakeOption(name, arguments)) return false;
  }
  if (arguments.is_list) return optind == argc;
  if (argc - optind != 2) return false;
  arguments.directory = argv[optind];
  arguments.work = argv[optind + 1];
  return true;
}

}  // namespace

std::optional<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  if (Parse(argc, argv, arguments)) return arguments;
  std::cerr << kUsage;
  return std::nullopt;
}

}  // namespace quickstart
