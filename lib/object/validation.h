// What a caller may name and send along.

#ifndef CAIRN_LIB_OBJECT_VALIDATION_H_
#define CAIRN_LIB_OBJECT_VALIDATION_H_

#include <string_view>

#include "absl/status/status.h"

#include "cairn/object.h"

namespace cairn::object {

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

// Whether `name` follows the rules of cairn/bucket.h.
bool IsBucketName(std::string_view name);

// Errors: kInvalidKey.
absl::Status CheckKey(std::string_view key);

// Errors: kInvalidArgument, kMetadataTooLarge.
absl::Status CheckHeaders(const ContentHeaders& headers);
absl::Status CheckMetadata(const UserMetadata& metadata);

// `text` as an error message may show it: cut, without control characters.
std::string_view Quoted(std::string_view text);

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_VALIDATION_H_
