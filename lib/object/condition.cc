#include "object/condition.h"

#include "base/status.h"
#include "digest/hex.h"

namespace cairn::object {
namespace {

bool Matches(std::string_view condition, const format::ETag& etag) {
  return condition == "*" || condition == ToText(etag);
}

absl::Status Failed(std::string_view which) {
  return base::Error(ErrorCode::kPreconditionFailed, "{} does not hold", which);
}

}  // namespace

std::string ToText(const format::ETag& etag) { return digest::ToHex(etag); }

absl::Status CheckBeforeWrite(const Conditions& conditions,
                              const std::optional<format::ETag>& current) {
  if (!conditions.if_match.empty()) {
    if (!current.has_value()) {
      return base::Error(ErrorCode::kNoSuchKey, "if_match wants an object");
    }
    if (!Matches(conditions.if_match, *current)) return Failed("if_match");
  }
  if (!conditions.if_none_match.empty() && current.has_value() &&
      Matches(conditions.if_none_match, *current)) {
    return Failed("if_none_match");
  }
  return absl::OkStatus();
}

absl::Status CheckBeforeRead(const Conditions& conditions,
                             const format::ETag& current) {
  if (!conditions.if_match.empty() && !Matches(conditions.if_match, current)) {
    return Failed("if_match");
  }
  if (!conditions.if_none_match.empty() &&
      Matches(conditions.if_none_match, current)) {
    return base::Error(ErrorCode::kNotModified, "the ETag is still the same");
  }
  return absl::OkStatus();
}

}  // namespace cairn::object
