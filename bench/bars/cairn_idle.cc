// What an engine does that nobody calls.

#include <chrono>
#include <memory>
#include <thread>

#include "bars/mark.h"
#include "bars/store.h"
#include "bars/workers.h"
#include "support/measurement.h"
#include "support/options.h"

namespace cairn::bench {
namespace {

struct IdleOptions {
  CommonOptions common;
  StoreOptions store;
  std::uint64_t objects = 10'000;
  double settle_seconds = 5;
};

void Sleep(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// Sleeps between two marks: one system call of the program itself.
class Sleeper : public Worker {
 public:
  explicit Sleeper(double seconds) : seconds_(seconds) {}

  void Run() override {
    MarkBegin();
    Sleep(seconds_);
    MarkEnd();
  }

 private:
  double seconds_;
};

int Main(int argc, char** argv) {
  CLI::App app("An engine that is open and not called.");
  IdleOptions options;
  options.common.load.seconds = 60;
  AddCommonOptions(app, options.common);
  AddStoreOptions(app, options.store);
  app.add_option("--objects", options.objects, "put before")
      ->check(CLI::PositiveNumber);
  app.add_option("--settle-seconds", options.settle_seconds,
                 "to end what the puts began");
  CLI11_PARSE(app, argc, argv);
  options.common.load.threads = 1;
  options.common.load.operations_max = 1;
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  Fill(*engine, {.count = options.objects, .size = options.common.size},
       options.common);
  Sleep(options.settle_seconds);
  const Measurement measured = Measure(options.common.load, [&](int) {
    return std::make_unique<Sleeper>(options.common.load.seconds);
  });
  nlohmann::json report = ToJson(measured, options.common.size,
                                 SettingsOf(options.common, options.store));
  report["own_calls"] = 1;
  Print(report);
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
