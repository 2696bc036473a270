#include "set/group.h"

#include <utility>

#include "base/status.h"
#include "format/byte_io.h"
#include "format/frame_header.h"

namespace cairn::set {
namespace {

// Of a mutation and a stripe in the metadata, beyond keys and values.
constexpr std::size_t kMutationOverhead = 4 + 4 + 64;
constexpr std::size_t kStripeOverhead = 20;

std::int64_t AddedTo(std::string_view key, const storage::Batch& batch) {
  std::int64_t sum = 0;
  for (const storage::Add& add : batch.adds) {
    if (add.key == key) sum += add.delta;
  }
  return sum;
}

}  // namespace

std::string EncodeCounter(std::int64_t value) {
  std::vector<std::byte> bytes;
  format::FieldAppender(bytes).Put(value);
  return std::string(base::AsText(bytes));
}

std::int64_t DecodeCounter(std::string_view value) {
  return format::FieldReader(base::AsBytes(value)).Get<std::int64_t>();
}

std::optional<std::string> Group::Get(const std::string& key) const {
  const auto changed = changed_.find(key);
  if (changed == changed_.end()) return lookup_(key);
  if (changed->second.empty()) return std::nullopt;
  return changed->second;
}

std::int64_t Group::GetCounter(std::string_view key) const {
  const auto bytes = Get(CounterKey(key));
  if (!bytes.has_value()) return 0;
  const auto entry = format::DecodeEntry(*bytes);
  return entry.ok() ? DecodeCounter(entry->value) : 0;
}

bool Group::Holds(const storage::Guard& guard,
                  const storage::Batch& batch) const {
  using storage::Guard;
  if (const auto* at_most = std::get_if<Guard::AtMost>(&guard.condition)) {
    return GetCounter(guard.key) + AddedTo(guard.key, batch) <= at_most->limit;
  }
  const auto bytes = Get(RecordKey(guard.key));
  if (std::holds_alternative<Guard::Absent>(guard.condition)) {
    return !bytes.has_value();
  }
  if (!bytes.has_value()) return false;
  const auto* written = std::get_if<Guard::Written>(&guard.condition);
  if (written == nullptr) return true;
  const auto entry = format::DecodeEntry(*bytes);
  return entry.ok() && entry->write_id == written->by;
}

void Group::Change(std::string key, std::string entry) {
  metadata_size_ += key.size() + entry.size() + 8;
  metadata_.mutations.push_back({.key = key, .entry = entry});
  changed_[std::move(key)] = std::move(entry);
}

format::Entry Group::MakeEntry(const storage::Put& put,
                               const storage::WriteId& write_id,
                               const StripePtr* stripe) {
  format::Entry entry{.write_id = write_id, .value = put.value};
  if (stripe == nullptr) return entry;
  const format::Stripe& blob = (*stripe)->stripe;
  entry.blob = format::EntryBlob{
      .id = blob.blob,
      .size = blob.size,
      .place = format::LogPlace{
          .sequence = sequence_,
          .stripe = static_cast<std::uint32_t>(stripes_.size())}};
  stripes_.push_back(*stripe);
  metadata_.stripes.push_back(blob);
  metadata_size_ += kStripeOverhead;
  shards_size_ += format::ShardRecordSize(blob.size, data_shards_);
  return entry;
}

absl::Status Group::Add(const PendingBatch& pending) {
  const storage::Batch& batch = pending.batch;
  for (const storage::Guard& guard : batch.guards) {
    if (!Holds(guard, batch)) {
      return base::Error(ErrorCode::kConflict, "a guard does not hold");
    }
  }
  auto stripe = pending.stripes.begin();
  for (const storage::Put& put : batch.puts) {
    const bool has_stripe =
        std::holds_alternative<storage::SmallBlob>(put.blob);
    const format::Entry entry =
        MakeEntry(put, batch.write_id, has_stripe ? &*stripe++ : nullptr);
    Change(RecordKey(put.key), format::Encode(entry));
  }
  for (const storage::Delete& removed : batch.deletes) {
    Change(RecordKey(removed.key), "");
  }
  for (const storage::Add& add : batch.adds) {
    const std::int64_t value = GetCounter(add.key) + add.delta;
    const format::Entry entry{.write_id = batch.write_id,
                              .value = EncodeCounter(value)};
    Change(CounterKey(add.key), format::Encode(entry));
  }
  return absl::OkStatus();
}

std::size_t Group::frame_size() const {
  return format::FrameSizeFor(metadata_size_, shards_size_);
}

std::size_t Group::SizeOf(const PendingBatch& pending, int data_shards) {
  std::size_t size = 0;
  for (const storage::Put& put : pending.batch.puts) {
    size += put.key.size() + put.value.size() + kMutationOverhead;
  }
  for (const storage::Delete& removed : pending.batch.deletes) {
    size += removed.key.size() + kMutationOverhead;
  }
  for (const storage::Add& add : pending.batch.adds) {
    size += add.key.size() + kMutationOverhead;
  }
  for (const StripePtr& stripe : pending.stripes) {
    size += kStripeOverhead +
            format::ShardRecordSize(stripe->stripe.size, data_shards);
  }
  return format::SectorCount(size) * format::kSectorSize;
}

}  // namespace cairn::set
