// Conditions on the ETag of what is there.

#ifndef CAIRN_LIB_OBJECT_CONDITION_H_
#define CAIRN_LIB_OBJECT_CONDITION_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "format/object_record.h"

namespace cairn::object {

// An ETag as callers see it.
std::string ToText(const format::ETag& etag);

// Borrowed; empty: no condition. See cairn/object.h.
struct Conditions {
  std::string_view if_match;
  std::string_view if_none_match;
};

// Whether a put or a delete may change what is there (nullopt: nothing).
//
// Errors: kNoSuchKey, kPreconditionFailed.
absl::Status CheckBeforeWrite(const Conditions& conditions,
                              const std::optional<format::ETag>& current);

// Whether a get or a head may answer with what is there.
//
// Errors: kPreconditionFailed, kNotModified.
absl::Status CheckBeforeRead(const Conditions& conditions,
                             const format::ETag& current);

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_CONDITION_H_
