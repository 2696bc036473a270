#include "set/entries.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "base/status.h"
#include "format/entry.h"
#include "format/run_record.h"
#include "set/blob_entry.h"
#include "set/index_key.h"

namespace cairn::set {
namespace {

absl::Status CheckText(std::string_view what, std::size_t size,
                       std::size_t size_max) {
  if (size > 0 && size <= size_max) return absl::OkStatus();
  return base::Error(ErrorCode::kInvalidArgument, "a {} of {} bytes", what,
                     size);
}

absl::Status CheckKey(std::string_view key) {
  constexpr std::size_t kKeyMax = format::kRunKeySizeMax - 1;
  return CheckText("key", key.size(), kKeyMax);
}

absl::Status CheckValue(std::string_view value) {
  constexpr std::size_t kEnvelopeMax = 128;
  return CheckText("value", value.size(),
                   format::kRunValueSizeMax - kEnvelopeMax);
}

// A blob may be put as long as it is nobody's: after the process that sealed it
// has ended, it is an orphan.
absl::Status CheckSealed(const storage::BlobRef& blob,
                         erasure::Geometry geometry, std::uint32_t epoch) {
  CAIRN_ASSIGN_OR_RETURN(const format::BlobPlace place,
                         DecodeSealed(blob.place));
  CAIRN_RETURN_IF_ERROR(format::Validate(place.ShapeOf(blob.size)));
  if (blob.id.epoch == epoch && place.data_shards == geometry.data_shards &&
      place.parity_shards == geometry.parity_shards) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidArgument,
                     "a blob that was sealed elsewhere");
}

// The keys whose entries decide what a batch does.
std::vector<std::string> ObservedKeys(const PendingBatch& pending) {
  std::vector<std::string> keys;
  const auto add = [&](std::string key) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      keys.push_back(std::move(key));
    }
  };
  for (const storage::Guard& guard : pending.batch.guards) {
    const bool is_counter =
        std::holds_alternative<storage::Guard::AtMost>(guard.condition);
    add(is_counter ? CounterKey(guard.key) : RecordKey(guard.key));
  }
  for (const storage::Add& added : pending.batch.adds) {
    add(CounterKey(added.key));
  }
  for (const EntryChange& change : pending.changes) add(change.index_key);
  return keys;
}

}  // namespace

// Everything a batch has to be before it may reach the log.
absl::Status Entries::Check(const storage::Batch& batch) const {
  for (const storage::Put& put : batch.puts) {
    CAIRN_RETURN_IF_ERROR(CheckKey(put.key));
    CAIRN_RETURN_IF_ERROR(CheckValue(put.value));
    if (const auto* blob = std::get_if<storage::SmallBlob>(&put.blob)) {
      CAIRN_RETURN_IF_ERROR(CheckText("small blob", blob->bytes.size(),
                                      storage::kSmallBlobSizeMax));
    } else if (const auto* sealed = std::get_if<storage::BlobRef>(&put.blob)) {
      CAIRN_RETURN_IF_ERROR(
          CheckSealed(*sealed, codec_.geometry(), committer_.epoch()));
    }
  }
  for (const storage::Delete& removed : batch.deletes) {
    CAIRN_RETURN_IF_ERROR(CheckKey(removed.key));
  }
  for (const storage::Add& add : batch.adds) {
    CAIRN_RETURN_IF_ERROR(CheckKey(add.key));
  }
  return absl::OkStatus();
}

absl::Status Entries::Encode(PendingBatch* pending) const {
  CAIRN_RETURN_IF_ERROR(Check(pending->batch));
  for (const storage::Put& put : pending->batch.puts) {
    if (const auto* blob = std::get_if<storage::SmallBlob>(&put.blob)) {
      pending->stripes.push_back(EncodeStripe(codec_, blob->id, blob->bytes));
    }
  }
  return committer_.CheckSize(*pending);
}

base::Task<absl::StatusOr<std::optional<Entries::Found>>> Entries::FindIn(
    index::Snapshot snapshot, std::string index_key) {
  std::optional<index::Found> cached =
      snapshot.view->LookupCached(index_key, snapshot.sequence);
  if (!cached.has_value()) {
    base::Task<absl::StatusOr<index::Found>> lookup =
        snapshot.view->Lookup(index_key, snapshot.sequence);
    absl::StatusOr<index::Found> found = co_await lookup;
    if (!found.ok()) co_return found.status();
    cached = *std::move(found);
  }
  if (cached->presence != index::Presence::kPut) {
    co_return std::optional<Found>();
  }
  co_return Found{.entry = std::string(cached->value),
                  .payload = base::AsBytes(cached->trailer)};
}

base::Task<absl::StatusOr<std::optional<std::string>>> Entries::Find(
    std::string index_key) {
  const index::Snapshot snapshot = Acquire();
  base::Task<absl::StatusOr<std::optional<Found>>> find =
      FindIn(snapshot, std::move(index_key));
  CAIRN_CO_ASSIGN_OR_RETURN(std::optional<Found> found, co_await find);
  if (!found.has_value()) co_return std::optional<std::string>();
  co_return std::move(found->entry);
}

base::Task<absl::StatusOr<index::ScanResult>> Entries::Scan(
    index::Snapshot snapshot, index::ScanRequest request) const {
  base::Task<absl::StatusOr<index::ScanResult>> scan =
      snapshot.view->Scan(std::move(request), snapshot.sequence);
  co_return co_await scan;
}

base::Task<absl::Status> Entries::Observe(PendingBatch* pending) {
  const index::Snapshot snapshot = Acquire();
  pending->observed_at = snapshot.sequence;
  pending->observed.clear();
  for (std::string& key : ObservedKeys(*pending)) {
    base::Task<absl::StatusOr<std::optional<Found>>> find =
        FindIn(snapshot, key);
    CAIRN_CO_ASSIGN_OR_RETURN(std::optional<Found> found, co_await find);
    Observed observed{.index_key = std::move(key)};
    if (found.has_value()) observed.entry = std::move(found->entry);
    pending->observed.push_back(std::move(observed));
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> Entries::CommitPending(PendingBatch* pending) {
  CAIRN_CO_RETURN_IF_ERROR(Encode(pending));
  do {
    base::Task<absl::Status> observe = Observe(pending);
    CAIRN_CO_RETURN_IF_ERROR(co_await observe);
    base::RoundTrip answer([&](base::Resumption waiter) {
      pending->waiter = waiter;
      committer_.Enqueue(pending);
    });
    co_await answer;
  } while (pending->is_outdated);
  co_return pending->result;
}

base::Task<absl::Status> Entries::Commit(storage::Batch batch) {
  PendingBatch pending{.batch = std::move(batch)};
  base::Task<absl::Status> commit = CommitPending(&pending);
  co_return co_await commit;
}

Entries::BlobChanges Entries::BlobChangesOf(const storage::Batch& batch) {
  BlobChanges changes;
  for (const storage::BlobRef& freed : batch.frees) {
    const auto place = format::DecodePlace(freed.place);
    if (place.ok() && std::holds_alternative<format::FilePlace>(*place)) {
      changes.freed.push_back(freed.id);
    }
  }
  for (const storage::Put& put : batch.puts) {
    const auto* sealed = std::get_if<storage::BlobRef>(&put.blob);
    if (sealed == nullptr) continue;
    const auto place = DecodeSealed(sealed->place);
    if (place.ok() &&
        place->sealed != AllOf(place->data_shards + place->parity_shards)) {
      changes.unsealed.push_back(sealed->id);
    }
  }
  return changes;
}

base::Task<absl::Status> Entries::Change(std::vector<EntryChange> changes) {
  PendingBatch pending{.changes = std::move(changes)};
  base::Task<absl::Status> commit = CommitPending(&pending);
  const absl::Status committed = co_await commit;
  co_await base::OnStrand(committer_.executor());
  co_return committed;
}

}  // namespace cairn::set
