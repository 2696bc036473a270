#include "set/quorum.h"

#include <algorithm>

#include "base/status.h"

namespace cairn::set {

int Geometry::write_quorum() const {
  return std::max(drive_count() / 2 + 1, data + (parity >= 2 ? 1 : 0));
}

int Geometry::replace_quorum() const { return std::max(read_quorum(), data); }

absl::Status Validate(const Geometry& geometry) {
  if (geometry.data >= 1 && geometry.data <= 16 && geometry.parity >= 0 &&
      geometry.parity <= 4 && geometry.parity <= geometry.data) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidGeometry,
                     "{}+{}: 1 to 16 data drives and 0 to 4 parity drives, "
                     "not more than data, make a set",
                     geometry.data, geometry.parity);
}

absl::StatusOr<Geometry> DefaultGeometry(int drive_count) {
  if (drive_count < 1 || drive_count > 16) {
    return base::Error(ErrorCode::kInvalidGeometry,
                       "{} drives: a set has 1 to 16; name the geometry for "
                       "more",
                       drive_count);
  }
  constexpr int kLeastDrives[] = {2, 4, 9, 13};  // for 1, 2, 3, 4 parity
  int parity = 0;
  for (const int least : kLeastDrives) parity += drive_count >= least ? 1 : 0;
  return Geometry{.data = drive_count - parity, .parity = parity};
}

}  // namespace cairn::set
