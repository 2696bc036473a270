#include "set/orphans.h"

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "drive/file_task.h"
#include "set/set_contents.h"

namespace cairn::set {
namespace {

constexpr std::size_t kIdDigits = 16;

// The id that a file's name begins with.
std::optional<std::uint64_t> IdOf(std::string_view name) {
  if (name.size() < kIdDigits) return std::nullopt;
  const std::string_view digits = name.substr(0, kIdDigits);
  std::uint64_t id = 0;
  const auto parsed = std::from_chars(digits.begin(), digits.end(), id, 16);
  if (parsed.ec != std::errc() || parsed.ptr != digits.end()) {
    return std::nullopt;
  }
  return id;
}

std::set<std::string> NamedBy(const format::Catalogue& catalogue) {
  std::set<std::string> paths;
  for (const format::RunFile& run : catalogue.runs) paths.insert(RunPath(run));
  for (const format::PackFile& pack : catalogue.packs) {
    paths.insert(PackPath(pack.id));
  }
  return paths;
}

}  // namespace

base::Task<absl::Status> RemoveOrphans(drive::Drive* drive,
                                       const format::Catalogue* catalogue,
                                       std::uint32_t epoch) {
  const std::set<std::string> named = NamedBy(*catalogue);
  for (const char* directory : {"runs", "packs"}) {
    auto names = co_await drive::List(*drive, directory);
    if (!names.ok()) co_return names.status();
    for (const std::string& name : *names) {
      const std::string path = std::string(directory) + "/" + name;
      const std::optional<std::uint64_t> id = IdOf(name);
      const bool is_old = id.has_value() && *id >> 32 < epoch;
      if (!is_old || named.contains(path)) continue;
      CAIRN_CO_RETURN_IF_ERROR(co_await drive::Remove(*drive, path));
    }
  }
  co_return absl::OkStatus();
}

}  // namespace cairn::set
