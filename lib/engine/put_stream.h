// Putting bytes that come in pieces.

#ifndef CAIRN_LIB_ENGINE_PUT_STREAM_H_
#define CAIRN_LIB_ENGINE_PUT_STREAM_H_

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/statusor.h"

#include "cairn/object.h"
#include "cairn/source.h"
#include "drive/loop.h"
#include "object/store.h"

namespace cairn::engine {

// Where the pieces of one put come from. One is the stripe of a large blob, so
// that each is coded on the thread that puts.
class Pieces {
 public:
  virtual ~Pieces() = default;

  // The next piece, valid until the next call; empty at the end. All but the
  // last have the size of a piece.
  virtual absl::StatusOr<std::span<const std::byte>> Next() = 0;
};

// Of bytes that are in memory.
class PiecesInMemory : public Pieces {
 public:
  PiecesInMemory(std::span<const std::byte> bytes, std::size_t piece_size)
      : rest_(bytes), piece_size_(piece_size) {}

  absl::StatusOr<std::span<const std::byte>> Next() override;

 private:
  std::span<const std::byte> rest_;
  const std::size_t piece_size_;
};

// Of a source, read until a piece is full.
class PiecesOfSource : public Pieces {
 public:
  PiecesOfSource(ObjectSource& source, std::size_t piece_size);

  // Errors: those of the source; kInvalidArgument when it says that it gave
  //         more than it was asked for.
  absl::StatusOr<std::span<const std::byte>> Next() override;

 private:
  ObjectSource& source_;
  const std::size_t piece_size_;
  const std::unique_ptr<std::byte[]> buffer_;
  bool has_ended_ = false;
};

// Puts what `pieces` give. They are taken on this thread, which holds nothing
// meanwhile.
//
// Errors: as cairn::Engine::Put(); those of `pieces`, then nothing has changed.
absl::StatusOr<PutResult> PutPieces(drive::Loop& loop, object::Writer& writer,
                                    Pieces& pieces);

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_PUT_STREAM_H_
