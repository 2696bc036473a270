// What a drive's catalogue lists, and how a checkpoint changes it.
// FORMAT.md, section 6.

#ifndef CAIRN_LIB_FORMAT_CHECKPOINT_H_
#define CAIRN_LIB_FORMAT_CHECKPOINT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"

namespace cairn::format {

// The point of the log that a checkpoint stands for: everything up to and
// including `sequence` is in the runs.
struct LogPosition {
  std::uint64_t sequence = 0;
  std::uint64_t next_offset = 0;  // of frame `sequence` + 1, over all laps
  base::Uuid hash;                // CommonHash() of frame `sequence`

  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// Runs and packs have ids that are never reused, whatever a crash has left: the
// epoch that wrote them, and a number within it.
constexpr std::uint64_t FileId(std::uint32_t epoch, std::uint32_t number) {
  return std::uint64_t{epoch} << 32 | number;
}

// A file of a run, the same bytes on every drive: "runs/<id>-<file>".
struct RunFile {
  std::uint64_t id = 0;             // of the run
  std::uint32_t file = 0;           // within the run, in the order of the keys
  std::uint64_t from_sequence = 0;  // of the run: (from, to]
  std::uint64_t to_sequence = 0;
  std::uint64_t size = 0;  // bytes
  base::Uuid digest;       // of the whole file

  friend bool operator==(const RunFile&, const RunFile&) = default;
};

// A pack; each drive has its shard of it: "packs/<id>".
struct PackFile {
  std::uint64_t id = 0;
  std::uint64_t size = 0;  // bytes of one shard file
  std::uint32_t tile_count = 0;

  friend bool operator==(const PackFile&, const PackFile&) = default;
};

// The runs newest first; each run's files are neighbours, in key order.
struct Catalogue {
  std::uint64_t changed_by = 0;  // sequence of the frame that made it
  LogPosition checkpoint;
  std::uint32_t epoch = 0;          // of the frame `checkpoint.sequence`
  std::vector<base::Uuid> members;  // table in force there
  std::vector<RunFile> runs;
  std::vector<PackFile> packs;

  friend bool operator==(const Catalogue&, const Catalogue&) = default;
};

// How one catalogue becomes the next.
struct CatalogueChange {
  LogPosition checkpoint;
  std::uint32_t epoch = 0;
  std::vector<base::Uuid> members;
  std::vector<std::uint64_t> removed;  // ids of runs and packs
  std::vector<RunFile> added_runs;     // sorted in by their sequences
  std::vector<PackFile> added_packs;   // go after those that stay

  friend bool operator==(const CatalogueChange&,
                         const CatalogueChange&) = default;
};

// The catalogue after the frame `sequence`, which carries `change`.
Catalogue Apply(const Catalogue& before, const CatalogueChange& change,
                std::uint64_t sequence);

// Names a catalogue's content, which is the same on every drive.
base::Uuid Digest(const Catalogue& catalogue);

// The catalogue as a drive stores it in "catalogue": magic "CCAT", version,
// size, the drive's uuid, the content, a checksum bound to the drive; padded
// with zeros to a multiple of 4096 bytes.
std::vector<std::byte> Encode(const Catalogue& catalogue,
                              const base::Uuid& drive);

// Errors: kCorrupt, kNewerFormat; kForeignDrive for another drive's.
absl::StatusOr<Catalogue> DecodeCatalogue(base::Bytes bytes,
                                          const base::Uuid& drive);

// Fields of a change, inside a frame's metadata.
void EncodeChange(const CatalogueChange& change, std::vector<std::byte>& to);
absl::StatusOr<CatalogueChange> DecodeChange(base::Bytes bytes);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_CHECKPOINT_H_
