// The shard files of one large blob, opened for reading.

#ifndef CAIRN_LIB_SET_BLOB_SHARDS_H_
#define CAIRN_LIB_SET_BLOB_SHARDS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/task.h"
#include "drive/drive.h"
#include "format/blob_file.h"
#include "set/blob_context.h"

namespace cairn::set {

// Neighbouring frames of a shard file, at most those of one stripe.
struct FrameRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  bool Contains(const FrameRange& other) const {
    return first <= other.first && other.first + other.count <= first + count;
  }
  friend bool operator==(const FrameRange&, const FrameRange&) = default;
};

// The frames of a stripe's shards.
FrameRange FramesOf(const format::BlobShape& shape, std::uint64_t stripe);

// Some frames of one drive, on their way in. The request owns it: it may
// outlive the one who waits.
struct FrameRead {
  int position = 0;
  FrameRange frames;
  absl::Time began;
  bool is_pending = true;
  std::uint64_t valid = 0;  // frames that were verified: bit i for first + i
  absl::Status status;      // why not all are valid
  base::AlignedBuffer bytes;

  bool IsValid(std::uint64_t frame) const {
    return !is_pending && (valid >> (frame - frames.first) & 1) != 0;
  }
};

// Opens each file when it is first read, and keeps it and its verified footer.
// What it gives is proven by the digest in the blob's record.
//
// Thread safety: the strand.
// Ownership:     shared with its requests.
class BlobShards : public std::enable_shared_from_this<BlobShards> {
 public:
  BlobShards(BlobContext context, format::BlobName name,
             format::BlobShape shape, format::BlobPlace place);

  // Begins to read frames of `position`, which has a drive.
  std::shared_ptr<FrameRead> Read(int position, FrameRange frames);

  bool HasDrive(int position) const { return At(position).drive != nullptr; }
  bool IsSealed(int position) const {
    return (place_.sealed >> position & 1) != 0;
  }
  // Whether a read of it was late, and no read since was in time.
  bool IsLate(int position) const { return At(position).is_late; }
  void MarkLate(int position);

  const BlobContext& context() const { return context_; }
  const format::BlobName& name() const { return name_; }
  const format::BlobShape& shape() const { return shape_; }

  // From the first footer that was read; nullptr before.
  const format::BlobManifest* manifest() const {
    return manifest_ ? &*manifest_ : nullptr;
  }

  // Notified whenever a read has ended, and at the next time that WakeAt() was
  // told: then ask it again.
  base::Signal& progress() { return progress_; }
  void WakeAt(absl::Time time);

 private:
  enum class State { kClosed, kOpening, kOpen, kFailed };

  struct Shard {
    drive::Drive* drive = nullptr;
    State state = State::kClosed;
    std::unique_ptr<drive::File> file;
    absl::Status status;  // why it failed
    format::BlobTable table;
    bool is_late = false;
  };
  using Self = std::shared_ptr<BlobShards>;

  static base::Task<> RunRead(Self self, std::shared_ptr<FrameRead> read);
  base::Task<absl::Status> ReadInto(FrameRead& read);
  base::Task<absl::Status> Open(int position);
  base::Task<absl::Status> OpenFile(int position);
  absl::Status AsAbsent(int position, absl::Status opened) const;
  absl::Status TakeFooter(int position, base::Bytes bytes);
  absl::Status Verify(FrameRead& read) const;
  void Report(int position, const absl::Status& status);

  const Shard& At(int position) const {
    return shards_[static_cast<std::size_t>(position)];
  }
  Shard& At(int position) {
    return shards_[static_cast<std::size_t>(position)];
  }

  BlobContext context_;
  format::BlobName name_;
  format::BlobShape shape_;
  format::BlobPlace place_;
  std::array<Shard, format::kBlobPositionsMax> shards_;
  std::optional<format::BlobManifest> manifest_;
  base::Signal progress_;
  absl::Time woken_at_ = absl::InfiniteFuture();
  base::Timer alarm_;  // then
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_SHARDS_H_
