// How much memory many streams take at once: each thread puts one large object
// and reads it back.

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "bars/store.h"
#include "bars/workers.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"
#include "support/usage.h"

namespace cairn::bench {
namespace {

struct MemoryOptions {
  CommonOptions common;
  StoreOptions store;
};

// What a host holds of each stream counts too.
constexpr std::size_t kPieceSize = std::size_t{64} << 10;

// The most anonymous memory that was seen.
//
// Thread safety: all methods may be called from any thread.
class Peak {
 public:
  // Looks at every 16th call: often enough to see each stream at work.
  void Look() {
    if (calls_.fetch_add(1) % 16 != 0) return;
    const std::uint64_t now = AnonymousBytes();
    std::uint64_t before = bytes_.load();
    while (before < now && !bytes_.compare_exchange_weak(before, now)) {
    }
  }

  std::uint64_t bytes() const { return bytes_.load(); }

 private:
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
};

class WatchedSource : public RepeatingSource {
 public:
  WatchedSource(std::span<const std::byte> bytes, std::uint64_t size,
                Peak& peak)
      : RepeatingSource(bytes, size), peak_(peak) {}

  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override {
    peak_.Look();
    return RepeatingSource::Read(into);
  }

 private:
  Peak& peak_;
};

class Stream : public Worker {
 public:
  Stream(const MemoryOptions& options, Engine& engine, Peak& peak, int index)
      : size_(options.common.size),
        engine_(engine),
        peak_(peak),
        number_(static_cast<std::uint64_t>(index)),
        piece_(RandomBytes(kPieceSize, Random(options.common.seed, number_))) {}

  void Run() override {
    const Key key(number_);
    WatchedSource source(piece_, size_, peak_);
    Check(engine_.Put(key.ref(), source, {}).status());
    ReadAll(engine_, key.ref(), piece_, [this] { peak_.Look(); });
  }

 private:
  std::uint64_t size_;
  Engine& engine_;
  Peak& peak_;
  std::uint64_t number_;
  std::vector<std::byte> piece_;
};

int Main(int argc, char** argv) {
  CLI::App app("Memory of large streams at once.");
  MemoryOptions options;
  options.common.size = std::uint64_t{1} << 30;
  options.common.load.threads = 16;
  AddCommonOptions(app, options.common);
  AddStoreOptions(app, options.store);
  CLI11_PARSE(app, argc, argv);
  const auto streams = static_cast<std::uint64_t>(options.common.load.threads);
  options.common.load.operations_min = streams;
  options.common.load.operations_max = streams;
  const std::unique_ptr<Engine> engine =
      OpenStore(options.common.load.directory, options.store);
  Peak peak;
  const Measurement measured = Measure(options.common.load, [&](int index) {
    return std::make_unique<Stream>(options, *engine, peak, index);
  });
  nlohmann::json report = ToJson(measured, options.common.size,
                                 SettingsOf(options.common, options.store));
  report["rss_anon"] = peak.bytes();
  report["cache_bytes"] = options.store.engine.cache_bytes;
  Print(report);
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
