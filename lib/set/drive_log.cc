#include "set/drive_log.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/status.h"
#include "drive/file_task.h"
#include "format/sector.h"

namespace cairn::set {
namespace {

constexpr std::uint64_t kWindowSize = 1 << 20;

using format::kPromiseSlotCount;
using format::kPromiseSlotSize;

void PutPromises(const format::Promise& promise, base::MutableBytes slots) {
  const format::PromiseSlot slot = format::Encode(promise);
  for (std::size_t i = 0; i < kPromiseSlotCount; ++i) {
    std::memcpy(slots.data() + i * kPromiseSlotSize, slot.data(), slot.size());
  }
}

// Fills `piece`, which begins at `offset` of the log file, with sectors that
// no frame has written.
void PutBlankSectors(std::uint64_t offset, std::uint32_t log,
                     base::MutableBytes piece) {
  std::memset(piece.data(), 0, piece.size());
  for (std::size_t at = 0; at < piece.size(); at += format::kSectorSize) {
    format::PutStamp(piece.subspan(at, format::kSectorSize), {},
                     {.log = log, .offset = offset + at});
  }
}

}  // namespace

base::Task<absl::Status> DriveLog::Format(
    drive::Drive& drive, const format::DriveIdentity& identity) {
  auto file = co_await drive::Create(drive, std::string(kLogPath));
  if (!file.ok()) co_return file.status();
  base::AlignedBuffer piece(std::min(kWindowSize, identity.log_size));
  const std::uint32_t log = format::LogTag(identity.drive);
  for (std::uint64_t offset = 0; offset < identity.log_size;) {
    const std::uint64_t size =
        std::min<std::uint64_t>(piece.size(), identity.log_size - offset);
    const base::MutableBytes bytes = piece.bytes().first(size);
    PutBlankSectors(offset, log, bytes);
    if (offset == 0) PutPromises({.epoch = 0, .log = identity.log}, bytes);
    CAIRN_CO_RETURN_IF_ERROR(co_await drive::Write(**file, offset, bytes));
    offset += size;
  }
  co_return co_await drive::Sync(**file);
}

base::Task<absl::StatusOr<std::unique_ptr<DriveLog>>> DriveLog::Open(
    drive::Drive& drive, const format::DriveIdentity& identity) {
  auto file = co_await drive::Open(drive, std::string(kLogPath));
  if (!file.ok()) co_return file.status();
  if ((*file)->size() != identity.log_size) {
    co_return base::Error(ErrorCode::kCorrupt,
                          "{}/log: {} bytes, {} when it was formatted",
                          drive.name(), (*file)->size(), identity.log_size);
  }
  if (!IsLogSize(identity.log_size)) {
    co_return base::Error(ErrorCode::kCorrupt,
                          "{}/log: a log never has {} bytes", drive.name(),
                          identity.log_size);
  }
  co_return std::unique_ptr<DriveLog>(
      new DriveLog(*std::move(file), identity));  // tidy: private constructor
}

base::Task<absl::StatusOr<std::uint32_t>> DriveLog::ReadPromise() {
  base::AlignedBuffer slots(kPromiseSlotCount * kPromiseSlotSize);
  CAIRN_CO_RETURN_IF_ERROR(co_await drive::Read(*file_, 0, slots.bytes()));
  bool found = false;
  std::uint32_t epoch = 0;
  for (std::size_t i = 0; i < kPromiseSlotCount; ++i) {
    const auto promise = format::DecodePromise(
        slots.bytes().subspan(i * kPromiseSlotSize, kPromiseSlotSize),
        identity_.log);
    if (!promise.ok()) continue;
    found = true;
    epoch = std::max(epoch, promise->epoch);
  }
  if (!found) {
    co_return base::Error(ErrorCode::kCorrupt,
                          "log: both promise slots are damaged");
  }
  co_return epoch;
}

base::Task<absl::Status> DriveLog::WritePromise(std::uint32_t epoch) {
  base::AlignedBuffer slots(kPromiseSlotCount * kPromiseSlotSize);
  PutPromises({.epoch = epoch, .log = identity_.log}, slots.bytes());
  for (std::size_t i = 0; i < kPromiseSlotCount; ++i) {
    const std::uint64_t offset = i * kPromiseSlotSize;
    const base::Bytes slot = slots.bytes().subspan(offset, kPromiseSlotSize);
    CAIRN_CO_RETURN_IF_ERROR(co_await drive::WriteSynced(*file_, offset, slot));
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> DriveLog::WriteFrame(std::uint64_t offset,
                                              base::Bytes frame) {
  DropReadAhead();
  co_return co_await drive::WriteSynced(*file_, ring_.FileOffset(offset),
                                        frame);
}

base::Task<absl::Status> DriveLog::Fill(std::uint64_t file_offset,
                                        std::uint64_t size) {
  window_size_ = 0;
  CAIRN_CO_RETURN_IF_ERROR(
      co_await drive::Read(*file_, file_offset, window_.bytes().first(size)));
  window_offset_ = file_offset;
  window_size_ = size;
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<base::Bytes>> DriveLog::View(
    std::uint64_t file_offset, std::uint64_t size) {
  if (file_offset < window_offset_ ||
      file_offset + size > window_offset_ + window_size_) {
    if (window_.size() == 0) {
      window_ = base::AlignedBuffer(std::max(
          std::min(kWindowSize, identity_.log_size), ring_.frame_size_max()));
    }
    // A scan that goes on reads further ahead each time.
    const std::uint64_t ahead = std::min<std::uint64_t>(
        std::max(size, std::min<std::uint64_t>(read_ahead_, window_.size())),
        identity_.log_size - file_offset);
    read_ahead_ = std::min(read_ahead_ * 4, kWindowSize);
    absl::Status read = co_await Fill(file_offset, ahead);
    // One bad sector must not hide its neighbours.
    if (!read.ok()) read = co_await Fill(file_offset, size);
    if (!read.ok()) co_return read;
  }
  co_return base::Bytes(
      window_.bytes().subspan(file_offset - window_offset_, size));
}

base::Task<Copy> DriveLog::ReadSlot(const Slot& slot) {
  const std::uint64_t offset = ring_.FileOffset(slot.offset);
  auto sectors = co_await View(offset, format::kFrameAlignment);
  if (sectors.ok()) {
    sectors = co_await View(offset, SizeToJudge(*sectors, ring_));
  }
  if (!sectors.ok()) co_return Copy{.state = CopyState::kDamaged};
  co_return Judge(*sectors, slot, identity_);
}

base::Task<Copy> DriveLog::ReadFrame(const Slot& slot,
                                     std::uint32_t frame_size) {
  base::AlignedBuffer frame(frame_size);
  const absl::Status read = co_await drive::Read(
      *file_, ring_.FileOffset(slot.offset), frame.bytes());
  if (!read.ok()) {
    co_return Copy{.state = CopyState::kDamaged, .is_unread = true};
  }
  co_return Judge(frame.bytes(), slot, identity_);
}

}  // namespace cairn::set
