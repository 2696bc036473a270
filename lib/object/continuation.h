// The tokens that lead from one page of a listing to the next.

#ifndef CAIRN_LIB_OBJECT_CONTINUATION_H_
#define CAIRN_LIB_OBJECT_CONTINUATION_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "format/bucket_record.h"

namespace cairn::object {

// What a token belongs to; it leads nowhere else.
struct ListingIdentity {
  format::BucketId bucket = 0;
  std::string_view prefix;
  std::string_view delimiter;
};

// `last` is the last entry of a page. A token is no secret and no proof:
// whoever makes one up begins a listing behind an entry of his choice, as
// start_after lets him anyway.
std::string EncodeContinuation(const ListingIdentity& listing,
                               std::string_view last);

// Errors: kInvalidContinuation.
absl::StatusOr<std::string> DecodeContinuation(const ListingIdentity& listing,
                                               std::string_view token);

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_CONTINUATION_H_
