#include "set/group.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/byte_io.h"
#include "format/frame_header.h"
#include "set/index_key.h"

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

std::optional<std::string> Group::Get(const std::string& key,
                                      const PendingBatch& pending) const {
  const auto changed = changed_.find(key);
  std::optional<std::string> entry =
      changed != changed_.end() ? changed->second.entry : lookup_(key);
  if (entry.has_value()) {
    if (entry->empty()) return std::nullopt;
    return entry;
  }
  const auto observed =
      std::find_if(pending.observed.begin(), pending.observed.end(),
                   [&](const Observed& seen) { return seen.index_key == key; });
  CAIRN_CHECK(observed != pending.observed.end());
  return observed->entry;
}

std::int64_t Group::GetCounter(std::string_view key,
                               const PendingBatch& pending) const {
  const auto bytes = Get(CounterKey(key), pending);
  if (!bytes.has_value()) return 0;
  const auto entry = format::DecodeEntry(*bytes);
  return entry.ok() ? DecodeCounter(entry->value) : 0;
}

bool Group::Holds(const storage::Guard& guard,
                  const PendingBatch& pending) const {
  using storage::Guard;
  if (const auto* at_most = std::get_if<Guard::AtMost>(&guard.condition)) {
    return GetCounter(guard.key, pending) + AddedTo(guard.key, pending.batch) <=
           at_most->limit;
  }
  const auto bytes = Get(RecordKey(guard.key), pending);
  if (std::holds_alternative<Guard::Absent>(guard.condition)) {
    return !bytes.has_value();
  }
  if (!bytes.has_value()) return false;
  const auto* written = std::get_if<Guard::Written>(&guard.condition);
  if (written == nullptr) return true;
  const auto entry = format::DecodeEntry(*bytes);
  return entry.ok() && entry->write_id == written->by;
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
  return entry;
}

void Group::AddPuts(const PendingBatch& pending) {
  auto stripe = pending.stripes.begin();
  for (const storage::Put& put : pending.batch.puts) {
    const auto* small = std::get_if<storage::SmallBlob>(&put.blob);
    const format::Entry entry = MakeEntry(
        put, pending.batch.write_id, small != nullptr ? &*stripe++ : nullptr);
    changed_[RecordKey(put.key)] = {
        .entry = format::Encode(entry),
        .payload = small != nullptr ? small->bytes : base::Bytes()};
  }
}

absl::Status Group::Add(const PendingBatch& pending) {
  const storage::Batch& batch = pending.batch;
  for (const storage::Guard& guard : batch.guards) {
    if (!Holds(guard, pending)) {
      return base::Error(ErrorCode::kConflict, "a guard does not hold");
    }
  }
  AddPuts(pending);
  for (const storage::Delete& removed : batch.deletes) {
    changed_[RecordKey(removed.key)] = {};
  }
  for (const storage::Add& add : batch.adds) {
    const std::int64_t value = GetCounter(add.key, pending) + add.delta;
    const format::Entry entry{.write_id = batch.write_id,
                              .value = EncodeCounter(value)};
    changed_[CounterKey(add.key)] = {.entry = format::Encode(entry)};
  }
  return absl::OkStatus();
}

format::CommitMetadata Group::Metadata() const {
  format::CommitMetadata metadata;
  for (const StripePtr& stripe : stripes_) {
    metadata.stripes.push_back(stripe->stripe);
  }
  for (const auto& [key, changed] : changed_) {
    metadata.mutations.push_back({.key = key, .entry = changed.entry});
  }
  return metadata;
}

std::vector<Group::Change> Group::Changes() const {
  std::vector<Change> changes;
  for (const auto& [key, changed] : changed_) {
    changes.push_back(
        {.key = key, .entry = changed.entry, .payload = changed.payload});
  }
  return changes;
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
