// The log: promises, then the ring of frames. FORMAT.md, sections 2 to 5.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/status.h"
#include "format/byte_io.h"
#include "inspect/field.h"
#include "inspect/file.h"
#include "inspect/frame.h"
#include "inspect/log_pieces.h"
#include "inspect/text.h"
#include "set/ring.h"

namespace cairn::inspect {
namespace {

using format::kPromiseSlotSize;

struct FoundPromise {
  std::uint64_t offset = 0;
  absl::StatusOr<format::Promise> promise;
};

// The log that a slot says it is of, for those who do not know better.
base::Uuid LogOf(const Subject& subject, base::Bytes slot) {
  if (subject.drive.has_value()) return subject.drive->log;
  return format::FieldReader(slot.subspan(8)).GetUuid();
}

absl::StatusOr<FoundPromise> ReadPromise(const Subject& subject,
                                         std::uint64_t offset) {
  if (subject.source.size() < offset + kPromiseSlotSize) {
    return FoundPromise{
        .offset = offset,
        .promise = base::Error(ErrorCode::kCorrupt, "promise: cut short")};
  }
  format::PromiseSlot slot;
  CAIRN_RETURN_IF_ERROR(subject.source.Read(offset, slot));
  return FoundPromise{
      .offset = offset,
      .promise = format::DecodePromise(slot, LogOf(subject, slot))};
}

// What a log without a "cairn.format" beside it tells about itself: the first
// frame in it. nullopt when there is none.
absl::StatusOr<std::optional<format::DriveIdentity>> FindDrive(Window& window) {
  const std::uint64_t size = window.source_size();
  for (std::uint64_t at = format::kRingOffset;
       at + format::kFrameAlignment <= size; at += format::kFrameAlignment) {
    CAIRN_ASSIGN_OR_RETURN(const base::Bytes block,
                           window.View(at, format::kFrameAlignment));
    const auto header =
        format::DecodeFrameHeader(block.first(format::kFrameHeaderSize));
    if (!header.ok()) continue;
    return format::DriveIdentity{.deployment = header->deployment,
                                 .drive = header->drive,
                                 .set = header->set,
                                 .log_size = size};
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<format::DriveIdentity>> DriveOf(
    const Subject& subject, Window& window) {
  if (!subject.drive.has_value()) return FindDrive(window);
  return subject.drive;
}

// What a log holds, counted.
struct LogCounts {
  std::uint64_t whole = 0;
  std::uint64_t torn = 0;
  std::uint64_t overwritten = 0;
  std::uint64_t never_written = 0;  // bytes
  std::uint64_t remains = 0;        // bytes
  std::uint64_t sequence_min = ~std::uint64_t{0};
  std::optional<Piece> newest;
};

// Goes through the ring and reports it.
class RingReport {
 public:
  RingReport(Window& window, const format::DriveIdentity& drive,
             Reporter& reporter)
      : window_(window),
        drive_(drive),
        reporter_(reporter),
        pieces_(window, drive) {}

  absl::Status Run();

 private:
  absl::Status TakePiece(const Piece& piece);
  absl::Status TakeFrame(const Piece& piece);
  absl::Status CheckSectors(const Piece& piece);
  void CountFrame(const Piece& piece, FrameState state);
  void ListPiece(const Piece& piece, std::string note);
  void AddFacts();

  Window& window_;
  const format::DriveIdentity& drive_;
  Reporter& reporter_;
  LogPieces pieces_;
  LogCounts counts_;
};

absl::Status RingReport::Run() {
  while (true) {
    CAIRN_ASSIGN_OR_RETURN(const std::optional<Piece> piece, pieces_.Next());
    if (!piece.has_value()) break;
    CAIRN_RETURN_IF_ERROR(TakePiece(*piece));
  }
  AddFacts();
  return absl::OkStatus();
}

absl::Status RingReport::TakePiece(const Piece& piece) {
  switch (piece.kind) {
    case PieceKind::kFrame:
      return TakeFrame(piece);
    case PieceKind::kLostHeader:
      reporter_.AddDamage(NameOf(piece.kind), ShowError(piece.status),
                          {piece.offset, piece.size});
      break;
    case PieceKind::kRemains:
      counts_.remains += piece.size;
      break;
    case PieceKind::kBlank:
      counts_.never_written += piece.size;
      break;
    case PieceKind::kUnreadable:
      break;  // Its sectors say so.
  }
  ListPiece(piece, piece.kind == PieceKind::kLostHeader
                       ? ShowError(piece.status)
                       : std::string());
  return CheckSectors(piece);
}

absl::Status RingReport::TakeFrame(const Piece& piece) {
  CAIRN_ASSIGN_OR_RETURN(const base::Bytes sectors,
                         window_.View(piece.offset, piece.size));
  const FrameCheck check = CheckFrame(sectors, piece, drive_);
  CountFrame(piece, check.state);
  const bool is_damaged = check.state == FrameState::kDamaged;
  if (is_damaged) {
    reporter_.AddDamage(fmt::format("frame {}", piece.stamp.sequence),
                        check.note, {check.damaged_offset, 1});
  } else if (check.state != FrameState::kWhole) {
    CAIRN_RETURN_IF_ERROR(CheckSectors(piece));
  }
  if (!reporter_.WantsEntry()) return absl::OkStatus();
  InspectItem item{.offset = piece.offset,
                   .size = piece.size,
                   .name = "frame",
                   .value = ShowFrame(*piece.header),
                   .note = check.note,
                   .is_damaged = is_damaged};
  ListContent(piece, check, reporter_, item);
  reporter_.Add(std::move(item));
  return absl::OkStatus();
}

// A sector is written whole or not at all, so its stamp is right, whoever wrote
// it last.
absl::Status RingReport::CheckSectors(const Piece& piece) {
  for (std::uint64_t at = 0; at < piece.size; at += format::kFrameAlignment) {
    const std::uint64_t offset = piece.offset + at;
    CAIRN_ASSIGN_OR_RETURN(const base::Bytes block,
                           window_.View(offset, format::kFrameAlignment));
    const StampCount count =
        CountStamps(block, {.offset = offset}, format::LogTag(drive_.drive));
    if (count.unreadable == 0) continue;
    reporter_.AddDamage("stamp",
                        fmt::format("wrong checksum: {}",
                                    ShowCount(count.unreadable, "sector")),
                        {count.first_unreadable + format::kSectorPayloadSize,
                         format::kStampSize});
  }
  return absl::OkStatus();
}

void RingReport::CountFrame(const Piece& piece, FrameState state) {
  if (state == FrameState::kTorn) ++counts_.torn;
  if (state == FrameState::kOverwritten) ++counts_.overwritten;
  if (state != FrameState::kWhole) return;
  ++counts_.whole;
  counts_.sequence_min = std::min(counts_.sequence_min, piece.stamp.sequence);
  if (!counts_.newest.has_value() || counts_.newest->stamp < piece.stamp) {
    counts_.newest = piece;
  }
}

void RingReport::ListPiece(const Piece& piece, std::string note) {
  if (!reporter_.WantsEntry()) return;
  const bool has_stamp = piece.stamp != format::Stamp();
  reporter_.Add({.offset = piece.offset,
                 .size = piece.size,
                 .name = std::string(NameOf(piece.kind)),
                 .value = has_stamp ? ShowStamp(piece.stamp) : "",
                 .note = std::move(note),
                 .is_damaged = piece.kind == PieceKind::kLostHeader ||
                               piece.kind == PieceKind::kUnreadable});
}

void RingReport::AddFacts() {
  reporter_.Add("frames", fmt::format("{} whole", counts_.whole));
  if (counts_.torn > 0) reporter_.Add("torn", ShowCount(counts_.torn, "frame"));
  if (counts_.overwritten > 0) {
    reporter_.Add("overwritten", ShowCount(counts_.overwritten, "frame"));
  }
  if (counts_.newest.has_value()) {
    const Piece& newest = *counts_.newest;
    reporter_.Add("newest frame", ShowFrame(*newest.header),
                  {newest.offset, newest.size});
    reporter_.Add("oldest sequence", fmt::format("{}", counts_.sequence_min));
  }
  reporter_.Add("remains", ShowCount(counts_.remains, "byte"));
  reporter_.Add("never written", ShowCount(counts_.never_written, "byte"));
}

absl::Status ReportPromises(const Subject& subject, Reporter& reporter) {
  for (std::size_t i = 0; i < format::kPromiseSlotCount; ++i) {
    CAIRN_ASSIGN_OR_RETURN(const FoundPromise found,
                           ReadPromise(subject, i * kPromiseSlotSize));
    const Extent extent{found.offset, kPromiseSlotSize};
    if (!found.promise.ok()) {
      reporter.AddDamage("promise", ShowError(found.promise.status()), extent);
      continue;
    }
    reporter.Add("promise",
                 fmt::format("no epoch before {}", found.promise->epoch),
                 extent);
  }
  return absl::OkStatus();
}

// Whether the ring can be gone through, as far as the file reaches.
bool CheckSize(const Subject& subject, const format::DriveIdentity& drive,
               Reporter& reporter) {
  const std::uint64_t size = subject.source.size();
  if (size != drive.log_size) {
    reporter.AddDamage(
        "size",
        fmt::format("{} bytes, {} when it was formatted", size, drive.log_size),
        {.offset = std::min(size, drive.log_size)});
  }
  if (set::IsLogSize(drive.log_size)) return true;
  reporter.AddDamage(
      "size", fmt::format("a log never has {} bytes", drive.log_size), {});
  return false;
}

// Any byte of the ring; `drive` has a log of possible size.
absl::StatusOr<Way> ExplainRing(Window& window,
                                const format::DriveIdentity& drive,
                                std::uint64_t at) {
  LogPieces pieces(window, drive);
  std::optional<Piece> piece;
  do {
    CAIRN_ASSIGN_OR_RETURN(piece, pieces.Next());
  } while (piece.has_value() && at >= piece->offset + piece->size);
  if (!piece.has_value()) {
    return Way{{.offset = pieces.end(),
                .size = window.source_size() - pieces.end(),
                .name = "behind the ring"}};
  }
  InspectItem item{.offset = piece->offset,
                   .size = piece->size,
                   .name = std::string(NameOf(piece->kind)),
                   .value = ShowStamp(piece->stamp)};
  if (piece->kind == PieceKind::kFrame) {
    CAIRN_ASSIGN_OR_RETURN(const base::Bytes sectors,
                           window.View(piece->offset, piece->size));
    const FrameCheck check = CheckFrame(sectors, *piece, drive);
    item.value = ShowFrame(*piece->header);
    item.note = check.state == FrameState::kWhole ? "whole" : check.note;
    item.is_damaged = check.state == FrameState::kDamaged;
    return Join({std::move(item)}, ExplainFrame(sectors, *piece, check, at));
  }
  item.note = ShowError(piece->status);
  item.is_damaged = piece->kind == PieceKind::kLostHeader ||
                    piece->kind == PieceKind::kUnreadable;
  const std::uint64_t block =
      at / format::kFrameAlignment * format::kFrameAlignment;
  CAIRN_ASSIGN_OR_RETURN(const base::Bytes bytes,
                         window.View(block, format::kFrameAlignment));
  const format::SectorPlace place = {.log = format::LogTag(drive.drive),
                                     .offset = block};
  return Join({std::move(item)}, ExplainSector(bytes, place, at));
}

absl::StatusOr<Way> ExplainPromise(const Subject& subject, std::uint64_t at) {
  const std::uint64_t offset = at / kPromiseSlotSize * kPromiseSlotSize;
  CAIRN_ASSIGN_OR_RETURN(const FoundPromise found,
                         ReadPromise(subject, offset));
  const std::uint64_t size =
      std::min<std::uint64_t>(kPromiseSlotSize, subject.source.size() - offset);
  std::vector<std::byte> slot(size);
  CAIRN_RETURN_IF_ERROR(subject.source.Read(offset, slot));
  return Join({Judged("promise", {offset, size}, found.promise.status())},
              OutlineOf(kPromiseFields, slot, offset, at));
}

}  // namespace

absl::Status ReportLog(const Subject& subject, Reporter& reporter) {
  CAIRN_RETURN_IF_ERROR(ReportPromises(subject, reporter));
  Window window(subject.source);
  CAIRN_ASSIGN_OR_RETURN(const auto drive, DriveOf(subject, window));
  if (!drive.has_value()) {
    reporter.Add("frames",
                 "none; without a cairn.format beside the log it cannot be "
                 "told what else there is");
    return absl::OkStatus();
  }
  reporter.Add("drive", base::ToString(drive->drive));
  if (!subject.drive.has_value()) {
    reporter.Add("shards", "not checked: there is no cairn.format beside it");
  }
  if (!CheckSize(subject, *drive, reporter)) return absl::OkStatus();
  return RingReport(window, *drive, reporter).Run();
}

absl::StatusOr<Way> ExplainLog(const Subject& subject, std::uint64_t at) {
  if (at < format::kRingOffset) return ExplainPromise(subject, at);
  Window window(subject.source);
  CAIRN_ASSIGN_OR_RETURN(const auto drive, DriveOf(subject, window));
  if (!drive.has_value() || !set::IsLogSize(drive->log_size)) {
    return Way{{.offset = format::kRingOffset,
                .size = subject.source.size() - format::kRingOffset,
                .name = "ring",
                .note = "its drive is not known"}};
  }
  return ExplainRing(window, *drive, at);
}

}  // namespace cairn::inspect
