// How many drives of a set must answer, and how many must have synced.

#ifndef CAIRN_LIB_SET_QUORUM_H_
#define CAIRN_LIB_SET_QUORUM_H_

#include "absl/status/statusor.h"

namespace cairn::set {

// The shape of a set: `data` drives of `data + parity` give every byte.
struct Geometry {
  int data = 1;
  int parity = 0;

  int drive_count() const { return data + parity; }

  // Drives that must have synced before a frame, a sealed file or an epoch
  // counts. More than half, so that two of them share a drive; `data`, so that
  // the bytes are there; one more where parity allows, so that they still are
  // after the loss of one drive.
  int write_quorum() const;

  // Complete drives that an opening needs: every write quorum has one of them.
  int read_quorum() const { return drive_count() - write_quorum() + 1; }

  // Complete members that replacing a drive needs.
  int replace_quorum() const;

  friend bool operator==(const Geometry&, const Geometry&) = default;
};

// Errors: kInvalidGeometry outside 1..16 data and 0..4 parity, and when parity
// exceeds data (except 1+1).
absl::Status Validate(const Geometry& geometry);

// The geometry for a number of drives when the caller names none.
//
// Errors: kInvalidGeometry for 0 or more than 16.
absl::StatusOr<Geometry> DefaultGeometry(int drive_count);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_QUORUM_H_
