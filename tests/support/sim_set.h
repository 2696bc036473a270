// A set of simulated drives and the processes that open it, one at a time.

#ifndef CAIRN_TESTS_SUPPORT_SIM_SET_H_
#define CAIRN_TESTS_SUPPORT_SIM_SET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "index/block_cache.h"
#include "set/local_set.h"
#include "support/sim_drive.h"
#include "support/sim_loop.h"
#include "support/sim_media.h"

namespace cairn::support {

// SetOptions::blob_unit where a test names none: small stripes.
inline constexpr std::uint32_t kSimBlobUnit = 64 << 10;
// SetOptions::open_pack_size, always: many packs.
inline constexpr std::uint64_t kSimOpenPackSize = 1 << 20;

// What every drive of a set holds: copy it to branch.
struct SetImage {
  std::vector<SimMedia> drives;

  void PowerCut(Chooser& chooser);
  void EndProcess(Chooser& chooser);
  // The one or the other.
  void Crash(SeededRandom& random);
};

inline constexpr std::uint64_t kSimLogSize = 256 << 10;

// A formatted, never opened set.
SetImage FormatImage(set::Geometry geometry, std::uint64_t seed,
                     std::uint64_t log_size = kSimLogSize);

// Adds an empty drive to `image`, formatted to take over `position`.
set::Replacement AddReplacement(SetImage& image, int position,
                                std::uint64_t seed);

// One process over the drives of an image. Destroying it is the process's
// end; what was in flight is still in the image.
class SimProcess {
 public:
  struct Options {
    std::uint64_t seed = 1;
    // Positions of the image whose drives are reachable; empty: all.
    std::vector<int> reachable;
    set::OpenOptions open;
    set::SetOptions set;
    Fates fates = [](const Io&) { return Fate(); };
    std::uint64_t bytes_total = std::uint64_t{1} << 40;  // of each drive
  };

  // `image` and `chooser` outlive the process.
  SimProcess(SetImage& image, Chooser& chooser, Options options);
  ~SimProcess();

  // Begins to open the set; opened() tells when it is done.
  void StartOpen();
  bool is_open() const { return opened_.has_value() && opened_->ok(); }
  const std::optional<absl::Status>& opened() const { return opened_; }

  // Opens the set and runs until that is done. An error when it hangs.
  absl::Status Open();

  // Runs `task` until it ends. nullopt when it never does.
  template <typename T>
  std::optional<T> Run(base::Task<T> task);

  // Starts a commit; its result appears in `result`.
  void StartCommit(storage::Batch batch, std::optional<absl::Status>& result);

  // The drives' names are "0", "1" and so on, by place in the image.
  const std::vector<int>& reachable() const { return options_.reachable; }
  SimLoop& loop() { return loop_; }
  set::LocalSet& set() { return *set_; }
  base::TaskScope& scope() { return scope_; }

 private:
  base::Task<> OpenTask();

  Options options_;
  SimLoop loop_;
  SeededRandom random_;
  std::vector<std::unique_ptr<SimDrive>> drives_;
  std::optional<absl::Status> opened_;
  base::TaskScope requests_;
  index::BlockCache cache_;
  std::unique_ptr<set::LocalSet> set_;
  base::TaskScope scope_;
};

// Records of tests: a text under a key, some with a small blob that holds the
// text many times over.
storage::Batch PutText(set::LocalSet& set, std::string_view key,
                       std::string_view text, std::vector<std::byte>* blob);

// What a reader finds under a key.
struct Found {
  std::optional<std::string> text;  // nullopt: absent, or `status`
  absl::Status status;              // of the read, and of the blob's bytes
};
base::Task<Found> ReadText(set::LocalSet& set, std::string key);
Found GetText(SimProcess& process, std::string_view key);

std::vector<std::byte> BlobOf(std::string_view text);

template <typename T>
std::optional<T> SimProcess::Run(base::Task<T> task) {
  std::optional<T> result;
  static constexpr auto kRun = [](base::Task<T> body,
                                  std::optional<T>& into) -> base::Task<> {
    into.emplace(co_await body);
  };
  scope_.Spawn(kRun(std::move(task), result));
  loop_.RunUntil([&] { return result.has_value(); });
  return result;
}

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SIM_SET_H_
