#include "quickstart/tree.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>

namespace quickstart {
namespace {

namespace fs = std::filesystem;

void AddFile(const fs::directory_entry& entry, const fs::path& root,
             std::vector<SourceFile>& files) {
  std::error_code error;
  if (!fs::is_regular_file(entry.symlink_status(error))) return;
  const std::uint64_t size = entry.file_size(error);
  const std::string& path = entry.path().native();
  if (error || access(path.c_str(), R_OK) != 0) return;
  files.push_back({path, entry.path().lexically_relative(root), size});
}

bool IsSame(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

}  // namespace

std::vector<SourceFile> WalkTree(const std::string& root,
                                 const std::string& excluded,
                                 std::uint64_t seed) {
  std::vector<SourceFile> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(
      root, fs::directory_options::skip_permission_denied, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    std::error_code ignored;
    const bool is_folder = fs::is_directory(entry->symlink_status(ignored));
    if (is_folder && IsSame(entry->path(), excluded)) {
      entry.disable_recursion_pending();
    }
    AddFile(*entry, root, files);
    entry.increment(error);
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::shuffle(files.begin(), files.end(), std::mt19937_64(seed));
  return files;
}

std::uint64_t TotalSize(const std::vector<SourceFile>& files) {
  std::uint64_t size = 0;
  for (const SourceFile& file : files) size += file.size;
  return size;
}

std::string Show(std::string_view key) {
  std::string shown(key);
  std::replace_if(
      shown.begin(), shown.end(),
      [](char character) { return character < ' ' || character > '~'; }, '?');
  return shown;
}

}  // namespace quickstart
