// Where the bytes of a put come from when they are not in memory.

#ifndef CAIRN_SOURCE_H_
#define CAIRN_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/statusor.h"

#include "cairn/export.h"

namespace cairn {

// A stream of bytes of a length that nobody needs to know. Implemented by the
// host.
//
// Thread safety: called by one thread, the one that called Engine::Put(), and
//                holding none of the engine's locks: it may wait.
class CAIRN_EXPORT ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  // Fills the front of `into` with the next bytes and returns how many; 0 only
  // at the end of the stream, after which it is not called any more. `into` is
  // never empty.
  //
  // On error: the put ends with this status, and nothing has changed.
  virtual absl::StatusOr<std::size_t> Read(std::span<std::byte> into) = 0;

  // How many bytes it will give, as far as is known before the first Read():
  // room on the drives is made for as many, which is faster than room that
  // grows. Another number is no error.
  virtual std::optional<std::uint64_t> size_expected() const {
    return std::nullopt;
  }
};

}  // namespace cairn

#endif  // CAIRN_SOURCE_H_
