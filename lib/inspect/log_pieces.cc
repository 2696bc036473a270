#include "inspect/log_pieces.h"

#include <algorithm>
#include <array>

#include "base/status.h"

namespace cairn::inspect {
namespace {

using format::kFrameAlignment;
using format::kSectorSize;

absl::Status Misplaced(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt,
                     "frame header: {} of another place or drive", field);
}

bool LooksLike(const Piece& a, const Piece& b) {
  return a.kind == b.kind && a.stamp == b.stamp && a.kind != PieceKind::kFrame;
}

}  // namespace

std::string_view NameOf(PieceKind kind) {
  switch (kind) {
    case PieceKind::kFrame:
      return "frame";
    case PieceKind::kLostHeader:
      return "frame without a header";
    case PieceKind::kRemains:
      return "remains of a frame";
    case PieceKind::kBlank:
      return "never written";
    case PieceKind::kUnreadable:
      return "unreadable sector";
  }
  return "";
}

LogPieces::LogPieces(Window& window, const format::DriveIdentity& drive)
    : window_(window), drive_(drive), ring_(drive.log_size) {
  end_ = std::min(drive.log_size, window.source_size()) / kFrameAlignment *
         kFrameAlignment;
}

absl::StatusOr<format::FrameHeader> LogPieces::HeaderAt(
    const Piece& piece, base::Bytes block) const {
  std::array<std::byte, format::kFrameHeaderSize> payload;
  format::ReadPayload(block, 0, payload);
  CAIRN_ASSIGN_OR_RETURN(format::FrameHeader header,
                         format::DecodeFrameHeader(payload));
  if (header.stamp() != piece.stamp) return Misplaced("stamp");
  if (header.drive != drive_.drive) return Misplaced("drive");
  if (header.deployment != drive_.deployment || header.set != drive_.set) {
    return Misplaced("deployment");
  }
  if (ring_.FileOffset(header.offset) != piece.offset) {
    return Misplaced("offset");
  }
  if (header.frame_size > ring_.frame_size_max() ||
      header.frame_size > end_ - piece.offset) {
    return base::Error(ErrorCode::kCorrupt,
                       "frame header: {} bytes do not fit here",
                       header.frame_size);
  }
  return header;
}

// In a chain each sequence is one more. After a frame of an older lap stands
// what is older still, or a torn frame of a later lap, many frames further on.
bool LogPieces::IsNextFrame(const Piece& piece) const {
  if (piece.offset == format::kRingOffset) return true;
  return previous_.has_value() && *previous_ < piece.stamp &&
         piece.stamp.sequence == previous_->sequence + 1;
}

absl::StatusOr<Piece> LogPieces::PieceAt(std::uint64_t offset) {
  Piece piece{.offset = offset, .size = kFrameAlignment};
  CAIRN_ASSIGN_OR_RETURN(const base::Bytes block,
                         window_.View(offset, kFrameAlignment));
  const auto stamp =
      format::GetStamp(block.first(kSectorSize),
                       {.log = format::LogTag(drive_.drive), .offset = offset});
  if (!stamp.has_value()) {
    piece.kind = PieceKind::kUnreadable;
    return piece;
  }
  piece.stamp = *stamp;
  if (piece.stamp == format::Stamp()) return piece;
  auto header = HeaderAt(piece, block);
  if (header.ok()) {
    piece.kind = PieceKind::kFrame;
    piece.size = header->frame_size;
    piece.header = *std::move(header);
    return piece;
  }
  piece.status = header.status();
  piece.kind =
      IsNextFrame(piece) ? PieceKind::kLostHeader : PieceKind::kRemains;
  return piece;
}

void LogPieces::Remember(const Piece& piece) {
  switch (piece.kind) {
    case PieceKind::kFrame:
    case PieceKind::kLostHeader:
      previous_ = piece.stamp;
      return;
    case PieceKind::kUnreadable:
      return;  // The frame that it belongs to still follows the one before.
    case PieceKind::kRemains:
    case PieceKind::kBlank:
      previous_.reset();
  }
}

absl::StatusOr<std::optional<Piece>> LogPieces::Next() {
  if (offset_ >= end_) return std::nullopt;
  CAIRN_ASSIGN_OR_RETURN(Piece piece, PieceAt(offset_));
  offset_ += piece.size;
  while (piece.kind != PieceKind::kFrame && offset_ < end_) {
    CAIRN_ASSIGN_OR_RETURN(const Piece next, PieceAt(offset_));
    if (!LooksLike(piece, next)) break;
    piece.size += next.size;
    offset_ += next.size;
  }
  Remember(piece);
  return piece;
}

StampCount CountStamps(base::Bytes sectors, const Piece& piece,
                       std::uint32_t log) {
  StampCount count;
  for (std::uint64_t at = 0; at < sectors.size(); at += kSectorSize) {
    const std::uint64_t offset = piece.offset + at;
    const auto stamp = format::GetStamp(sectors.subspan(at, kSectorSize),
                                        {.log = log, .offset = offset});
    if (!stamp.has_value()) {
      if (count.unreadable == 0) count.first_unreadable = offset;
      ++count.unreadable;
    } else if (*stamp == piece.stamp) {
      ++count.same;
    } else {
      ++(*stamp < piece.stamp ? count.older : count.newer);
    }
  }
  return count;
}

}  // namespace cairn::inspect
