// The ring of a log, cut into what stands there: frames, what newer frames left
// of older ones, and sectors that were never written.

#ifndef CAIRN_LIB_INSPECT_LOG_PIECES_H_
#define CAIRN_LIB_INSPECT_LOG_PIECES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "format/drive_identity.h"
#include "format/frame_header.h"
#include "format/sector.h"
#include "inspect/source.h"
#include "set/ring.h"

namespace cairn::inspect {

enum class PieceKind {
  kFrame,       // from a header that belongs here
  kLostHeader,  // a frame that follows the one before; its header is damaged
  kRemains,     // of a frame that was overwritten, or begun and never whole
  kBlank,       // as it was formatted
  kUnreadable,  // a damaged stamp where a frame could begin
};

std::string_view NameOf(PieceKind kind);

struct Piece {
  PieceKind kind = PieceKind::kBlank;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t size = 0;
  format::Stamp stamp;                        // of its first sector
  std::optional<format::FrameHeader> header;  // of a frame
  absl::Status status;                        // what is wrong with the header
};

// Goes through the ring from its first byte on. Frames lie one behind the
// other, so each piece begins where the one before ends; a piece without a
// header is as many blocks as look alike.
//
// Lifetime: borrows the window; View()s of it end with Next().
class LogPieces {
 public:
  // `drive`: of it the drive, deployment, set and log size count, the last
  // within the limits of set/ring.h.
  LogPieces(Window& window, const format::DriveIdentity& drive);

  // The next piece; nullopt at the end. Errors: those of reading.
  absl::StatusOr<std::optional<Piece>> Next();

  // What Next() goes up to: the end of the ring, or of a file cut short.
  std::uint64_t end() const { return end_; }

 private:
  absl::StatusOr<Piece> PieceAt(std::uint64_t offset);
  absl::StatusOr<format::FrameHeader> HeaderAt(const Piece& piece,
                                               base::Bytes block) const;
  bool IsNextFrame(const Piece& piece) const;
  void Remember(const Piece& piece);

  Window& window_;
  format::DriveIdentity drive_;
  set::Ring ring_;
  std::uint64_t offset_ = format::kRingOffset;
  std::uint64_t end_ = 0;
  // The stamp of the frame that ends at offset_, if one does.
  std::optional<format::Stamp> previous_;
};

// What the stamps in a piece say, held against the first one.
struct StampCount {
  std::uint64_t same = 0;
  std::uint64_t older = 0;
  std::uint64_t newer = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t first_unreadable = 0;  // offset in the file
};

// `sectors` are those of `piece`, in the log with this tag.
StampCount CountStamps(base::Bytes sectors, const Piece& piece,
                       std::uint32_t log);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_LOG_PIECES_H_
