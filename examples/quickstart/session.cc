#include "quickstart/session.h"

#include <algorithm>
#include <random>
#include <utility>

namespace quickstart {
namespace {

absl::Status OpenInto(std::unique_ptr<cairn::Engine>& engine,
                      const cairn::EngineOptions& options) {
  engine.reset();  // closes it, and gives up the locks on its drives
  auto opened = cairn::Engine::Open(options);
  if (!opened.ok()) return opened.status();
  engine = *std::move(opened);
  return absl::OkStatus();
}

}  // namespace

absl::Status Session::Reopen(const DriveNumbers& missing) {
  cairn::EngineOptions options = OptionsFor(drives.Without(missing));
  options.create = cairn::CreateMode::kNever;
  options.read_only = !missing.empty();
  return OpenInto(engine, options);
}

absl::Status Session::ReopenWithReplacements() {
  cairn::EngineOptions options = OptionsFor(drives.Without({}));
  options.replace_missing = true;
  return OpenInto(engine, options);
}

Work Session::Stored() const {
  Work work;
  for (const Receipt& receipt : receipts) work.Add(receipt);
  return work;
}

cairn::EngineOptions OptionsFor(std::vector<std::string> drives) {
  cairn::EngineOptions options;
  options.drives = std::move(drives);
  options.data = kData;
  options.parity = kParity;
  return options;
}

Session MakeSession(std::vector<SourceFile> files, Drives drives,
                    std::uint64_t seed) {
  const std::size_t count = files.size();
  DriveNumbers numbers = EveryDrive();
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(seed));
  const auto lost_end = numbers.begin() + kParity;
  return {.files = std::move(files),
          .receipts = std::vector<Receipt>(count),
          .drives = std::move(drives),
          .lost = DriveNumbers(numbers.begin(), lost_end),
          .others = DriveNumbers(lost_end, lost_end + kParity),
          .engine = nullptr};
}

}  // namespace quickstart
