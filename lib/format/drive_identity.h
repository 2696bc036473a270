// "cairn.format", what a drive is, and the promise slots at the head of its
// log. FORMAT.md, sections 1 and 2.

#ifndef CAIRN_LIB_FORMAT_DRIVE_IDENTITY_H_
#define CAIRN_LIB_FORMAT_DRIVE_IDENTITY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/frame_header.h"

namespace cairn::format {

enum class DriveRole : std::uint8_t {
  kStore = 1,
  kWitness = 2,  // reserved: metadata only
};

// Written once, when the drive is formatted. One block of 4096 bytes:
//
//   offset  size  field
//        0     4  magic           "CAIR"
//        4     2  version         1
//        6     1  role            DriveRole
//        7     1  position        in the set, when it was formatted
//        8    16  deployment
//       24    16  drive
//       40    16  log             uuid of the log that belongs to it
//       56     4  pool
//       60     4  set
//       64     4  data_shards
//       68     4  parity_shards
//       72     8  log_size        bytes of the log file
//       80     4  placement       rule for buckets: 0, one set
//       84     4  member_count
//       88   320  members         the set's drives when it was formatted
//      408     8  checksum        of the bytes before
//      416        zero
struct DriveIdentity {
  DriveRole role = DriveRole::kStore;
  std::uint8_t position = 0;
  base::Uuid deployment;
  base::Uuid drive;
  base::Uuid log;
  std::uint32_t pool = 0;
  std::uint32_t set = 0;
  std::uint32_t data_shards = 0;
  std::uint32_t parity_shards = 0;
  std::uint64_t log_size = 0;
  std::vector<base::Uuid> members;

  friend bool operator==(const DriveIdentity&, const DriveIdentity&) = default;
};

inline constexpr std::size_t kIdentityBlockSize = 4096;
using IdentityBlock = std::array<std::byte, kIdentityBlockSize>;

IdentityBlock Encode(const DriveIdentity& identity);

// Errors: kCorrupt, naming the field; kNewerFormat.
absl::StatusOr<DriveIdentity> DecodeDriveIdentity(base::Bytes bytes);

// Durably says that the drive takes part in no epoch before `epoch`. Written to
// both slots, one after the other, each synced: a crash leaves one of them, and
// rot in one does not forget the promise.
//
//   offset  size  field
//        0     4  magic     "CPRM"
//        4     4  epoch
//        8    16  log
//       24     8  checksum  of the bytes before
//       32        zero
struct Promise {
  std::uint32_t epoch = 0;
  base::Uuid log;

  friend bool operator==(const Promise&, const Promise&) = default;
};

inline constexpr std::size_t kPromiseSlotSize = 4096;
inline constexpr std::size_t kPromiseSlotCount = 2;
using PromiseSlot = std::array<std::byte, kPromiseSlotSize>;

PromiseSlot Encode(const Promise& promise);

// Errors: kCorrupt; kForeignDrive when the slot belongs to another log.
absl::StatusOr<Promise> DecodePromise(base::Bytes bytes, const base::Uuid& log);

// Where the ring of frames begins in the log file.
inline constexpr std::uint64_t kRingOffset =
    kPromiseSlotCount * kPromiseSlotSize;

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_DRIVE_IDENTITY_H_
