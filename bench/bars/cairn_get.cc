// Gets of small objects by one thread, with caches warm or cold.

#include <memory>
#include <string>
#include <vector>

#include "bars/mark.h"
#include "bars/store.h"
#include "bars/workers.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct GetBarOptions {
  CommonOptions common;
  StoreOptions store;
  std::uint64_t objects = 1000;
  std::uint64_t others = 0;  // put behind the objects: they push these to packs
  std::string warm = "nothing";
  std::uint64_t marked = 0;  // gets between two marks; 0: each is measured
};

// Gets one object after the other, in an order by chance.
class Getter : public Worker {
 public:
  Getter(const GetBarOptions& options, Engine& engine)
      : engine_(engine),
        order_(Shuffled(options.objects, Random(options.common.seed))),
        piece_(options.common.size) {}

  void Run() override {
    ReadAll(engine_, Key(order_[next_++ % order_.size()]).ref(), piece_);
  }

 private:
  Engine& engine_;
  std::vector<std::uint64_t> order_;
  std::vector<std::byte> piece_;
  std::uint64_t next_ = 0;
};

// Many gets as one operation. Those before the mark let the allocator of this
// thread get its memory.
class MarkedGetter : public Worker {
 public:
  MarkedGetter(const GetBarOptions& options, Engine& engine)
      : getter_(options, engine),
        before_(options.objects),
        marked_(options.marked) {}

  void Run() override {
    for (std::uint64_t i = 0; i < before_; ++i) getter_.Run();
    MarkBegin();
    for (std::uint64_t i = 0; i < marked_; ++i) getter_.Run();
    MarkEnd();
  }

 private:
  Getter getter_;
  std::uint64_t before_;
  std::uint64_t marked_;
};

// Puts the objects, then the others, and closes.
void Prepare(const GetBarOptions& options) {
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  const std::uint64_t size = options.common.size;
  Fill(*engine, {.count = options.objects, .size = size}, options.common);
  if (options.others == 0) return;
  Fill(*engine,
       {.first = options.objects, .count = options.others, .size = size},
       options.common);
}

void Warm(const GetBarOptions& options, Engine& engine) {
  if (options.warm == "nothing") return;
  std::vector<std::byte> piece(options.common.size);
  for (std::uint64_t i = 0; i < options.objects; ++i) {
    const Key key(i);
    if (options.warm == "objects") {
      ReadAll(engine, key.ref(), piece);
    } else {
      Check(engine.Head(key.ref(), {}).status());
    }
  }
}

std::unique_ptr<Worker> MakeWorker(const GetBarOptions& options,
                                   Engine& engine) {
  if (options.marked == 0) return std::make_unique<Getter>(options, engine);
  return std::make_unique<MarkedGetter>(options, engine);
}

int Main(int argc, char** argv) {
  CLI::App app("Gets of small objects.");
  GetBarOptions options;
  AddCommonOptions(app, options.common);
  AddStoreOptions(app, options.store);
  app.add_option("--objects", options.objects)->check(CLI::PositiveNumber);
  app.add_option("--others", options.others,
                 "objects that are put behind those that are got");
  app.add_option("--warm", options.warm, "what is in the caches at first")
      ->check(CLI::IsMember({"nothing", "index", "objects"}));
  app.add_option("--marked", options.marked,
                 "one operation is so many gets, between marks for a tracer");
  CLI11_PARSE(app, argc, argv);
  options.common.load.threads = 1;
  Prepare(options);
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  Warm(options, *engine);
  const Measurement measured = Measure(
      options.common.load, [&](int) { return MakeWorker(options, *engine); });
  nlohmann::json settings = SettingsOf(options.common, options.store);
  settings["objects"] = options.objects;
  settings["warm"] = options.warm;
  Print(ToJson(measured, options.common.size, settings));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
