// Puts of small and mid-size objects from memory.

#include <memory>
#include <utility>
#include <vector>

#include "bars/store.h"
#include "bars/workers.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct PutBarOptions {
  CommonOptions common;
  StoreOptions store;
  std::uint64_t keys = 1'000'000;
};

class Putter : public Worker {
 public:
  Putter(const PutBarOptions& options, Engine& engine, int index)
      : keys_(options.keys),
        engine_(engine),
        random_(options.common.seed, static_cast<std::uint64_t>(index)),
        body_(RandomBytes(options.common.size, random_)) {}

  void Run() override {
    const Key key(random_.Below(keys_));
    Check(engine_.Put(key.ref(), body_, {}).status());
  }

 private:
  std::uint64_t keys_;
  Engine& engine_;
  Random random_;
  std::vector<std::byte> body_;
};

int Main(int argc, char** argv) {
  CLI::App app("Puts of objects that are in memory.");
  PutBarOptions options;
  AddCommonOptions(app, options.common);
  AddStoreOptions(app, options.store);
  app.add_option("--keys", options.keys, "keys, of which each put takes one")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  const Measurement measured = Measure(options.common.load, [&](int index) {
    return std::make_unique<Putter>(options, *engine, index);
  });
  nlohmann::json settings = SettingsOf(options.common, options.store);
  settings["keys"] = options.keys;
  Print(ToJson(measured, options.common.size, settings));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
