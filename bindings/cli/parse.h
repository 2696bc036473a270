// What words on the command line mean.

#ifndef CAIRN_BINDINGS_CLI_PARSE_H_
#define CAIRN_BINDINGS_CLI_PARSE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "cairn/byte_range.h"
#include "cairn/object.h"

namespace cairn::cli {

// BUCKET/KEY. A key may hold more slashes, and begin with one.
struct ObjectName {
  std::string bucket;
  std::string key;

  // Lifetime: borrows the name.
  ObjectRef ref() const { return {.bucket = bucket, .key = key}; }
};

// Splits at the first slash; without one all is the bucket, and the key empty.
ObjectName SplitName(std::string_view text);

// Errors: kInvalidArgument without a slash or without a key behind it.
absl::StatusOr<ObjectName> ParseObjectName(std::string_view text);

// As in a Range header of HTTP: "0-99", "100-" or "-500", and the same behind
// "bytes=".
//
// Errors: kInvalidArgument.
absl::StatusOr<ByteRange> ParseRange(std::string_view text);

// A check of CLI11: says what is wrong with a count. Without it -1 would be a
// very large number.
std::string IsCount(const std::string& text);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_PARSE_H_
