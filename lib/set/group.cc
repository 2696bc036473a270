#include "set/group.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "format/byte_io.h"
#include "format/frame_header.h"
#include "set/blob_entry.h"
#include "set/index_key.h"

namespace cairn::set {
namespace {

// Of a mutation and a stripe in the metadata, beyond keys and values.
constexpr std::size_t kMutationOverhead = 4 + 4 + 64;
constexpr std::size_t kStripeOverhead = 20;
// Of the entries of a large blob that is put or freed: up to three, small ones.
constexpr std::size_t kBlobEntriesSize = 384;

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

std::optional<std::string_view> Group::Get(std::string_view key,
                                           const PendingBatch& pending) const {
  const auto changed = changed_.find(key);
  const std::optional<std::string_view> entry =
      changed != changed_.end() ? changed->second.entry
                                : index_.FindInOverlays(key);
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

format::EntryBlob Group::AddSmall(const StripePtr& stripe) {
  const format::Stripe& blob = stripe->stripe;
  const format::LogPlace place{
      .sequence = sequence_,
      .stripe = static_cast<std::uint32_t>(stripes_.size())};
  stripes_.push_back(stripe);
  return {.id = blob.blob, .size = blob.size, .place = place};
}

// From now on its files belong to somebody, and what a drive lacks of them is
// to be healed.
format::EntryBlob Group::AddSealed(const storage::BlobRef& blob,
                                   const storage::WriteId& write_id) {
  const auto place = DecodeSealed(blob.place);
  CAIRN_CHECK(place.ok());  // It was checked when the batch came.
  changed_[KeyOfBlob(kBlobKey, blob.id)] = {
      .entry = EncodeBlobEntry(write_id, {.size = blob.size, .place = *place})};
  const PositionSet missing =
      AllOf(place->data_shards + place->parity_shards) & ~place->sealed;
  if (missing != 0) {
    changed_[KeyOfBlob(kHealKey, blob.id)] = {
        .entry = EncodeHealEntry(write_id, missing)};
  }
  return {.id = blob.id, .size = blob.size, .place = format::FilePlace()};
}

void Group::AddPuts(const PendingBatch& pending) {
  const storage::WriteId& write_id = pending.batch.write_id;
  auto stripe = pending.stripes.begin();
  for (const storage::Put& put : pending.batch.puts) {
    format::Entry entry{.write_id = write_id, .value = put.value};
    base::Bytes payload;
    if (const auto* small = std::get_if<storage::SmallBlob>(&put.blob)) {
      entry.blob = AddSmall(*stripe++);
      payload = small->bytes;
    } else if (const auto* sealed = std::get_if<storage::BlobRef>(&put.blob)) {
      entry.blob = AddSealed(*sealed, write_id);
    }
    changed_[RecordKey(put.key)] = {.entry = format::Encode(entry),
                                    .payload = payload};
  }
}

// Those in the log and in packs go with what they are in.
void Group::AddFrees(const storage::Batch& batch) {
  for (const storage::BlobRef& blob : batch.frees) {
    const auto place = format::DecodePlace(blob.place);
    if (!place.ok() || !std::holds_alternative<format::FilePlace>(*place)) {
      continue;
    }
    changed_[KeyOfBlob(kBlobKey, blob.id)] = {};
    changed_[KeyOfBlob(kHealKey, blob.id)] = {};
    changed_[KeyOfBlob(kFreedKey, blob.id)] = {
        .entry = EncodeFreedEntry(batch.write_id)};
  }
}

void Group::AddAdds(const PendingBatch& pending) {
  for (const storage::Add& add : pending.batch.adds) {
    const std::int64_t value = GetCounter(add.key, pending) + add.delta;
    const format::Entry entry{.write_id = pending.batch.write_id,
                              .value = EncodeCounter(value)};
    changed_[CounterKey(add.key)] = {.entry = format::Encode(entry)};
  }
}

absl::Status Group::Check(const PendingBatch& pending) const {
  for (const storage::Guard& guard : pending.batch.guards) {
    if (!Holds(guard, pending)) {
      return base::Error(ErrorCode::kConflict, "a guard does not hold");
    }
  }
  for (const EntryChange& change : pending.changes) {
    if (Get(change.index_key, pending) != change.seen) {
      return base::Error(ErrorCode::kConflict, "an entry is another by now");
    }
  }
  return absl::OkStatus();
}

absl::Status Group::Add(const PendingBatch& pending) {
  CAIRN_RETURN_IF_ERROR(Check(pending));
  AddFrees(pending.batch);
  AddPuts(pending);
  for (const storage::Delete& removed : pending.batch.deletes) {
    changed_[RecordKey(removed.key)] = {};
  }
  AddAdds(pending);
  for (const EntryChange& change : pending.changes) {
    changed_[change.index_key] = {.entry = change.entry};
  }
  return absl::OkStatus();
}

format::CommitMetadata Group::Metadata() const {
  format::CommitMetadata metadata;
  for (const StripePtr& stripe : stripes_) {
    metadata.stripes.push_back(stripe->stripe);
  }
  metadata.mutations.reserve(changed_.size());
  for (const auto& [key, changed] : changed_) {
    metadata.mutations.push_back({.key = key, .entry = changed.entry});
  }
  return metadata;
}

std::vector<IndexChange> Group::Changes() const {
  std::vector<IndexChange> changes;
  changes.reserve(changed_.size());
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
    if (std::holds_alternative<storage::BlobRef>(put.blob)) {
      size += kBlobEntriesSize;
    }
  }
  size += pending.batch.frees.size() * kBlobEntriesSize;
  for (const EntryChange& change : pending.changes) {
    size += change.index_key.size() + change.entry.size() + kMutationOverhead;
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
