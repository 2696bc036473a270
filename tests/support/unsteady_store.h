// A store in memory that takes its time, moves what it holds and sometimes does
// not know what it did.

#ifndef CAIRN_TESTS_SUPPORT_UNSTEADY_STORE_H_
#define CAIRN_TESTS_SUPPORT_UNSTEADY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"

#include "base/executor.h"
#include "base/task.h"
#include "storage/blob_store.h"
#include "storage/meta_store.h"
#include "support/memory_store.h"
#include "support/sim_loop.h"
#include "support/stream_of_reads.h"

namespace cairn::support {

// Every call waits on the loop before and after what it does, so that calls of
// many clients interleave as the random numbers have it.
//
// Thread safety: one strand.
class UnsteadyStore : public storage::MetaStore, public storage::BlobStore {
 public:
  // How seldom something happens; 0: never.
  struct Faults {
    std::size_t unknown = 0;    // a commit, done or not: kOutcomeUnknown
    std::size_t refused = 0;    // a commit is kQuorumLost, and not done
    std::size_t read_lost = 0;  // a read of records is kUnavailable
    std::size_t move = 0;       // all blobs move, at any call
  };

  struct Counts {
    std::uint64_t unknown_done = 0;
    std::uint64_t unknown_dropped = 0;
    std::uint64_t refused = 0;
    std::uint64_t read_lost = 0;
    std::uint64_t moved = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t blobs_gone =
        0;  // reads of blobs that had moved or were freed
  };

  UnsteadyStore(SimLoop& loop, SeededRandom& random)
      : loop_(loop), random_(random) {}

  base::Task<absl::Status> Commit(storage::Partition partition,
                                  storage::Batch batch) override;
  base::Task<absl::StatusOr<storage::ReadResult>> Read(
      storage::Partition partition, storage::ReadRequest request) override;

  storage::BlobId NewBlobId() override { return memory_.NewBlobId(); }
  base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>> Create(
      storage::Partition partition, std::optional<std::uint64_t> size) override;
  base::Task<absl::Status> Read(storage::Partition partition,
                                storage::BlobRef blob, std::uint64_t offset,
                                base::MutableBytes into) override;
  std::unique_ptr<storage::BlobStream> Stream(storage::Partition partition,
                                              storage::BlobRef blob,
                                              std::uint64_t offset,
                                              std::uint64_t size) override {
    return std::make_unique<StreamOfReads>(
        *this, partition, std::move(blob),
        StreamOfReads::Range{.offset = offset, .size = size});
  }

  MemoryStore& memory() { return memory_; }
  void set_faults(const Faults& faults) { faults_ = faults; }
  const Counts& counts() const { return counts_; }

  // The outcome of the next commit is unknown. It is done, or not; then
  // `meanwhile` is called, before its caller hears of it.
  struct Next {
    bool is_done = false;
    base::Closure meanwhile;
  };
  void set_next_commit(Next next) { next_.emplace(std::move(next)); }

  // Whether a status was made by a fault, not by a bug.
  static bool IsInjected(const absl::Status& status);

 private:
  class Writer;

  bool Happens(std::size_t one_in) {
    return one_in != 0 && random_.OneIn(one_in);
  }
  // Lets others go first.
  base::Task<> Pause();
  base::Task<absl::Status> CommitNow(storage::Partition partition,
                                     storage::Batch batch);

  SimLoop& loop_;
  SeededRandom& random_;
  MemoryStore memory_;
  Faults faults_;
  std::optional<Next> next_;
  Counts counts_;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_UNSTEADY_STORE_H_
