// Engines on folders of a test.

#ifndef CAIRN_TESTS_UNIT_ENGINE_ENGINE_TESTING_H_
#define CAIRN_TESTS_UNIT_ENGINE_ENGINE_TESTING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "cairn/engine.h"
#include "support/temp_dir.h"

namespace cairn::engine {

using EnginePtr = std::unique_ptr<Engine>;

// Empty folders to be drives.
class Folders {
 public:
  explicit Folders(int count) {
    for (int i = 0; i < count; ++i) Add();
  }

  // Another empty one; its path.
  const std::string& Add() {
    paths_.push_back(root_.path() + "/drive" + std::to_string(paths_.size()));
    std::filesystem::create_directory(paths_.back());
    return paths_.back();
  }

  const std::string& root() const { return root_.path(); }
  const std::vector<std::string>& paths() const { return paths_; }
  const std::string& operator[](std::size_t i) const { return paths_[i]; }

 private:
  support::TempDir root_;
  std::vector<std::string> paths_;
};

inline constexpr std::uint64_t kTestLogSize = 8 << 20;  // the smallest

inline EngineOptions OptionsFor(std::vector<std::string> drives) {
  EngineOptions options;
  options.drives = std::move(drives);
  options.log_bytes = kTestLogSize;
  return options;
}

inline std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline absl::Status PutText(Engine& engine, ObjectRef ref,
                            std::string_view text) {
  return engine.Put(ref, BytesOf(text), {}).status();
}

// All that a reader gives, in reads of at most `piece` bytes.
inline absl::StatusOr<std::string> ReadAll(ObjectReader& reader,
                                           std::size_t piece = 10'000) {
  std::string text;
  std::vector<std::byte> buffer(piece);
  while (true) {
    const absl::StatusOr<std::size_t> size = reader.Read(buffer);
    if (!size.ok()) return size.status();
    if (*size == 0) return text;
    for (std::size_t i = 0; i < *size; ++i) {
      text.push_back(static_cast<char>(buffer[i]));
    }
  }
}

inline absl::StatusOr<std::string> GetText(Engine& engine, ObjectRef ref,
                                           const GetOptions& options = {}) {
  auto reader = engine.Get(ref, options);
  if (!reader.ok()) return reader.status();
  return ReadAll(**reader);
}

// What a number says, many times over: different for each, and long.
inline std::string TextOf(std::uint64_t number, std::size_t size) {
  const std::string word = std::to_string(number) + "-";
  std::string text;
  while (text.size() < size) text += word;
  text.resize(size);
  return text;
}

// Every file below a folder with its bytes, the lock aside.
inline std::map<std::string, std::string> FilesBelow(const std::string& path) {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.path().filename() == "lock") continue;
    std::string bytes;
    if (entry.is_regular_file()) {
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    files.emplace(entry.path().string(), std::move(bytes));
  }
  return files;
}

}  // namespace cairn::engine

#endif  // CAIRN_TESTS_UNIT_ENGINE_ENGINE_TESTING_H_
