// Where the bytes of a run file are read from.

#ifndef CAIRN_LIB_INDEX_BLOCK_SOURCE_H_
#define CAIRN_LIB_INDEX_BLOCK_SOURCE_H_

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"

namespace cairn::index {

// Says whether bytes are those that were asked for. May be called several
// times, on the strand of whoever awaits the read.
using Verify = absl::FunctionRef<absl::Status(base::Bytes)>;

struct ByteRange {
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

// The bytes of one file, the same on every drive that has it. Which drive is
// asked, and which one next when an answer is late or wrong, is the source's.
//
// Thread safety: all methods may run concurrently.
class BlockSource {
 public:
  virtual ~BlockSource() = default;

  // Reads `range`, whose ends are multiples of base::kDirectAlignment, and
  // returns bytes that `verify` has accepted.
  //
  // Errors: kUnrecoverable when `verify` refused what every drive gave;
  //         kUnavailable when no drive gives an answer for now.
  virtual base::Task<absl::StatusOr<base::AlignedBuffer>> Read(
      ByteRange range, Verify verify) = 0;

  // Bytes of the file.
  virtual std::uint64_t size() const = 0;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_BLOCK_SOURCE_H_
