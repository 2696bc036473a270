// The metadata sections of frames, by kind. FORMAT.md, section 5.

#ifndef CAIRN_LIB_FORMAT_FRAME_METADATA_H_
#define CAIRN_LIB_FORMAT_FRAME_METADATA_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/checkpoint.h"
#include "format/stripe.h"

namespace cairn::format {

// A change of the index. An empty entry is a tombstone: entries never are.
// Borrows both texts.
struct Mutation {
  std::string_view key;
  std::string_view entry;

  bool is_tombstone() const { return entry.empty(); }
  friend bool operator==(const Mutation&, const Mutation&) = default;
};

// kCommit: what the batches of a group change, in their order.
struct CommitMetadata {
  std::vector<Stripe> stripes;
  std::vector<Mutation> mutations;

  friend bool operator==(const CommitMetadata&,
                         const CommitMetadata&) = default;
};

// Who holds which position of a set; nil for a position nobody holds.
using MemberTable = std::vector<base::Uuid>;

// kOpening: begins an epoch. Until a later frame of the epoch stands, an
// opening needs quorums of both tables; they differ only when a drive was
// replaced or removed.
struct OpeningMetadata {
  MemberTable members;
  MemberTable previous_members;

  friend bool operator==(const OpeningMetadata&,
                         const OpeningMetadata&) = default;
};

// kCheckpoint: the change from one catalogue to the next, and the digest of the
// next one.
struct CheckpointMetadata {
  CatalogueChange change;
  base::Uuid catalogue_digest;

  friend bool operator==(const CheckpointMetadata&,
                         const CheckpointMetadata&) = default;
};

std::vector<std::byte> Encode(const CommitMetadata& metadata);
std::vector<std::byte> Encode(const OpeningMetadata& metadata);
std::vector<std::byte> Encode(const CheckpointMetadata& metadata);

// Trust nothing in `bytes`; bound every count before they allocate. Mutations
// borrow them.
//
// Errors: kCorrupt.
absl::StatusOr<CommitMetadata> DecodeCommitMetadata(base::Bytes bytes);
absl::StatusOr<OpeningMetadata> DecodeOpeningMetadata(base::Bytes bytes);
absl::StatusOr<CheckpointMetadata> DecodeCheckpointMetadata(base::Bytes bytes);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_FRAME_METADATA_H_
