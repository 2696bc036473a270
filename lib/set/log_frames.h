// Where in the log the frames are that it still holds.

#ifndef CAIRN_LIB_SET_LOG_FRAMES_H_
#define CAIRN_LIB_SET_LOG_FRAMES_H_

#include <cstdint>
#include <map>
#include <optional>

#include "format/frame_header.h"
#include "set/slot.h"

namespace cairn::set {

struct LogFrame {
  format::FrameHeader header;
  Slot slot;
};

// Thread safety: one strand.
class LogFrames {
 public:
  void Remember(const format::FrameHeader& header, const Slot& slot) {
    frames_.insert_or_assign(header.sequence,
                             LogFrame{.header = header, .slot = slot});
  }

  std::optional<LogFrame> Find(std::uint64_t sequence) const {
    const auto found = frames_.find(sequence);
    if (found == frames_.end()) return std::nullopt;
    return found->second;
  }

  // Forgets frames up to `sequence`: they may be written over.
  void Release(std::uint64_t sequence) {
    frames_.erase(frames_.begin(), frames_.upper_bound(sequence));
  }

  const std::map<std::uint64_t, LogFrame>& frames() const { return frames_; }

 private:
  std::map<std::uint64_t, LogFrame> frames_;  // by sequence
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LOG_FRAMES_H_
