// What object/ stands on.

#ifndef CAIRN_LIB_OBJECT_ENVIRONMENT_H_
#define CAIRN_LIB_OBJECT_ENVIRONMENT_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"
#include "storage/blob_store.h"
#include "storage/meta_store.h"

namespace cairn::object {

// Borrowed, and outlives whoever has it.
struct Environment {
  storage::MetaStore& meta;
  storage::BlobStore& blobs;
  const base::Clock& clock;
  base::Random& random;
  // Larger objects are several blobs. At most storage::kBlobSizeMax.
  std::uint64_t blob_size_max = storage::kBlobSizeMax;
};

// Objects of at most this size are inside of their records.
inline constexpr std::size_t kInlineSizeMax = 512;

// How often a change is decided anew because others changed the same, and a
// read because what it read of was replaced.
inline constexpr int kAttemptsMax = 1000;

}  // namespace cairn::object

#endif  // CAIRN_LIB_OBJECT_ENVIRONMENT_H_
