#include "quickstart/put.h"

#include "quickstart/file_source.h"

namespace quickstart {

absl::Status MakeBucket(cairn::Engine& engine) {
  absl::Status status = engine.CreateBucket(kBucket);
  if (cairn::CodeOf(status) == cairn::ErrorCode::kBucketAlreadyExists) {
    return absl::OkStatus();
  }
  return status;
}

absl::StatusOr<Receipt> PutFile(cairn::Engine& engine, const SourceFile& file) {
  const cairn::ObjectRef ref{.bucket = kBucket, .key = file.key};
  FileSource source(file);
  const auto result = engine.Put(ref, source, {});
  if (result.ok()) {
    return Receipt{.fate = Fate::kStored,
                   .digest = source.FinishDigest(),
                   .size = source.size()};
  }
  if (cairn::CodeOf(result.status()) == cairn::ErrorCode::kInvalidKey) {
    return Receipt{.fate = Fate::kSkipped};
  }
  if (!source.has_failed()) return result.status();
  // An earlier put of it may have been done, but not acknowledged.
  absl::Status deleted = engine.Delete(ref, {});
  if (!deleted.ok()) return deleted;
  return Receipt{.fate = Fate::kSkipped};
}

}  // namespace quickstart
