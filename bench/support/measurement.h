// One measurement: threads that do the same over and over, and what it took.

#ifndef CAIRN_BENCH_SUPPORT_MEASUREMENT_H_
#define CAIRN_BENCH_SUPPORT_MEASUREMENT_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "nlohmann/json.hpp"

#include "support/histogram.h"
#include "support/usage.h"

namespace cairn::bench {

// What one thread does.
//
// Thread safety: each Worker is used by one thread.
class Worker {
 public:
  virtual ~Worker() = default;

  // Does the operation once.
  virtual void Run() = 0;
};

// Makes the Worker of thread `index`, before the clock runs.
using MakeWorker = std::function<std::unique_ptr<Worker>(int index)>;

// How much is measured. A thread ends at the first operation boundary after
// `seconds` and `operations_min` are both over, and at `operations_max`; the
// two counts are for all threads together.
struct Load {
  int threads = 1;
  double seconds = 2;
  std::uint64_t operations_min = 0;
  std::uint64_t operations_max = std::numeric_limits<std::uint64_t>::max();
  std::string directory = ".";  // on the device whose requests are counted
};

// What was measured.
struct Measurement {
  double seconds = 0;
  Histogram latencies;  // nanoseconds
  Usage usage;
  std::uint64_t anonymous_bytes = 0;
};

// Runs `load`: all threads are ready before the first one starts. A load that
// turns out to be empty fails.
Measurement Measure(const Load& load, const MakeWorker& make_worker);

// The JSON that bench/runner reads. `operation_size` is the bytes that one
// operation stands for; `settings` says what was measured. What is not known is
// null.
nlohmann::json ToJson(const Measurement& measurement,
                      std::uint64_t operation_size,
                      const nlohmann::json& settings);

// Prints `document` as the last line of the output.
void Print(const nlohmann::json& document);

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_MEASUREMENT_H_
