#include "support/figures.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/check.h"

namespace cairn::support {
namespace {

std::uint64_t FromEnvironment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

void AddFigure(std::string_view name, std::uint64_t value) {
  // The report takes no other: found here, not only where all is run.
  CAIRN_CHECK(std::all_of(name.begin(), name.end(), IsNameCharacter));
  const char* path = std::getenv("CAIRN_TEST_FIGURES");
  if (path == nullptr) return;
  std::ofstream(path, std::ios::app)
      << "{\"" << name << "\": " << value << "}\n";
}

std::uint64_t TestSeed(std::uint64_t fallback) {
  const std::uint64_t seed = FromEnvironment("CAIRN_TEST_SEED", fallback);
  std::cout << "CAIRN_TEST_SEED=" << seed << std::endl;
  return seed;
}

std::uint64_t TestIterations(std::uint64_t fallback) {
  const std::uint64_t wanted =
      FromEnvironment("CAIRN_TEST_ITERATIONS", fallback);
  return std::min(wanted, FromEnvironment("CAIRN_TEST_ITERATIONS_MAX", wanted));
}

}  // namespace cairn::support
