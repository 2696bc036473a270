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

// Gives the drive `to` every file of `catalogue` that it lacks: runs copied
// from a peer and checked against their digest, packs decoded from `data`
// peers. Afterwards its catalogue may say so. Files in place with the right
// size are left alone: what is in them is verified when it is read. A pack that
// too few peers have is left out: it is a fault, for heal.
//
// Errors: kUnrecoverable when no peer has a run; kDriveFailed when `to` fails.
struct FillRequest {
  const erasure::Codec& codec;
  base::Uuid deployment;
  ContentsPeer to;
  std::vector<ContentsPeer> peers;  // not `to`
};
base::Task<absl::Status> FillContents(FillRequest request,
                                      format::Catalogue catalogue);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SET_CONTENTS_H_
