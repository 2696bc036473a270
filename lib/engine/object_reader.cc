#include "engine/object_reader.h"

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace cairn::engine {

absl::StatusOr<std::size_t> BlockingReader::ReadAt(std::uint64_t offset,
                                                   std::span<std::byte> into) {
  return loop_.Await(reader_->ReadAt(offset, into));
}

absl::StatusOr<std::size_t> BlockingReader::Read(std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const absl::StatusOr<base::Bytes> piece = NextPiece();
    if (!piece.ok() && filled == 0) return piece.status();
    // The next call tries again, and tells an error.
    if (!piece.ok() || piece->empty()) break;
    const std::size_t size = std::min(piece->size(), into.size() - filled);
    std::memcpy(into.data() + filled, piece->data(), size);
    filled += size;
    Consume(size);
  }
  return filled;
}

// Bytes that nobody has got yet; none at the end.
absl::StatusOr<base::Bytes> BlockingReader::NextPiece() {
  if (pieces_.pieces.empty()) {
    CAIRN_ASSIGN_OR_RETURN(pieces_, loop_.Await(reader_->Next()));
  }
  if (pieces_.pieces.empty()) return base::Bytes();
  return pieces_.pieces[piece_].subspan(piece_used_);
}

// Memory is given back as soon as it was read.
void BlockingReader::Consume(std::size_t size) {
  piece_used_ += size;
  if (piece_used_ < pieces_.pieces[piece_].size()) return;
  piece_used_ = 0;
  if (++piece_ < pieces_.pieces.size()) return;
  piece_ = 0;
  pieces_ = {};
}

}  // namespace cairn::engine
