// A process that stores files until it is killed.

#ifndef CAIRN_EXAMPLES_QUICKSTART_KILLED_PROCESS_H_
#define CAIRN_EXAMPLES_QUICKSTART_KILLED_PROCESS_H_

#include "absl/status/status.h"

#include "quickstart/session.h"

namespace quickstart {

// Forks a child that stores all files, and kills it with SIGKILL as soon as it
// has said of half of them that the engine acknowledged them. What it said is
// in the session's receipts; puts were going on when it died.
//
// The calling process has one thread, and no engine open.
absl::Status StoreUntilKilled(Session& session);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_KILLED_PROCESS_H_
