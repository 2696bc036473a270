#include "engine/put_stream.h"

#include <algorithm>

#include "base/status.h"

namespace cairn::engine {

absl::StatusOr<std::span<const std::byte>> PiecesInMemory::Next() {
  const auto piece = rest_.first(std::min(rest_.size(), piece_size_));
  rest_ = rest_.subspan(piece.size());
  return piece;
}

PiecesOfSource::PiecesOfSource(ObjectSource& source, std::size_t piece_size)
    : source_(source),
      piece_size_(piece_size),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(piece_size)) {}

absl::StatusOr<std::span<const std::byte>> PiecesOfSource::Next() {
  const std::span<std::byte> buffer(buffer_.get(), piece_size_);
  std::size_t filled = 0;
  while (!has_ended_ && filled < buffer.size()) {
    const std::span<std::byte> room = buffer.subspan(filled);
    CAIRN_ASSIGN_OR_RETURN(const std::size_t size, source_.Read(room));
    if (size > room.size()) {
      return base::Error(ErrorCode::kInvalidArgument,
                         "the source says that it gave {} bytes, {} were asked "
                         "for",
                         size, room.size());
    }
    filled += size;
    has_ended_ = size == 0;
  }
  return buffer.first(filled);
}

absl::StatusOr<PutResult> PutPieces(drive::Loop& loop, object::Writer& writer,
                                    Pieces& pieces) {
  while (true) {
    CAIRN_ASSIGN_OR_RETURN(const std::span<const std::byte> piece,
                           pieces.Next());
    if (piece.empty()) break;
    CAIRN_RETURN_IF_ERROR(loop.Await(writer.Append(piece)));
  }
  return loop.Await(writer.Commit(), drive::WaitKind::kGroup);
}

}  // namespace cairn::engine
