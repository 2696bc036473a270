// Large objects, put from a stream and read to their end.

#include <memory>
#include <vector>

#include "bars/store.h"
#include "bars/workers.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct StreamOptions {
  CommonOptions common;
  StoreOptions store;
  bool is_read = false;
  std::uint64_t keys = 8;
};

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

// Puts or gets the keys one after the other.
class Streamer : public Worker {
 public:
  Streamer(const StreamOptions& options, Engine& engine)
      : options_(options),
        engine_(engine),
        piece_(RandomBytes(kPieceSize, Random(options.common.seed))) {}

  void Run() override {
    const Key key(next_++ % options_.keys);
    if (options_.is_read) {
      ReadAll(engine_, key.ref(), piece_);
    } else {
      Put(key);
    }
  }

  // What a get needs to be there.
  void PutAll() {
    for (std::uint64_t i = 0; i < options_.keys; ++i) Put(Key(i));
  }

 private:
  void Put(const Key& key) {
    RepeatingSource source(piece_, options_.common.size);
    Check(engine_.Put(key.ref(), source, {}).status());
  }

  const StreamOptions& options_;
  Engine& engine_;
  std::vector<std::byte> piece_;
  std::uint64_t next_ = 0;
};

int Main(int argc, char** argv) {
  CLI::App app("Streams of large objects, one at a time.");
  StreamOptions options;
  options.common.size = std::uint64_t{64} << 20;
  AddCommonOptions(app, options.common);
  AddStoreOptions(app, options.store);
  app.add_flag("--read", options.is_read, "get, not put");
  app.add_option("--keys", options.keys)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  options.common.load.threads = 1;
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  if (options.is_read) Streamer(options, *engine).PutAll();
  const Measurement measured = Measure(options.common.load, [&](int) {
    return std::make_unique<Streamer>(options, *engine);
  });
  nlohmann::json settings = SettingsOf(options.common, options.store);
  settings["operation"] = options.is_read ? "get" : "put";
  Print(ToJson(measured, options.common.size, settings));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
