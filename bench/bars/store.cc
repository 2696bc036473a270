#include "bars/store.h"

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace cairn::bench {
namespace {

constexpr std::string_view kBucket = "bench";

}  // namespace

void AddStoreOptions(CLI::App& app, StoreOptions& options) {
  app.add_option("--data", options.data, "drives that hold data");
  app.add_option("--parity", options.parity, "drives that hold parity");
  app.add_option("--cache-bytes", options.engine.cache_bytes);
  app.add_option("--log-bytes", options.engine.log_bytes);
}

nlohmann::json SettingsOf(const CommonOptions& common,
                          const StoreOptions& store) {
  return {{"data", store.data},
          {"parity", store.parity},
          {"cache_bytes", store.engine.cache_bytes},
          {"log_bytes", store.engine.log_bytes},
          {"threads", common.load.threads},
          {"size", common.size}};
}

std::unique_ptr<Engine> OpenStore(const std::string& directory,
                                  const StoreOptions& options) {
  EngineOptions engine_options = options.engine;
  engine_options.data = options.data;
  engine_options.parity = options.parity;
  for (int i = 0; i < options.data + options.parity; ++i) {
    const std::string drive = directory + "/drive" + std::to_string(i);
    std::filesystem::create_directories(drive);
    engine_options.drives.push_back(drive);
  }
  std::unique_ptr<Engine> engine = Take(Engine::Open(engine_options));
  const absl::Status created = engine->CreateBucket(kBucket);
  if (CodeOf(created) != ErrorCode::kBucketAlreadyExists) Check(created);
  return engine;
}

Key::Key(std::uint64_t number) {
  std::snprintf(text_.data(), text_.size(), "%016" PRIx64, number);
}

ObjectRef Key::ref() const {
  return {.bucket = kBucket, .key = std::string_view(text_.data(), kSize)};
}

}  // namespace cairn::bench
