// The command line.

#ifndef CAIRN_EXAMPLES_QUICKSTART_ARGUMENTS_H_
#define CAIRN_EXAMPLES_QUICKSTART_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quickstart {

struct Arguments {
  std::string directory;  // whose files are stored
  std::string work;       // where the drives are made
  std::vector<std::string> only;
  std::string json;
  std::uint64_t seed = 1;
  bool is_list = false;
};

// nullopt where they are wrong; standard error says how they are right.
std::optional<Arguments> ParseArguments(int argc, char** argv);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_ARGUMENTS_H_
