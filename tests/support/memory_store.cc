#include "support/memory_store.h"

#include <algorithm>
#include <string>

#include "base/status.h"
#include "fmt/format.h"

namespace cairn::support {
namespace {

using storage::Guard;

std::int64_t AddedTo(std::string_view key, const storage::Batch& batch) {
  std::int64_t sum = 0;
  for (const storage::Add& add : batch.adds) {
    if (add.key == key) sum += add.delta;
  }
  return sum;
}

absl::Status CheckPut(const storage::Put& put) {
  if (put.key.empty() || put.value.empty()) {
    return base::Error(ErrorCode::kInvalidArgument,
                       "a record needs a key and a value");
  }
  const auto* blob = std::get_if<storage::SmallBlob>(&put.blob);
  if (blob == nullptr) return absl::OkStatus();
  if (blob->bytes.empty() || blob->bytes.size() > storage::kSmallBlobSizeMax) {
    return base::Error(ErrorCode::kInvalidArgument, "a small blob of {} bytes",
                       blob->bytes.size());
  }
  return absl::OkStatus();
}

std::size_t SizeOf(const storage::Put& put) {
  const auto* blob = std::get_if<storage::SmallBlob>(&put.blob);
  return put.key.size() + put.value.size() +
         (blob == nullptr ? 0 : blob->bytes.size());
}

absl::Status Gone() { return absl::NotFoundError("the blob is gone"); }

}  // namespace

// Holds the whole blob: it is a double.
class MemoryStore::Writer : public storage::BlobWriter {
 public:
  explicit Writer(MemoryStore& store) : store_(store) {}

  base::Task<absl::Status> Append(base::Bytes bytes) override {
    if (bytes.size() > storage::kBlobSizeMax - bytes_.size()) {
      co_return base::Error(ErrorCode::kInvalidArgument, "too many bytes");
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    co_return absl::OkStatus();
  }

  base::Task<absl::StatusOr<storage::BlobRef>> Seal() override {
    if (bytes_.empty()) {
      co_return base::Error(ErrorCode::kInvalidArgument, "an empty blob");
    }
    const storage::BlobId id = store_.NewBlobId();
    const std::lock_guard lock(store_.mutex_);
    co_return store_.AddBlob(id, bytes_);
  }

 private:
  MemoryStore& store_;
  std::vector<std::byte> bytes_;
};

absl::Status MemoryStore::Check(const storage::Batch& batch) const {
  std::size_t size = 0;
  for (const storage::Put& put : batch.puts) {
    CAIRN_RETURN_IF_ERROR(CheckPut(put));
    size += SizeOf(put);
    const auto* blob = std::get_if<storage::BlobRef>(&put.blob);
    if (blob != nullptr && !blobs_.contains(blob->id)) {
      return base::Error(ErrorCode::kInvalidArgument, "no such blob");
    }
  }
  if (size <= kBatchSizeMax) return absl::OkStatus();
  return base::Error(ErrorCode::kBatchTooLarge, "a batch of {} bytes", size);
}

bool MemoryStore::Holds(const Content& content, const Guard& guard,
                        const storage::Batch& batch) const {
  if (const auto* at_most = std::get_if<Guard::AtMost>(&guard.condition)) {
    const auto counter = content.counters.find(guard.key);
    const std::int64_t value =
        counter == content.counters.end() ? 0 : counter->second;
    return value + AddedTo(guard.key, batch) <= at_most->limit;
  }
  const auto found = content.records.find(guard.key);
  const bool is_present = found != content.records.end();
  if (std::holds_alternative<Guard::Absent>(guard.condition)) {
    return !is_present;
  }
  const auto* written = std::get_if<Guard::Written>(&guard.condition);
  return is_present &&
         (written == nullptr || found->second.write_id == written->by);
}

std::string MemoryStore::NewPlace() {
  return fmt::format("place {}", ++place_counter_);
}

storage::BlobRef MemoryStore::AddBlob(const storage::BlobId& id,
                                      base::Bytes bytes) {
  Blob blob{.bytes = {bytes.begin(), bytes.end()}, .place = NewPlace()};
  storage::BlobRef ref{.id = id, .size = bytes.size(), .place = blob.place};
  blobs_.insert_or_assign(id, std::move(blob));
  return ref;
}

void MemoryStore::ApplyPut(Content& content, const storage::Put& put,
                           const storage::WriteId& write_id) {
  Stored stored{.value = put.value, .write_id = write_id};
  if (const auto* small = std::get_if<storage::SmallBlob>(&put.blob)) {
    stored.blob = AddBlob(small->id, small->bytes).id;
  } else if (const auto* sealed = std::get_if<storage::BlobRef>(&put.blob)) {
    stored.blob = sealed->id;
  }
  content.records.insert_or_assign(put.key, std::move(stored));
}

void MemoryStore::Apply(Content& content, const storage::Batch& batch) {
  for (const storage::Put& put : batch.puts) {
    ApplyPut(content, put, batch.write_id);
  }
  for (const storage::Delete& removed : batch.deletes) {
    content.records.erase(removed.key);
  }
  for (const storage::Add& add : batch.adds) {
    content.counters[add.key] += add.delta;
  }
  for (const storage::BlobRef& freed : batch.frees) blobs_.erase(freed.id);
}

base::Task<absl::Status> MemoryStore::Commit(storage::Partition partition,
                                             storage::Batch batch) {
  const std::lock_guard lock(mutex_);
  CAIRN_CO_RETURN_IF_ERROR(Check(batch));
  Content& content = partitions_[partition];
  const bool holds = std::ranges::all_of(batch.guards, [&](const Guard& guard) {
    return Holds(content, guard, batch);
  });
  if (!holds) {
    co_return base::Error(ErrorCode::kConflict, "a guard does not hold");
  }
  Apply(content, batch);
  co_return absl::OkStatus();
}

storage::Record MemoryStore::MakeRecord(std::string_view key,
                                        const Stored& stored) const {
  storage::Record record{.key = std::string(key),
                         .value = stored.value,
                         .write_id = stored.write_id};
  if (!stored.blob.has_value()) return record;
  const Blob& blob = blobs_.at(*stored.blob);
  record.blob = storage::BlobRef{
      .id = *stored.blob, .size = blob.bytes.size(), .place = blob.place};
  return record;
}

void MemoryStore::ReadScan(const Content& content, const storage::Scan& scan,
                           storage::ReadResult& result) const {
  auto at = scan.after < scan.prefix || scan.after.empty()
                ? content.records.lower_bound(scan.prefix)
                : content.records.upper_bound(scan.after);
  const std::size_t limit = std::min(scan.limit, storage::kScanLimitMax);
  for (; at != content.records.end() && at->first.starts_with(scan.prefix);
       ++at) {
    if (result.scanned.size() == limit) {
      result.more = true;
      return;
    }
    result.scanned.push_back(MakeRecord(at->first, at->second));
  }
}

base::Task<absl::StatusOr<storage::ReadResult>> MemoryStore::Read(
    storage::Partition partition, storage::ReadRequest request) {
  const std::lock_guard lock(mutex_);
  const Content& content = partitions_[partition];
  storage::ReadResult result;
  for (const std::string& key : request.keys) {
    const auto found = content.records.find(key);
    if (found == content.records.end()) {
      result.records.emplace_back();
    } else {
      result.records.emplace_back(MakeRecord(key, found->second));
    }
  }
  for (const std::string& key : request.counters) {
    const auto found = content.counters.find(key);
    result.counters.push_back(found == content.counters.end() ? 0
                                                              : found->second);
  }
  if (request.scan.has_value()) ReadScan(content, *request.scan, result);
  co_return result;
}

storage::BlobId MemoryStore::NewBlobId() {
  const std::lock_guard lock(mutex_);
  return {.epoch = 1, .random = 1, .counter = ++blob_counter_};
}

base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>>
MemoryStore::Create(storage::Partition /*partition*/,
                    std::optional<std::uint64_t> /*size*/) {
  co_return std::make_unique<Writer>(*this);
}

base::Task<absl::Status> MemoryStore::Read(storage::Partition /*partition*/,
                                           storage::BlobRef blob,
                                           std::uint64_t offset,
                                           base::MutableBytes into) {
  const std::lock_guard lock(mutex_);
  const auto found = blobs_.find(blob.id);
  if (found == blobs_.end() || found->second.place != blob.place) {
    co_return Gone();
  }
  const std::vector<std::byte>& bytes = found->second.bytes;
  if (offset > bytes.size() || into.size() > bytes.size() - offset) {
    co_return base::Error(ErrorCode::kInvalidRange, "outside of the blob");
  }
  std::ranges::copy(base::Bytes(bytes).subspan(offset, into.size()),
                    into.begin());
  co_return absl::OkStatus();
}

std::size_t MemoryStore::blob_count() const {
  const std::lock_guard lock(mutex_);
  return blobs_.size();
}

std::size_t MemoryStore::record_count() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [partition, content] : partitions_) {
    count += content.records.size();
  }
  return count;
}

void MemoryStore::MoveBlobs() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, blob] : blobs_) blob.place = NewPlace();
}

}  // namespace cairn::support
