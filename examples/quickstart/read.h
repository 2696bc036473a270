// Listing and reading back, and comparing with what was stored.

#ifndef CAIRN_EXAMPLES_QUICKSTART_READ_H_
#define CAIRN_EXAMPLES_QUICKSTART_READ_H_

#include "absl/status/statusor.h"

#include "quickstart/receipt.h"
#include "quickstart/session.h"

namespace quickstart {

// Every object is listed once, with its size, in order, and nothing else is.
absl::StatusOr<Work> ListAll(const Session& session);

// Every object has the SHA-256 of what was stored.
absl::StatusOr<Work> ReadAll(const Session& session);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_READ_H_
