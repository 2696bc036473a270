#include "support/ending.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "base/status.h"
#include "set/set_contents.h"
#include "support/sim_blobs.h"

namespace cairn::support {
namespace {

using Paths = std::set<std::string>;

Paths PathsIn(const SimMedia& media,
              const std::vector<std::string_view>& directories) {
  Paths paths;
  for (const auto& [path, file] : media.files) {
    for (const std::string_view directory : directories) {
      if (path.starts_with(directory)) paths.insert(path);
    }
  }
  return paths;
}

absl::Status CheckSame(std::string_view what, const Paths& has,
                       const Paths& wanted) {
  for (const std::string& path : wanted) {
    if (!has.contains(path)) {
      return absl::InternalError(fmt::format("{} lacks {}", what, path));
    }
  }
  for (const std::string& path : has) {
    if (!wanted.contains(path)) {
      return absl::InternalError(fmt::format("{} still has {}", what, path));
    }
  }
  return absl::OkStatus();
}

absl::Status Heal(SimProcess& process) {
  process.set().StartCare();
  const absl::StatusOr<set::HealCounts> healed = HealAll(process);
  if (!healed.ok()) return healed.status();
  if (healed->unrecoverable == 0 && healed->postponed == 0) {
    return absl::OkStatus();
  }
  return absl::InternalError(fmt::format("{} shards are lost, {} not healed",
                                         healed->unrecoverable,
                                         healed->postponed));
}

}  // namespace

std::set<std::string> RunsAndPacksOf(const SimMedia& media) {
  return PathsIn(media, {"runs/", "packs/"});
}

std::set<std::string> RunsAndPacksOf(const format::Catalogue& catalogue) {
  Paths paths;
  for (const format::RunFile& run : catalogue.runs) {
    paths.insert(set::RunPath(run));
  }
  for (const format::PackFile& pack : catalogue.packs) {
    paths.insert(set::PackPath(pack.id));
  }
  return paths;
}

absl::Status CheckFiles(const SetImage& image, const std::vector<int>& drives,
                        const format::Catalogue& catalogue) {
  const Paths named = RunsAndPacksOf(catalogue);
  const SimMedia& first = image.drives[static_cast<std::size_t>(drives[0])];
  for (const int drive : drives) {
    const SimMedia& media = image.drives[static_cast<std::size_t>(drive)];
    const std::string name = fmt::format("drive {}", drive);
    CAIRN_RETURN_IF_ERROR(CheckSame(name, RunsAndPacksOf(media), named));
    CAIRN_RETURN_IF_ERROR(CheckSame(name,
                                    PathsIn(media, {"blobs/", "open_packs/"}),
                                    PathsIn(first, {"blobs/", "open_packs/"})));
    if (BlobShardsOf(media) != BlobShardsOf(first)) {
      return absl::InternalError(name + " has other slices");
    }
  }
  return absl::OkStatus();
}

absl::Status EndWhole(SetImage& image, Chooser& chooser,
                      SimProcess::Options options, CheckContents check) {
  SimProcess process(image, chooser, std::move(options));
  CAIRN_RETURN_IF_ERROR(process.Open());
  if (process.set().is_read_only()) {
    return absl::InternalError("the set is read-only");
  }
  CAIRN_RETURN_IF_ERROR(check(process));
  CAIRN_RETURN_IF_ERROR(Heal(process));
  process.loop().RunAll();
  const format::Catalogue catalogue = process.set().catalogue();
  CAIRN_RETURN_IF_ERROR(
      process.Run(process.set().Close())
          .value_or(absl::DeadlineExceededError("the closing hangs")));
  CAIRN_RETURN_IF_ERROR(check(process));
  return CheckFiles(image, process.reachable(), catalogue);
}

}  // namespace cairn::support
