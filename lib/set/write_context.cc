#include "set/write_context.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/status.h"
#include "drive/file_task.h"

namespace cairn::set {
namespace {

struct Outcome {
  explicit Outcome(base::Executor& executor) : known(executor) {}
  std::optional<absl::Status> status;
  base::Signal known;
};

base::Task<> Run(base::Task<absl::Status> request,
                 std::shared_ptr<Outcome> outcome) {
  const absl::Status status = co_await request;
  outcome->status = status;
  outcome->known.Notify();
}

}  // namespace

base::Task<absl::Status> RemoveWithin(const WriteContext& context,
                                      drive::Drive* drive, std::string path) {
  static constexpr auto kRemove =
      [](drive::Drive* from, std::string file) -> base::Task<absl::Status> {
    co_return co_await drive::Remove(*from, std::move(file));
  };
  base::Task<absl::Status> remove =
      Within(context, kRemove(drive, std::move(path)));
  co_return co_await remove;
}

base::Task<absl::Status> Within(const WriteContext& context,
                                base::Task<absl::Status> request) {
  const auto outcome = std::make_shared<Outcome>(context.executor);
  context.requests.Spawn(Run(std::move(request), outcome));
  const absl::Time deadline =
      context.executor.clock().Steady() + context.deadline;
  context.executor.PostAt(deadline, [weak = std::weak_ptr(outcome)] {
    if (const auto waited_for = weak.lock()) waited_for->known.Notify();
  });
  while (!outcome->status.has_value()) {
    if (context.executor.clock().Steady() >= deadline) {
      co_return base::Error(ErrorCode::kDriveFailed,
                            "a request took longer than {}",
                            absl::FormatDuration(context.deadline));
    }
    co_await outcome->known;
  }
  co_return *outcome->status;
}

}  // namespace cairn::set
