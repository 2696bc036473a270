// What a simulated drive holds: which bytes would survive a power cut, and
// which would not.

#ifndef CAIRN_TESTS_SUPPORT_SIM_MEDIA_H_
#define CAIRN_TESTS_SUPPORT_SIM_MEDIA_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/sim_loop.h"

namespace cairn::support {

inline constexpr std::size_t kSimSectorSize = 512;

// A write that is not durable yet. One of no bytes grows the file to `offset`.
struct UnsyncedWrite {
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;
  bool in_flight = true;  // not reported as done
  bool lost = false;  // its sync failed: reads back, but no sync will save it
};

// Bytes in chunks that copies share until one of them writes.
class ChunkedBytes {
 public:
  void Write(std::uint64_t offset, base::Bytes bytes);
  // Reads what lies inside; the rest of `into` is left alone.
  void Read(std::uint64_t offset, base::MutableBytes into) const;
  void Resize(std::uint64_t size);
  std::uint64_t size() const { return size_; }

  // Bytes that take room, and whether all of a range do.
  std::uint64_t room() const;
  bool HasRoom(std::uint64_t offset, std::uint64_t size) const;

 private:
  static constexpr std::size_t kChunkSize = 4096;
  using Chunk = std::vector<std::byte>;

  std::vector<std::shared_ptr<const Chunk>> chunks_;
  std::uint64_t size_ = 0;
};

// One file. A copy is an image of its own.
class FileImage {
 public:
  // Begins a write; it is seen by reads from now on.
  UnsyncedWrite* Begin(std::uint64_t offset, base::Bytes bytes);

  // Makes one write, or all that are done, durable.
  void Sync(UnsyncedWrite* write);
  void SyncAll();

  // A sync failed: it will save nothing of what was done before.
  void LoseUnsynced();

  // What a read sees: what is durable, under what is not yet.
  void Read(std::uint64_t offset, base::MutableBytes into) const;
  std::uint64_t size() const;

  // As ChunkedBytes has it of what is durable; all that is not counts as new.
  std::uint64_t room() const;
  bool HasRoom(std::uint64_t offset, std::uint64_t size) const {
    return durable_.HasRoom(offset, size);
  }

  // Resolves every unsynced write. After a power cut each of its sectors was
  // written or not. After the end of the process only writes in flight are
  // uncertain, and what was written stays unsynced.
  void PowerCut(Chooser& chooser);
  void EndProcess(Chooser& chooser);

  // Damage, to what is durable.
  void Flip(std::uint64_t offset, int bit);
  void Overwrite(std::uint64_t offset, base::Bytes bytes);
  void Truncate(std::uint64_t size);

  bool has_unsynced() const { return !unsynced_.empty(); }

 private:
  using Writes = std::list<UnsyncedWrite>;

  // Makes a write durable. What older writes left in its place is gone.
  Writes::iterator MakeDurable(Writes::iterator write);

  ChunkedBytes durable_;
  Writes unsynced_;
};

// The parts of `write` that reached the drive: all, none, one half, or, when
// `chooser` allows for many outcomes, any set of its sectors.
std::vector<UnsyncedWrite> Tear(const UnsyncedWrite& write, Chooser& chooser);

// A drive's files by path.
struct SimMedia {
  std::map<std::string, FileImage> files;

  void PowerCut(Chooser& chooser);
  void EndProcess(Chooser& chooser);
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SIM_MEDIA_H_
