// Where frames lie in a drive's log: a ring of fixed size.

#ifndef CAIRN_LIB_SET_RING_H_
#define CAIRN_LIB_SET_RING_H_

#include <cstdint>

#include "absl/status/statusor.h"

#include "format/drive_identity.h"

namespace cairn::set {

inline constexpr std::uint64_t kLogSizeMin = 256 << 10;
inline constexpr std::uint64_t kLogSizeMax = std::uint64_t{64} << 30;

// Whether a log can be so large: then its ring has room for frames.
constexpr bool IsLogSize(std::uint64_t size) {
  return size >= kLogSizeMin && size <= kLogSizeMax && size % (64 << 10) == 0;
}

// Offsets of frames are counted over all laps, so that they only grow, and are
// the same on every drive. A frame is never cut by the end of the ring: one
// may begin only where the largest would fit. So where a frame begins follows
// from where its predecessor ended, and nothing else.
class Ring {
 public:
  // `log_size`: bytes of the log file; IsLogSize() holds.
  explicit Ring(std::uint64_t log_size)
      : size_(log_size - format::kRingOffset),
        frame_size_max_(log_size / 64 / format::kFrameAlignment *
                        format::kFrameAlignment) {}

  std::uint64_t size() const { return size_; }
  std::uint64_t frame_size_max() const { return frame_size_max_; }

  // Where the frame after one that ended at `end` begins.
  std::uint64_t BeginAfter(std::uint64_t end) const {
    const std::uint64_t used = end % size_;
    return used + frame_size_max_ <= size_ ? end : end - used + size_;
  }

  // Whether all from `begin` to `end` can be there at once.
  bool Holds(std::uint64_t begin, std::uint64_t end) const {
    return end - begin <= size_;
  }

  // Where in the log file a frame at `offset` lies.
  std::uint64_t FileOffset(std::uint64_t offset) const {
    return format::kRingOffset + offset % size_;
  }

 private:
  std::uint64_t size_;
  std::uint64_t frame_size_max_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_RING_H_
