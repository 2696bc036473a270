// Sectors of the log and the stamp that each carries. FORMAT.md, section 3.

#ifndef CAIRN_LIB_FORMAT_SECTOR_H_
#define CAIRN_LIB_FORMAT_SECTOR_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/uuid.h"

namespace cairn::format {

// A drive writes a sector whole or not at all, so a frame that was not written
// whole shows it by a sector with another frame's stamp.
inline constexpr std::size_t kSectorSize = 512;
inline constexpr std::size_t kStampSize = 16;
inline constexpr std::size_t kSectorPayloadSize = kSectorSize - kStampSize;

// Which frame wrote a sector. {0, 0} is formatting.
struct Stamp {
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;

  friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

// Where a sector belongs: a stamp is valid only there, so that a sector in the
// wrong place is seen.
struct SectorPlace {
  std::uint32_t log = 0;     // of LogTag()
  std::uint64_t offset = 0;  // in the log file
};

// A drive's log, in 32 bits, for stamps.
std::uint32_t LogTag(const base::Uuid& drive);

// Writes the stamp into the last kStampSize bytes of `sector`:
//
//   offset  size  field
//      496     4  epoch
//      500     8  sequence
//      508     4  crc   CRC32C of the 12 bytes before, the log's tag and the
//                       sector's offset
//
// The CRC covers the stamp only, not the sector: damage to what an older frame
// left must not make a frame that was never written look damaged.
void PutStamp(base::MutableBytes sector, const Stamp& stamp,
              const SectorPlace& place);

// The stamp of `sector`; nullopt when it is damaged or of another place.
std::optional<Stamp> GetStamp(base::Bytes sector, const SectorPlace& place);

// Number of sectors that `size` bytes of payload take.
constexpr std::size_t SectorCount(std::size_t size) {
  return (size + kSectorPayloadSize - 1) / kSectorPayloadSize;
}

// Spreads payload over stamped sectors, front to back, without a second copy.
//
// Lifetime: borrows `sectors`, whose size is a multiple of kSectorSize.
class SectorWriter {
 public:
  explicit SectorWriter(base::MutableBytes sectors) : sectors_(sectors) {}

  // Appends payload; it must fit.
  void Append(base::Bytes payload);
  void AppendZeros(std::size_t count);

  // Payload bytes so far.
  std::size_t size() const { return size_; }

  // Zeroes what is left and stamps every sector.
  void Finish(const Stamp& stamp, SectorPlace first);

 private:
  base::MutableBytes Room();

  base::MutableBytes sectors_;
  std::size_t size_ = 0;
};

// Copies payload [`offset`, `offset` + into.size()) out of `sectors`.
// Stamps are not looked at.
void ReadPayload(base::Bytes sectors, std::size_t offset,
                 base::MutableBytes into);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_SECTOR_H_
