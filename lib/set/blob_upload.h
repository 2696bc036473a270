// The drives' side of writing a large blob.

#ifndef CAIRN_LIB_SET_BLOB_UPLOAD_H_
#define CAIRN_LIB_SET_BLOB_UPLOAD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/bytes.h"
#include "base/task.h"
#include "drive/drive.h"
#include "set/blob_context.h"
#include "set/blob_stripe.h"

namespace cairn::set {

// Makes the file of a drive that takes the shards.
using ShardMaker =
    std::function<base::Task<absl::StatusOr<std::unique_ptr<drive::File>>>(
        BlobDrive target)>;

// Writes stripes to one new file on each drive. A drive that fails gets nothing
// more. So does one that is late: when a write quorum has done a step and the
// straggler's deadline has passed, or the write deadline without a quorum.
// What a late drive still reads from lives until it answers.
//
// Thread safety: the strand.
// Ownership:     shared with its requests.
class BlobUpload : public std::enable_shared_from_this<BlobUpload> {
 public:
  struct Options {
    std::string name;  // for messages
    ShardMaker make;
    int quorum = 1;  // drives that must take the stripes
  };
  BlobUpload(BlobContext context, Options options);

  // Begins to create the files. Once, first.
  void Create();

  // Begins to write `stripe` behind the one before.
  void Write(std::shared_ptr<BlobStripe> stripe);

  // Goes on when fewer than kStripesMax are being written.
  //
  // Errors: kQuorumLost, kDriveFull.
  static constexpr std::size_t kStripesMax = 2;
  base::Task<absl::Status> AwaitRoom();

  // Writes the last stripe, if there is one, with a footer behind it or behind
  // what each drive has, and makes the files durable; `footers[i]` is that of
  // position i. Returns the positions that did it.
  //
  // Errors: as AwaitRoom().
  base::Task<absl::StatusOr<std::uint32_t>> Seal(
      std::shared_ptr<BlobStripe> last,
      std::vector<base::AlignedBuffer> footers);

 private:
  struct Lane {
    BlobDrive target;
    std::unique_ptr<drive::File> file;
    absl::Status status;
    bool is_creating = true;
    int writes = 0;  // in flight or waiting
    bool is_sealed = false;
  };
  using Self = std::shared_ptr<BlobUpload>;

  static base::Task<> CreateOn(Self self, Lane& lane);
  static base::Task<> WriteOn(Self self, Lane& lane,
                              std::shared_ptr<BlobStripe> stripe);
  static base::Task<> SealOn(Self self, Lane& lane,
                             std::shared_ptr<BlobStripe> last,
                             base::AlignedBuffer footer);

  void Fail(Lane& lane, const absl::Status& status);
  // Whether the lane's drive is to get anything more.
  bool IsUsable(Lane& lane);

  // A step that lanes take, and when the last of them began it.
  struct Step {
    std::function<bool(const Lane&)> is_done;
    absl::Time began;
  };
  // Goes on when every lane in service has done the step, or enough have and
  // the others were late.
  base::Task<absl::Status> Await(Step step);
  absl::Status CheckQuorum() const;
  void DropLate(const Step& step);
  void WakeAt(absl::Time time);

  BlobContext context_;
  Options options_;
  std::vector<Lane> lanes_;
  std::uint64_t size_ = 0;  // of each file, when all is written
  std::deque<std::shared_ptr<BlobStripe>> stripes_;  // being written
  base::Signal progress_;
  absl::Time woken_at_ = absl::InfiniteFuture();
  base::Timer alarm_;  // then
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_BLOB_UPLOAD_H_
