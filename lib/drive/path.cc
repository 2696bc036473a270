#include "drive/path.h"

#include <cstddef>

namespace cairn::drive {
namespace {

constexpr std::size_t kNameSizeMax = 255;  // of every common file system
constexpr int kComponentCountMax = 3;

}  // namespace

bool IsValidName(std::string_view name) {
  static constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= kNameSizeMax && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool IsValidPath(std::string_view path) {
  if (path.substr(0, path.find('/')) == kLockName) return false;
  for (int i = 0; i < kComponentCountMax; ++i) {
    const std::size_t slash = path.find('/');
    if (!IsValidName(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
  return false;
}

}  // namespace cairn::drive
