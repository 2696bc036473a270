// An open pack that is being filled.

#ifndef CAIRN_LIB_SET_OPEN_PACK_H_
#define CAIRN_LIB_SET_OPEN_PACK_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/task.h"
#include "drive/drive.h"
#include "format/open_pack.h"
#include "set/blob_context.h"

namespace cairn::set {

// The files of one open pack, each made by the first slice that it takes. Those
// who wait for a sync of a file share it, and it waits a little for those who
// are still writing. After an error a file takes nothing
// more, and the pack is spoilt: it should get no new slices.
//
// A drive that is not among `drives` never gets a file of this pack: where
// there is a file, it has every slice that was sealed on its drive.
//
// Thread safety: the strand, except has_failed(), id() and Has().
// Ownership:     shared with those who write to it.
class OpenPack : public std::enable_shared_from_this<OpenPack> {
 public:
  struct Options {
    base::Executor& executor;
    format::OpenPackId id;
    std::uint64_t size = 0;  // of the files, from the beginning
    std::vector<BlobDrive> drives;
    // As BlobContext::is_writable.
    std::function<bool(int position)> is_writable = [](int) { return true; };
  };
  explicit OpenPack(Options options);
  OpenPack(const OpenPack&) = delete;
  OpenPack& operator=(const OpenPack&) = delete;

  // A file to write one slice to, once.
  //
  // Errors: those of drive::Drive::Create(), and of what failed before.
  base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> Open(
      int position, format::Slice slice);

  const format::OpenPackId& id() const { return options_.id; }
  bool Has(int position) const { return FindLane(position) != nullptr; }
  bool has_failed() const { return has_failed_.load(); }

 private:
  class SliceWriter;

  // With so many that wait a sync begins, whoever is still writing. Measured
  // with 4 and 16 threads: half the syncs, and 30 and 5 % more puts of 256 KiB
  // each second.
  static constexpr std::size_t kSharersMax = 8;
  // A drive that takes longer for a write keeps nobody longer from a sync.
  static constexpr absl::Duration kGatherTime = absl::Milliseconds(5);

  enum class State { kAbsent, kCreating, kCreated };

  struct Lane {
    BlobDrive target;
    State state = State::kAbsent;
    std::shared_ptr<drive::File> file;
    absl::Status status;
    int writes = 0;  // in flight
    bool is_syncing = false;
    std::vector<drive::Done> waiting;  // for the next sync
    base::Timer gathers_until;         // while any wait, and none syncs
  };
  using Self = std::shared_ptr<OpenPack>;

  const Lane* FindLane(int position) const;
  base::Task<> Create(Lane& lane);
  void Fail(Lane& lane, const absl::Status& status);
  void Sync(Lane& lane, drive::Done done);
  void Gather(Lane& lane);
  void SyncWhenGathered(Lane& lane);
  void StartSync(Lane& lane);

  Options options_;
  std::vector<Lane> lanes_;
  base::Signal created_;
  std::atomic<bool> has_failed_ = false;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_OPEN_PACK_H_
