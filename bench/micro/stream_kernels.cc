// The kernels that a large object passes through, one after the other over
// memory that no cache holds: the most that a stream could reach if the device
// cost nothing. Prints one JSON object, as bench/runner reads it.

#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"

#include "digest/checksum.h"
#include "erasure/codec.h"
#include "support/fail.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct KernelOptions {
  CommonOptions common;
  erasure::Geometry geometry{.data_shards = 4, .parity_shards = 2};
  bool is_read = false;
};

constexpr std::size_t kMemorySize = std::size_t{256} << 20;

// One stripe for each Run(). `--size` is the object bytes in it.
class Stripes : public Worker {
 public:
  explicit Stripes(const KernelOptions& options)
      : is_read_(options.is_read), codec_(Create(options.geometry)) {
    const auto data = static_cast<std::size_t>(options.geometry.data_shards);
    const std::size_t shard_size = options.common.size / data;
    const auto total =
        static_cast<std::size_t>(options.geometry.total_shards());
    for (std::size_t used = 0; used < kMemorySize; used += shard_size * total) {
      memory_.emplace_back(shard_size * total);
      Random(options.common.seed, used).Fill(memory_.back());
      std::vector<erasure::Shard>& shards = stripes_.emplace_back();
      for (std::size_t i = 0; i < total; ++i) {
        shards.push_back(
            erasure::Shard(memory_.back()).subspan(i * shard_size, shard_size));
      }
    }
  }

  void Run() override {
    const std::vector<erasure::Shard>& shards =
        stripes_[next_++ % stripes_.size()];
    const auto data = static_cast<std::size_t>(codec_.geometry().data_shards);
    if (!is_read_) codec_.Encode(shards);
    // A get that meets no damage reads the data shards only.
    const std::size_t count = is_read_ ? data : shards.size();
    for (std::size_t i = 0; i < count; ++i) {
      benchmark::DoNotOptimize(digest::Checksum64(shards[i], i));
    }
  }

 private:
  static erasure::Codec Create(erasure::Geometry geometry) {
    absl::StatusOr<erasure::Codec> codec = erasure::Codec::Create(geometry);
    if (!codec.ok()) Fail("this geometry cannot be");
    return *std::move(codec);
  }

  bool is_read_;
  erasure::Codec codec_;
  std::vector<std::vector<std::byte>> memory_;
  std::vector<std::vector<erasure::Shard>> stripes_;
  std::size_t next_ = 0;
};

int Main(int argc, char** argv) {
  CLI::App app("Erasure coding and checksums of stripes, in memory.");
  KernelOptions options;
  options.common.size = std::uint64_t{1} << 20;
  AddCommonOptions(app, options.common);
  app.add_flag("--read", options.is_read, "what a get does, not a put");
  app.add_option("--data", options.geometry.data_shards);
  app.add_option("--parity", options.geometry.parity_shards);
  CLI11_PARSE(app, argc, argv);
  options.common.load.threads = 1;
  const Measurement measured = Measure(options.common.load, [&](int) {
    return std::make_unique<Stripes>(options);
  });
  Print(ToJson(measured, options.common.size,
               {{"operation", options.is_read ? "get" : "put"},
                {"data", options.geometry.data_shards},
                {"parity", options.geometry.parity_shards},
                {"size", options.common.size}}));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
