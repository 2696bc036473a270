// Storing a file.

#ifndef CAIRN_EXAMPLES_QUICKSTART_PUT_H_
#define CAIRN_EXAMPLES_QUICKSTART_PUT_H_

#include "absl/status/statusor.h"

#include "cairn/engine.h"
#include "quickstart/receipt.h"
#include "quickstart/tree.h"

namespace quickstart {

inline constexpr char kBucket[] = "quickstart";

// Makes the bucket of all objects unless it is there.
absl::Status MakeBucket(cairn::Engine& engine);

// Stores `file`, or skips it: then nothing is stored under its key.
absl::StatusOr<Receipt> PutFile(cairn::Engine& engine, const SourceFile& file);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_PUT_H_
