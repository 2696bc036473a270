#include "set/write_context.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "drive/file_task.h"
#include "set/patience.h"

namespace cairn::set {

base::Task<absl::Status> Within(const WriteContext& context,
                                base::Task<absl::Status> request) {
  base::Task<std::optional<absl::Status>> wait =
      WaitFor({.executor = context.executor,
               .scope = context.requests,
               .limit = context.deadline},
              std::move(request));
  const std::optional<absl::Status> ended = co_await wait;
  if (ended.has_value()) co_return *ended;
  co_return base::Error(ErrorCode::kDriveFailed,
                        "a request took longer than {}",
                        absl::FormatDuration(context.deadline));
}

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

}  // namespace cairn::set
