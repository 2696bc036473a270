// How an engine is opened.

#ifndef CAIRN_OPTIONS_H_
#define CAIRN_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

enum class IoMode {
  kAuto,     // io_uring where the kernel offers it, else POSIX
  kIoUring,  // kInvalidArgument where the kernel does not offer it
  kPosix,    // threads that read and write
};

enum class CreateMode {
  // Formats the drives when all of them are empty, opens them otherwise: then
  // one that is empty is kForeignDrive, unless it is to replace one.
  kIfEmpty,
  // Empty drives are kForeignDrive: nothing is ever formatted.
  kNever,
};

struct EngineOptions {
  // The directories that are drives, each of a failure domain of its own where
  // drives are to be lost without losing data. Any order; 1 .. 16 of them.
  // Drives that are missing may be left out, as far as quorum reaches.
  std::vector<std::string> drives;

  // How many drives hold the bytes of an object and how many hold parity, of
  // an engine that is formatted now: both or none of them. Their sum is the
  // number of drives. Where they are given for drives that are formatted, they
  // must be those of the format, else kInvalidGeometry.
  //
  // Default, by number of drives: 1: 1+0; 2: 1+1; 3: 2+1; 4: 2+2; 5: 3+2;
  // 6: 4+2; 7 and 8: 2 parity; 9 .. 12: 3 parity; 13 .. 16: 4 parity.
  std::optional<int> data;
  std::optional<int> parity;

  // Size of the log of each drive that is formatted now: 8 MiB .. 64 GiB, a
  // multiple of 64 KiB. It bounds how long an opening takes; a larger one
  // absorbs longer bursts of puts. Three times as much of each drive stays
  // free for checkpoints: puts fail with kDriveFull before, deletes do not.
  std::uint64_t log_bytes = std::uint64_t{64} << 20;

  // Memory for verified blocks that were read.
  std::uint64_t cache_bytes = std::uint64_t{64} << 20;

  // Memory for everything together, the cache included. Less than the cache and
  // the logs take, and 16 MiB for calls, is kInvalidArgument: about twice the
  // size of a log, cache_bytes, and 1 MiB for each drive beside 24 MiB. Puts
  // that do not fit into the rest wait, ten seconds at most, then fail with
  // kBusy. Not counted: reads and listings; what a drive that hangs keeps; of
  // the last 32 large blobs that were read their checksums, 64 MiB at most; and
  // the buffers that large puts and gets leave for the next, 48 MiB at most at
  // rest, while each buffer that a call still holds may keep 9 MiB beside it.
  std::uint64_t memory_max = std::uint64_t{512} << 20;

  // Lets drives that are empty take the places of drives that are missing, in
  // their order, when the others are formatted: what they are to hold is made
  // from the others. Never by default, because a mount point where nothing is
  // mounted looks like an empty drive.
  //
  // A drive whose place was taken is kForeignDrive when it comes back. More
  // empty drives than places are kForeignDrive.
  bool replace_missing = false;

  IoMode io = IoMode::kAuto;
  CreateMode create = CreateMode::kIfEmpty;

  // Writes nothing, to no drive: every call that changes something is
  // kReadOnly, and what the last commit before may have changed is kUndecided
  // where its outcome cannot be seen.
  bool read_only = false;
};

}  // namespace cairn

#endif  // CAIRN_OPTIONS_H_
