// Reads the bytes of one object.

#ifndef CAIRN_LIB_OBJECT_READER_H_
#define CAIRN_LIB_OBJECT_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "cairn/object.h"
#include "object/environment.h"
#include "storage/blob.h"
#include "storage/blob_store.h"

namespace cairn::object {

// A blob of an object, the record that names it, and where it begins.
struct Piece {
  std::string record_key;
  storage::BlobRef blob;
  std::uint64_t offset = 0;
};

// What a reader gives: bytes that are in memory, or pieces that are read when
// they are asked for.
struct Content {
  std::vector<std::byte> in_memory;  // the range, nothing else
  std::vector<Piece> pieces;         // of the whole object, in order
};

// What a record ends with whose blob is not where it says, nor anywhere else.
absl::Status BlobIsGone();

// Sees one version of the object: what is in memory stays, and a piece is read
// again from where its record says it is, as long as there is that record.
//
// Thread safety: all methods may run concurrently, but Next() one call at a
//                time.
class Reader {
 public:
  Reader(const Environment& environment, ObjectInfo info, ByteSpan range,
         Content content);

  const ObjectInfo& info() const { return info_; }
  ByteSpan range() const { return range_; }

  // Fills `into` with the bytes from `offset` of the range, as far as there are
  // any, and returns how many there were.
  //
  // Errors: as ObjectReader::ReadAt().
  base::Task<absl::StatusOr<std::size_t>> ReadAt(std::uint64_t offset,
                                                 base::MutableBytes into);

  // The bytes of the range that follow those of the call before; none at the
  // end. Those behind them are on their way, while the caller is busy.
  //
  // Ownership: what has no owner lies in the reader.
  // On error:  nothing was passed over; it may be tried again.
  // Errors:    as ObjectReader::Read().
  base::Task<absl::StatusOr<storage::BlobPieces>> Next();

 private:
  // What is read with ReadAt() where a stream gives nothing.
  static constexpr std::size_t kPieceSizeMax = std::size_t{1} << 20;

  base::Task<absl::Status> ReadPieces(std::uint64_t offset,
                                      base::MutableBytes into);
  base::Task<absl::Status> ReadPiece(std::size_t index, std::uint64_t offset,
                                     base::MutableBytes into);
  base::Task<absl::Status> FindAgain(std::size_t index, storage::BlobRef gone);
  storage::BlobRef BlobOf(std::size_t index) const;
  std::uint64_t EndOf(std::size_t index) const;
  std::size_t IndexAt(std::uint64_t offset) const;
  void OpenStream();
  base::Task<absl::StatusOr<storage::BlobPieces>> NextOfStream();
  base::Task<absl::StatusOr<storage::BlobPieces>> ReadWithoutStream();

  const Environment& environment_;
  const ObjectInfo info_;
  const ByteSpan range_;
  const std::vector<std::byte> in_memory_;
  mutable std::mutex mutex_;
  std::vector<Piece> pieces_;  // the places of their blobs: by the mutex

  // Of Next().
  std::uint64_t next_ = 0;                       // offset in the range
  std::unique_ptr<storage::BlobStream> stream_;  // of the piece at next_
  std::uint64_t stream_end_ = 0;                 // offset in the range
};

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_READER_H_
