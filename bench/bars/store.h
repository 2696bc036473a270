// The engine that a bar measures.

#ifndef CAIRN_BENCH_BARS_STORE_H_
#define CAIRN_BENCH_BARS_STORE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

#include "cairn/engine.h"
#include "support/fail.h"
#include "support/options.h"

namespace cairn::bench {

struct StoreOptions {
  int data = 1;
  int parity = 0;
  EngineOptions engine;  // all but the drives and their geometry
};

// Lets `app` fill `options`, which must live as long.
void AddStoreOptions(CLI::App& app, StoreOptions& options);

// What belongs into the report of any bar.
nlohmann::json SettingsOf(const CommonOptions& common,
                          const StoreOptions& store);

// Opens the engine on data + parity drives, folders of `directory` that are
// made where they are missing, with a bucket for all objects.
std::unique_ptr<Engine> OpenStore(const std::string& directory,
                                  const StoreOptions& options);

// Fails unless `status` is OK.
inline void Check(const absl::Status& status) {
  if (!status.ok()) Fail(status.ToString());
}

template <typename T>
T Take(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

// The key of the object number `number`: 16 hexadecimal digits, in order.
//
// Lifetime: ref() borrows the Key.
class Key {
 public:
  explicit Key(std::uint64_t number);

  ObjectRef ref() const;

 private:
  static constexpr std::size_t kSize = 16;

  std::array<char, kSize + 1> text_{};
};

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_BARS_STORE_H_
