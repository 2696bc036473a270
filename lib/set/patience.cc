#include "set/patience.h"

#include <memory>
#include <utility>

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

base::Task<std::optional<absl::Status>> WaitFor(
    Patience patience, base::Task<absl::Status> request) {
  const auto outcome = std::make_shared<Outcome>(patience.executor);
  patience.scope.Spawn(Run(std::move(request), outcome));
  if (outcome->status.has_value()) co_return outcome->status;
  const absl::Time end = patience.executor.clock().Steady() + patience.limit;
  const base::Timer timer(patience.executor, end,
                          [weak = std::weak_ptr(outcome)] {
                            if (const auto waited_for = weak.lock())
                              waited_for->known.Notify();
                          });
  while (!outcome->status.has_value() &&
         patience.executor.clock().Steady() < end) {
    co_await outcome->known;
  }
  co_return outcome->status;
}

}  // namespace cairn::set
