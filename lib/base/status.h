// Making and passing on absl::Status. The public half is cairn/status.h.

#ifndef CAIRN_LIB_BASE_STATUS_H_
#define CAIRN_LIB_BASE_STATUS_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/format.h"

#include "cairn/status.h"

namespace cairn::base {

// Returns the canonical class of `code`.
absl::StatusCode ClassOf(ErrorCode code);

absl::Status MakeError(ErrorCode code, std::string_view message);

// An error of Cairn: `code` fixes the class, the rest is for people.
template <typename... Args>
absl::Status Error(ErrorCode code, fmt::format_string<Args...> format,
                   Args&&... args) {
  return MakeError(code, fmt::format(format, std::forward<Args>(args)...));
}

// Returns `status` with "context: " before its message; OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// Says that a status is dropped on purpose, and why.
inline void IgnoreError(const absl::Status& /*status*/,
                        std::string_view /*why*/) {}

}  // namespace cairn::base

#define CAIRN_CONCAT_INNER(a, b) a##b
#define CAIRN_CONCAT(a, b) CAIRN_CONCAT_INNER(a, b)

#define CAIRN_RETURN_IF_ERROR(expression)                           \
  if (absl::Status cairn_status = (expression); !cairn_status.ok()) \
  return cairn_status

#define CAIRN_ASSIGN_OR_RETURN(target, expression)                            \
  CAIRN_ASSIGN_OR_RETURN_INNER(CAIRN_CONCAT(cairn_result_, __LINE__), target, \
                               expression)
#define CAIRN_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                    \
  if (!result.ok()) return result.status();                      \
  target = *std::move(result)

// The same in a coroutine.
#define CAIRN_CO_RETURN_IF_ERROR(expression)                        \
  if (absl::Status cairn_status = (expression); !cairn_status.ok()) \
  co_return cairn_status

#define CAIRN_CO_ASSIGN_OR_RETURN(target, expression)                    \
  CAIRN_CO_ASSIGN_OR_RETURN_INNER(CAIRN_CONCAT(cairn_result_, __LINE__), \
                                  target, expression)
#define CAIRN_CO_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                       \
  if (!result.ok()) co_return result.status();                      \
  target = *std::move(result)

#endif  // CAIRN_LIB_BASE_STATUS_H_
