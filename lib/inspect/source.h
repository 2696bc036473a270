// The bytes that are explained, read piece by piece.

#ifndef CAIRN_LIB_INSPECT_SOURCE_H_
#define CAIRN_LIB_INSPECT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"

namespace cairn::inspect {

// A file, or bytes in memory.
class Source {
 public:
  virtual ~Source() = default;

  virtual std::uint64_t size() const = 0;

  // Fills all of `into` from `offset`; the range lies within the source.
  virtual absl::Status Read(std::uint64_t offset,
                            base::MutableBytes into) const = 0;
};

// Reads a source ahead, for those who go through it from front to back.
//
// Lifetime: borrows the source.
// Limits:   holds kAhead bytes, or the largest range that was asked for.
class Window {
 public:
  explicit Window(const Source& source) : source_(source) {}

  // The bytes [`offset`, `offset` + `size`), which lie within the source. Valid
  // until the next call.
  absl::StatusOr<base::MutableBytes> View(std::uint64_t offset,
                                          std::uint64_t size);

  std::uint64_t source_size() const { return source_.size(); }

 private:
  static constexpr std::uint64_t kAhead = 256 << 10;

  absl::Status Fill(std::uint64_t offset, std::uint64_t size);

  const Source& source_;
  std::vector<std::byte> bytes_;
  std::uint64_t offset_ = 0;
};

// Whether there is nothing but zeros.
bool IsZero(base::Bytes bytes);

// The size of the source without the zeros at its end, in whole blocks of
// base::kDirectAlignment; or all of it, where nothing else is there.
absl::StatusOr<std::uint64_t> UsedSize(const Source& source);

// Reads all of a small source. Errors: kCorrupt when it is larger than
// `size_max`.
absl::StatusOr<std::vector<std::byte>> ReadAll(const Source& source,
                                               std::uint64_t size_max);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_SOURCE_H_
