// Reading small blobs from the log.

#ifndef CAIRN_LIB_SET_LOG_READER_H_
#define CAIRN_LIB_SET_LOG_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/task.h"
#include "format/entry.h"
#include "index/overlay.h"
#include "set/log_frames.h"
#include "set/rebuild.h"

namespace cairn::set {

// Thread safety: one strand.
class LogReader {
 public:
  // The logs to read from: of all drives that are here, or of those that hold
  // every frame.
  using Logs = std::function<std::vector<PositionedLog>()>;

  // What is passed is borrowed.
  LogReader(const GatherContext& context, const LogFrames& frames, Logs logs)
      : context_(context), frames_(frames), logs_(std::move(logs)) {}

  // The bytes of a stripe.
  //
  // Errors: NotFound when the frame is in the log no more: the blob has another
  //         place by now; kUnrecoverable when more shards are lost than parity.
  base::Task<absl::StatusOr<std::vector<std::byte>>> Read(
      format::LogPlace place);

  using Payloads =
      std::map<std::pair<std::uint64_t, std::uint32_t>, std::vector<std::byte>>;

  // The bytes of all blobs that are newest in `overlay` at `sequence` and that
  // it does not hold itself, with each frame read once. What is lost is left
  // out, but only when every drive of the set has said so.
  //
  // Errors: kUnavailable when a drive that is not here, or could not be read,
  //         may have what is missing.
  base::Task<absl::StatusOr<Payloads>> ReadAll(const index::Overlay& overlay,
                                               std::uint64_t sequence);

 private:
  base::Task<absl::StatusOr<GatheredFrame>> Gather(std::uint64_t sequence);
  absl::Status Judge(const absl::Status& status) const;
  absl::StatusOr<std::vector<std::byte>> BytesOf(const GatheredFrame& gathered,
                                                 std::uint32_t stripe) const;

  const GatherContext& context_;
  const LogFrames& frames_;
  Logs logs_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_LOG_READER_H_
