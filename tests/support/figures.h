// Figures that a test adds to the report of the run: how much it did.

#ifndef CAIRN_TESTS_SUPPORT_FIGURES_H_
#define CAIRN_TESTS_SUPPORT_FIGURES_H_

#include <cstdint>
#include <string_view>

namespace cairn::support {

// Appends {"name": value} to the file that CAIRN_TEST_FIGURES names; nothing
// without it. A name is of [a-z0-9_].
void AddFigure(std::string_view name, std::uint64_t value);

// CAIRN_TEST_SEED, or `fallback`; printed, so that a failure can be replayed.
std::uint64_t TestSeed(std::uint64_t fallback);

// CAIRN_TEST_ITERATIONS, or `fallback`; at most CAIRN_TEST_ITERATIONS_MAX.
std::uint64_t TestIterations(std::uint64_t fallback);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_FIGURES_H_
