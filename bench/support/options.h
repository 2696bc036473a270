// The options that the benchmark programs have in common.

#ifndef CAIRN_BENCH_SUPPORT_OPTIONS_H_
#define CAIRN_BENCH_SUPPORT_OPTIONS_H_

#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"

#include "support/measurement.h"

namespace cairn::bench {

struct CommonOptions {
  Load load;
  std::uint64_t size = 4096;  // bytes of one operation
  std::uint64_t seed = 1;
};

// Lets `app` fill `options`, which must live as long.
inline void AddCommonOptions(CLI::App& app, CommonOptions& options) {
  Load& load = options.load;
  app.add_option("--directory", load.directory, "works in this directory")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--seconds", load.seconds, "how long it is measured");
  app.add_option("--threads", load.threads)->check(CLI::Range(1, 4096));
  app.add_option("--operations-min", load.operations_min,
                 "operations that are done however long they take");
  app.add_option("--operations-max", load.operations_max,
                 "operations after which it ends");
  app.add_option("--size", options.size, "bytes of one operation")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of everything random");
}

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_OPTIONS_H_
