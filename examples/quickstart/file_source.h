// A file as the body of a put. Computes the digest of what it gave.

#ifndef CAIRN_EXAMPLES_QUICKSTART_FILE_SOURCE_H_
#define CAIRN_EXAMPLES_QUICKSTART_FILE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <span>

#include "absl/status/statusor.h"

#include "cairn/source.h"
#include "quickstart/sha256.h"
#include "quickstart/tree.h"

namespace quickstart {

class FileSource : public cairn::ObjectSource {
 public:
  explicit FileSource(const SourceFile& file)
      : file_(file.path, std::ios::binary),
        has_failed_(!file_.is_open()),
        size_expected_(file.size) {}

  // Called by the engine, until it returns 0.
  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override;
  std::optional<std::uint64_t> size_expected() const override {
    return size_expected_;
  }

  // Whether the file could not be read: it may have vanished.
  bool has_failed() const { return has_failed_; }

  // What was read.
  std::uint64_t size() const { return size_; }
  Digest FinishDigest() { return digest_.Finish(); }

 private:
  std::ifstream file_;
  bool has_failed_;
  std::uint64_t size_expected_;  // it may have grown since
  std::uint64_t size_ = 0;
  Sha256 digest_;
};

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_FILE_SOURCE_H_
