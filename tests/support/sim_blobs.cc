#include "support/sim_blobs.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "format/blob_file.h"
#include "set/local_store.h"

namespace cairn::support {
namespace {

constexpr std::string_view kLarge = "large";
constexpr std::size_t kLargeSize = 70'000;
constexpr std::string_view kFile = "large file";
constexpr std::size_t kFileSize = 4 * kSimBlobUnit + 1000;

// The slices of one pack. Where they are is found out by their footers, each of
// which ends at a multiple of the alignment.
void AddSlices(const std::string& path, const FileImage& file,
               std::vector<BlobShard>* shards) {
  std::vector<std::byte> bytes(file.size());
  file.Read(0, bytes);
  for (std::size_t end = base::kDirectAlignment; end <= bytes.size();
       end += base::kDirectAlignment) {
    const base::Bytes tail = base::Bytes(bytes).subspan(
        end - format::kBlobFooterTailSize, format::kBlobFooterTailSize);
    const auto footer = format::DecodeBlobFooterTail(tail);
    if (!footer.ok()) continue;
    const std::uint64_t size = footer->manifest.shape.file_size();
    shards->push_back({.path = path, .offset = end - size, .size = size});
  }
}

}  // namespace

bool IsLarge(std::string_view text) { return text.starts_with(kLarge); }

std::vector<std::byte> LargeBlobOf(std::string_view text) {
  std::vector<std::byte> blob;
  const std::size_t size = text.starts_with(kFile) ? kFileSize : kLargeSize;
  while (blob.size() < size) {
    const base::Bytes bytes = base::AsBytes(text);
    blob.insert(blob.end(), bytes.begin(), bytes.end());
  }
  return blob;
}

base::Task<absl::Status> AddFree(set::LocalSet& set, std::string key,
                                 storage::Batch* batch) {
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      set.Read({.keys = {key}});
  const absl::StatusOr<storage::ReadResult> result = co_await read;
  if (!result.ok()) co_return result.status();
  const std::optional<storage::Record>& record = result->records[0];
  storage::Guard guard{.key = key, .condition = storage::Guard::Absent()};
  if (record.has_value()) {
    guard.condition = storage::Guard::Written{.by = record->write_id};
    if (record->blob.has_value()) batch->frees.push_back(*record->blob);
  }
  batch->guards.push_back(std::move(guard));
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<storage::BlobRef>> SealLargeText(set::LocalSet& set,
                                                           std::string text) {
  set::LocalStore store(set);
  const std::vector<std::byte> bytes = LargeBlobOf(text);
  auto create = store.Create(set::kPartition, bytes.size());
  auto writer = co_await create;
  if (!writer.ok()) co_return writer.status();
  base::Task<absl::Status> append = (*writer)->Append(bytes);
  CAIRN_CO_RETURN_IF_ERROR(co_await append);
  base::Task<absl::StatusOr<storage::BlobRef>> seal = (*writer)->Seal();
  co_return co_await seal;
}

base::Task<absl::Status> PutLargeText(set::LocalSet& set, std::string key,
                                      std::string text) {
  base::Task<absl::StatusOr<storage::BlobRef>> seal = SealLargeText(set, text);
  auto blob = co_await seal;
  if (!blob.ok()) co_return blob.status();
  storage::Batch batch = PutText(set, key, text, nullptr);
  batch.puts.front().blob = *std::move(blob);
  base::Task<absl::Status> free = AddFree(set, key, &batch);
  CAIRN_CO_RETURN_IF_ERROR(co_await free);
  base::Task<absl::Status> commit = set.Commit(std::move(batch));
  co_return co_await commit;
}

absl::StatusOr<set::HealCounts> HealAll(SimProcess& process) {
  const std::unique_ptr<set::HealPass> pass = process.set().NewHealPass();
  while (!pass->done()) {
    const std::optional<absl::Status> step = process.Run(pass->Step());
    if (!step.has_value()) return absl::DeadlineExceededError("healing hangs");
    CAIRN_RETURN_IF_ERROR(*step);
  }
  return pass->counts();
}

std::ostream& operator<<(std::ostream& out, const BlobShard& shard) {
  return out << shard.path << " at " << shard.offset << "+" << shard.size;
}

std::vector<BlobShard> BlobShardsOf(const SimMedia& media) {
  std::vector<BlobShard> shards;
  for (const auto& [path, file] : media.files) {
    if (path.starts_with("blobs/")) {
      shards.push_back({.path = path, .size = file.size()});
    } else if (path.starts_with("open_packs/")) {
      AddSlices(path, file, &shards);
    }
  }
  return shards;
}

std::vector<std::byte> BytesOf(const SimMedia& media, const BlobShard& shard) {
  std::vector<std::byte> bytes(shard.size);
  const auto file = media.files.find(shard.path);
  if (file != media.files.end()) file->second.Read(shard.offset, bytes);
  return bytes;
}

void Erase(SimMedia& media, const BlobShard& shard) {
  if (shard.path.starts_with("blobs/")) {
    media.files.erase(shard.path);
  } else {
    media.files[shard.path].Overwrite(shard.offset,
                                      std::vector<std::byte>(shard.size));
  }
}

}  // namespace cairn::support
