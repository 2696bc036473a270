// The files that a catalogue names: whether a drive has them, and getting them
// from its peers.

#ifndef CAIRN_LIB_SET_SET_CONTENTS_H_
#define CAIRN_LIB_SET_SET_CONTENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "base/task.h"
#include "base/uuid.h"
#include "drive/drive.h"
#include "erasure/codec.h"
#include "format/checkpoint.h"
#include "set/set_file.h"

namespace cairn::set {

std::string RunPath(const format::RunFile& run);
std::string PackPath(std::uint64_t id);

// The digest of a run file: of the digests of its pieces, so that it is made
// and checked without holding the file.
class PieceDigest {
 public:
  static constexpr std::size_t kPieceSize = 1 << 20;

  // Every piece but the last has kPieceSize bytes.
  void Append(base::Bytes piece);
  base::Uuid Finish() const;

 private:
  std::vector<base::Uuid> pieces_;
};

struct ContentsPeer {
  int position = 0;
  drive::Drive* drive = nullptr;
};

// A drive that lacks files, and those it may get them from. Files in place with
// the right size are left alone: what is in them is verified when it is read.
struct FillRequest {
  const erasure::Codec& codec;
  const WriteContext& write;
  base::Uuid deployment;
  ContentsPeer to;
  std::vector<ContentsPeer> peers;  // not `to`
};

// Gives the drive a run, copied from a peer and checked against its digest;
// false when it was there already.
//
// Errors: kUnrecoverable when no peer has the run; kDriveFailed when `to`
// fails.
base::Task<absl::StatusOr<bool>> FillRun(FillRequest request,
                                         format::RunFile run);

// Gives the drive every run that it lacks. Afterwards its catalogue may say so.
//
// Errors: as FillRun().
base::Task<absl::Status> FillRuns(FillRequest request,
                                  std::vector<format::RunFile> runs);

// Gives the drive its shard of a pack, decoded from `data` peers; false when it
// was there already.
//
// Errors: kUnrecoverable when too few peers have their shard: it stays a fault;
//         kDriveFailed when `to` fails.
base::Task<absl::StatusOr<bool>> FillPack(FillRequest request,
                                          format::PackFile pack);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SET_CONTENTS_H_
