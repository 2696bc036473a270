#include "support/measurement.h"

#include <atomic>
#include <chrono>
#include <iostream>
#include <latch>
#include <thread>
#include <vector>

#include "support/fail.h"

namespace cairn::bench {
namespace {

using Clock = std::chrono::steady_clock;

// What the threads of one measurement share.
struct Field {
  explicit Field(const Load& of) : load(of), ready(of.threads), go(1) {}

  const Load& load;
  std::latch ready;
  std::latch go;
  // Written before `go`.
  Clock::time_point start;
  std::atomic<std::uint64_t> operations_begun = 0;
};

// Whether another operation is to begin at `now`.
bool TakeTurn(Field& field, Clock::time_point now) {
  const std::uint64_t begun = field.operations_begun.fetch_add(1);
  if (begun >= field.load.operations_max) return false;
  const std::chrono::duration<double> elapsed = now - field.start;
  return begun < field.load.operations_min ||
         elapsed.count() < field.load.seconds;
}

void RunThread(Field& field, Worker& worker, Histogram& latencies) {
  field.ready.count_down();
  field.go.wait();
  Clock::time_point begin = Clock::now();
  while (TakeTurn(field, begin)) {
    worker.Run();
    const Clock::time_point end = Clock::now();
    latencies.Add(static_cast<std::uint64_t>((end - begin).count()));
    begin = end;
  }
}

}  // namespace

Measurement Measure(const Load& load, const MakeWorker& make_worker) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < load.threads; ++i) workers.push_back(make_worker(i));
  std::vector<Histogram> latencies(workers.size());
  Field field(load);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    threads.emplace_back(
        [&, i] { RunThread(field, *workers[i], latencies[i]); });
  }
  field.ready.wait();
  const Usage before = UsageNow(load.directory);
  field.start = Clock::now();
  field.go.count_down();
  for (std::jthread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - field.start;
  Measurement result{.seconds = elapsed.count(),
                     .usage = UsageNow(load.directory) - before,
                     .anonymous_bytes = AnonymousBytes()};
  for (const Histogram& one : latencies) result.latencies.Merge(one);
  if (result.latencies.count() == 0) Fail("there was nothing to do");
  return result;
}

nlohmann::json ToJson(const Measurement& measurement,
                      std::uint64_t operation_size,
                      const nlohmann::json& settings) {
  const Histogram& latencies = measurement.latencies;
  const auto count = static_cast<double>(latencies.count());
  const double rate = count / measurement.seconds;
  nlohmann::json result = {
      {"operations", latencies.count()},
      {"seconds", measurement.seconds},
      {"rate", rate},
      {"bytes_rate", rate * static_cast<double>(operation_size)},
      {"p50_us", static_cast<double>(latencies.Percentile(0.5)) / 1e3},
      {"p99_us", static_cast<double>(latencies.Percentile(0.99)) / 1e3},
      {"cpu_us", measurement.usage.cpu_seconds * 1e6 / count},
      {"rss_anon", measurement.anonymous_bytes},
      {"read_bytes", measurement.usage.read_bytes},
      {"write_bytes", measurement.usage.write_bytes},
      {"syncs", nullptr},
      {"drive_reads", nullptr},
      {"settings", settings}};
  if (measurement.usage.device) {
    result["syncs"] = measurement.usage.device->flushes;
    result["drive_reads"] = measurement.usage.device->reads;
  }
  return result;
}

void Print(const nlohmann::json& document) {
  std::cout << document.dump() << std::endl;
}

}  // namespace cairn::bench
