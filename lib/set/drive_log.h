// One drive's log: promises at its head, then the ring of frames.

#ifndef CAIRN_LIB_SET_DRIVE_LOG_H_
#define CAIRN_LIB_SET_DRIVE_LOG_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "drive/drive.h"
#include "format/drive_identity.h"
#include "set/ring.h"
#include "set/slot.h"

namespace cairn::set {

inline constexpr std::string_view kLogPath = "log";

// Thread safety: one strand; one ReadSlot() at a time.
class DriveLog {
 public:
  // Writes a whole log file, so that later writes never change file system
  // metadata: promises of epoch 0, and sectors stamped as never written.
  static base::Task<absl::Status> Format(drive::Drive& drive,
                                         const format::DriveIdentity& identity);

  // Errors: kDriveFailed, kCorrupt when the size is wrong.
  static base::Task<absl::StatusOr<std::unique_ptr<DriveLog>>> Open(
      drive::Drive& drive, const format::DriveIdentity& identity);

  // The newest promise in either slot. Errors: kCorrupt when both are damaged.
  base::Task<absl::StatusOr<std::uint32_t>> ReadPromise();

  // Durable when it returns OK.
  base::Task<absl::Status> WritePromise(std::uint32_t epoch);

  // Durable when it returns OK. `offset` counts over all laps.
  base::Task<absl::Status> WriteFrame(std::uint64_t offset, base::Bytes frame);

  // What the drive holds at `slot`, reading ahead. A failed read is kDamaged.
  // For opening, when nothing writes.
  base::Task<Copy> ReadSlot(const Slot& slot);

  // The same for a frame whose size is known, whoever writes behind it; any
  // number at a time.
  base::Task<Copy> ReadFrame(const Slot& slot, std::uint32_t frame_size);

  // Forgets what was read ahead.
  void DropReadAhead() {
    window_size_ = 0;
    read_ahead_ = kReadAheadMin;
  }

  const format::DriveIdentity& identity() const { return identity_; }
  const Ring& ring() const { return ring_; }

 private:
  static constexpr std::uint64_t kReadAheadMin = 16 << 10;

  DriveLog(std::unique_ptr<drive::File> file,
           const format::DriveIdentity& identity)
      : file_(std::move(file)), identity_(identity), ring_(identity.log_size) {}

  // Bytes of the log file, read ahead by the window. Valid until the next call.
  base::Task<absl::StatusOr<base::Bytes>> View(std::uint64_t file_offset,
                                               std::uint64_t size);
  base::Task<absl::Status> Fill(std::uint64_t file_offset, std::uint64_t size);

  std::unique_ptr<drive::File> file_;
  format::DriveIdentity identity_;
  Ring ring_;
  base::AlignedBuffer window_;
  std::uint64_t window_offset_ = 0;
  std::uint64_t window_size_ = 0;
  std::uint64_t read_ahead_ = kReadAheadMin;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_DRIVE_LOG_H_
