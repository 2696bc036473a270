#include "support/unsteady_store.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/time.h"

#include "base/status.h"

namespace cairn::support {
namespace {

constexpr const char* kMark = "injected";

absl::Status Injected(ErrorCode code) { return base::Error(code, "{}", kMark); }

}  // namespace

class UnsteadyStore::Writer : public storage::BlobWriter {
 public:
  Writer(UnsteadyStore& store, std::unique_ptr<storage::BlobWriter> inner)
      : store_(store), inner_(std::move(inner)) {}

  base::Task<absl::Status> Append(base::Bytes bytes) override {
    base::Task<> pause = store_.Pause();
    co_await pause;
    base::Task<absl::Status> append = inner_->Append(bytes);
    co_return co_await append;
  }

  base::Task<absl::StatusOr<storage::BlobRef>> Seal() override {
    base::Task<> pause = store_.Pause();
    co_await pause;
    base::Task<absl::StatusOr<storage::BlobRef>> seal = inner_->Seal();
    co_return co_await seal;
  }

 private:
  UnsteadyStore& store_;
  std::unique_ptr<storage::BlobWriter> inner_;
};

bool UnsteadyStore::IsInjected(const absl::Status& status) {
  return std::string(status.message()).find(kMark) != std::string::npos;
}

base::Task<> UnsteadyStore::Pause() {
  if (Happens(faults_.move)) {
    memory_.MoveBlobs();
    ++counts_.moved;
  }
  const absl::Time until =
      loop_.Steady() +
      absl::Milliseconds(static_cast<std::int64_t>(random_.Choose(5)));
  base::Callback<bool> wait([this, until](base::Callback<bool>::Done done) {
    loop_.PostAt(until,
                 [done = std::move(done)]() mutable { std::move(done)(true); });
  });
  co_await wait;
}

base::Task<absl::Status> UnsteadyStore::CommitNow(storage::Partition partition,
                                                  storage::Batch batch) {
  if (next_.has_value()) {
    Next next = *std::exchange(next_, std::nullopt);
    if (next.is_done) {
      base::Task<absl::Status> commit =
          memory_.Commit(partition, std::move(batch));
      const absl::Status committed = co_await commit;
      CAIRN_CO_RETURN_IF_ERROR(committed);
    }
    std::move(next.meanwhile)();
    co_return Injected(ErrorCode::kOutcomeUnknown);
  }
  if (Happens(faults_.refused)) {
    ++counts_.refused;
    co_return Injected(ErrorCode::kQuorumLost);
  }
  const bool is_unknown = Happens(faults_.unknown);
  if (is_unknown && random_.OneIn(2)) {
    ++counts_.unknown_dropped;
    co_return Injected(ErrorCode::kOutcomeUnknown);
  }
  base::Task<absl::Status> commit = memory_.Commit(partition, std::move(batch));
  const absl::Status committed = co_await commit;
  if (CodeOf(committed) == ErrorCode::kConflict) ++counts_.conflicts;
  if (!is_unknown || !committed.ok()) co_return committed;
  ++counts_.unknown_done;
  co_return Injected(ErrorCode::kOutcomeUnknown);
}

base::Task<absl::Status> UnsteadyStore::Commit(storage::Partition partition,
                                               storage::Batch batch) {
  base::Task<> before = Pause();
  co_await before;
  base::Task<absl::Status> commit = CommitNow(partition, std::move(batch));
  const absl::Status committed = co_await commit;
  base::Task<> after = Pause();
  co_await after;
  co_return committed;
}

base::Task<absl::StatusOr<storage::ReadResult>> UnsteadyStore::Read(
    storage::Partition partition, storage::ReadRequest request) {
  base::Task<> before = Pause();
  co_await before;
  if (Happens(faults_.read_lost)) {
    ++counts_.read_lost;
    co_return Injected(ErrorCode::kUnavailable);
  }
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      memory_.Read(partition, std::move(request));
  absl::StatusOr<storage::ReadResult> result = co_await read;
  base::Task<> after = Pause();
  co_await after;
  co_return result;
}

base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>>
UnsteadyStore::Create(storage::Partition partition,
                      std::optional<std::uint64_t> size) {
  base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>> create =
      memory_.Create(partition, size);
  CAIRN_CO_ASSIGN_OR_RETURN(std::unique_ptr<storage::BlobWriter> inner,
                            co_await create);
  co_return std::make_unique<Writer>(*this, std::move(inner));
}

base::Task<absl::Status> UnsteadyStore::Read(storage::Partition partition,
                                             storage::BlobRef blob,
                                             std::uint64_t offset,
                                             base::MutableBytes into) {
  base::Task<> before = Pause();
  co_await before;
  base::Task<absl::Status> read =
      memory_.Read(partition, std::move(blob), offset, into);
  const absl::Status status = co_await read;
  if (absl::IsNotFound(status)) ++counts_.blobs_gone;
  base::Task<> after = Pause();
  co_await after;
  co_return status;
}

}  // namespace cairn::support
