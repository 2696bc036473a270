// Reading one object.

#ifndef CAIRN_READER_H_
#define CAIRN_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"

#include "cairn/export.h"
#include "cairn/object.h"

namespace cairn {

// The bytes of one object, as they were when it was opened: those of the range
// that was asked for. Everything it gives is verified.
//
// Thread safety: ReadAt() may run concurrently with anything; Read() one call
//                at a time.
// Lifetime:      borrows the Engine; destroy it first.
class CAIRN_EXPORT ObjectReader {
 public:
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;
  virtual ~ObjectReader() = default;

  // Of the whole object, whatever the range.
  virtual const ObjectInfo& info() const = 0;

  // Where the range lies in the object, and how many bytes the reader gives.
  virtual ByteSpan range() const = 0;

  // Fills `into` with the bytes from `offset` of the range. Returns how many
  // they are: fewer than asked for only at the end of the range, 0 behind it.
  //
  // On error: the content of `into` is undefined.
  // Errors:   those of every call, as Engine says; kConflict when the object is
  //           larger than 64 KiB and was replaced or deleted since it was
  //           opened, and its bytes are gone.
  virtual absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                             std::span<std::byte> into) = 0;

  // Fills `into` with the bytes that follow those of the Read() before, the
  // first ones at first. Returns how many they are: fewer than asked for only
  // at the end of the range, where it is 0 from then on, or before an error,
  // which the next call returns unless it can read on by then.
  //
  // Of an object larger than 64 KiB the bytes behind them are on their way
  // while the caller is busy: the first call reads further than it is asked to,
  // which ReadAt() does not.
  //
  // On error: nothing was passed over; it may be tried again.
  // Errors:   as ReadAt().
  // Limits:   what is on its way and not read yet stays in memory until it is,
  //           or the reader is destroyed: up to 1.5 MiB, and 8 MiB of all
  //           readers of an engine together.
  virtual absl::StatusOr<std::size_t> Read(std::span<std::byte> into) = 0;

 protected:
  ObjectReader() = default;
};

}  // namespace cairn

#endif  // CAIRN_READER_H_
