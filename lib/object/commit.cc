#include "object/commit.h"

#include <utility>

#include "base/status.h"
#include "object/index_key.h"

namespace cairn::object {
namespace {

// What the record under the target's key says about the commit of `write_id`;
// nullopt: nothing. Where there is none, it may have been there and be deleted.
std::optional<Outcome> Judge(const std::optional<storage::Record>& record,
                             const storage::WriteId& write_id,
                             const Target& target) {
  if (!record.has_value()) {
    if (target.absence_is_enough) return Outcome::kDone;
    return std::nullopt;
  }
  if (record->write_id == write_id) return Outcome::kDone;
  if (record->write_id == target.before) return Outcome::kAgain;
  return std::nullopt;
}

}  // namespace

base::Task<absl::StatusOr<Outcome>> Commit(const Environment& environment,
                                           storage::Batch batch,
                                           Target target) {
  const storage::WriteId write_id = batch.write_id;
  base::Task<absl::Status> commit =
      environment.meta.Commit(kHome, std::move(batch));
  const absl::Status committed = co_await commit;
  if (committed.ok()) co_return Outcome::kDone;
  const ErrorCode code = CodeOf(committed);
  if (code == ErrorCode::kConflict) co_return Outcome::kAgain;
  if (code != ErrorCode::kOutcomeUnknown) co_return committed;
  storage::ReadRequest request;
  request.keys.push_back(target.key);
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      environment.meta.Read(kHome, std::move(request));
  const absl::StatusOr<storage::ReadResult> result = co_await read;
  if (!result.ok()) co_return committed;
  const std::optional<Outcome> outcome =
      Judge(result->records[0], write_id, target);
  if (!outcome.has_value()) co_return committed;
  co_return *outcome;
}

storage::Guard GuardOf(std::string key,
                       const std::optional<storage::WriteId>& written) {
  storage::Guard guard{.key = std::move(key)};
  if (written.has_value()) {
    guard.condition = storage::Guard::Written{*written};
  } else {
    guard.condition = storage::Guard::Absent{};
  }
  return guard;
}

absl::Status TooManyAttempts() {
  return base::Error(ErrorCode::kBusy, "others kept changing the same");
}

}  // namespace cairn::object
