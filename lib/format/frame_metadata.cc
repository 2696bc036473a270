#include "format/frame_metadata.h"

#include "base/status.h"
#include "format/byte_io.h"
#include "format/frame_header.h"
#include "format/run_record.h"

namespace cairn::format {
namespace {

constexpr std::size_t kStripeSize = 4 + 4 + 8 + 4;
constexpr std::size_t kMutationSizeMin = 4 + 4;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "frame metadata: wrong {}", field);
}

Stripe GetStripe(FieldReader& fields) {
  Stripe stripe;
  stripe.blob.epoch = fields.Get<std::uint32_t>();
  stripe.blob.random = fields.Get<std::uint32_t>();
  stripe.blob.counter = fields.Get<std::uint64_t>();
  stripe.size = fields.Get<std::uint32_t>();
  return stripe;
}

std::string_view GetText(FieldReader& fields) {
  const auto size = fields.Get<std::uint32_t>();
  return base::AsText(fields.GetBytes(size));
}

Mutation GetMutation(FieldReader& fields) {
  const std::string_view key = GetText(fields);
  return {.key = key, .entry = GetText(fields)};
}

void PutTable(FieldAppender& fields, const MemberTable& table) {
  fields.Put(static_cast<std::uint32_t>(table.size()));
  for (const base::Uuid& uuid : table) fields.Put(uuid);
}

bool GetTable(FieldReader& fields, MemberTable& table) {
  const auto count = fields.Get<std::uint32_t>();
  if (!fields.ok() || count == 0 || count > kDrivesMax) return false;
  for (std::uint32_t i = 0; i < count; ++i) table.push_back(fields.GetUuid());
  return fields.ok();
}

}  // namespace

std::vector<std::byte> Encode(const CommitMetadata& metadata) {
  std::vector<std::byte> bytes;
  FieldAppender fields(bytes);
  fields.Put(static_cast<std::uint32_t>(metadata.stripes.size()));
  for (const Stripe& stripe : metadata.stripes) {
    fields.Put(stripe.blob.epoch);
    fields.Put(stripe.blob.random);
    fields.Put(stripe.blob.counter);
    fields.Put(stripe.size);
  }
  fields.Put(static_cast<std::uint32_t>(metadata.mutations.size()));
  for (const Mutation& mutation : metadata.mutations) {
    fields.PutText(mutation.key);
    fields.PutText(mutation.entry);
  }
  return bytes;
}

absl::StatusOr<CommitMetadata> DecodeCommitMetadata(base::Bytes bytes) {
  FieldReader fields(bytes);
  CommitMetadata metadata;
  const auto stripe_count = fields.Get<std::uint32_t>();
  if (!fields.ok() || stripe_count > fields.remaining() / kStripeSize) {
    return Wrong("number of stripes");
  }
  metadata.stripes.reserve(stripe_count);
  for (std::uint32_t i = 0; i < stripe_count; ++i) {
    metadata.stripes.push_back(GetStripe(fields));
    if (metadata.stripes.back().size == 0) return Wrong("size of a stripe");
  }
  const auto mutation_count = fields.Get<std::uint32_t>();
  if (!fields.ok() || mutation_count > fields.remaining() / kMutationSizeMin) {
    return Wrong("number of mutations");
  }
  metadata.mutations.reserve(mutation_count);
  for (std::uint32_t i = 0; i < mutation_count; ++i) {
    const Mutation& mutation =
        metadata.mutations.emplace_back(GetMutation(fields));
    if (mutation.key.empty() || mutation.key.size() > kRunKeySizeMax) {
      return Wrong("key");
    }
    if (mutation.entry.size() > kRunValueSizeMax) return Wrong("entry");
  }
  if (!fields.ok() || fields.remaining() != 0) return Wrong("size");
  return metadata;
}

std::vector<std::byte> Encode(const OpeningMetadata& metadata) {
  std::vector<std::byte> bytes;
  FieldAppender fields(bytes);
  PutTable(fields, metadata.members);
  PutTable(fields, metadata.previous_members);
  return bytes;
}

absl::StatusOr<OpeningMetadata> DecodeOpeningMetadata(base::Bytes bytes) {
  FieldReader fields(bytes);
  OpeningMetadata metadata;
  if (!GetTable(fields, metadata.members)) return Wrong("member table");
  if (!GetTable(fields, metadata.previous_members)) {
    return Wrong("previous member table");
  }
  if (fields.remaining() != 0) return Wrong("size");
  return metadata;
}

std::vector<std::byte> Encode(const CheckpointMetadata& metadata) {
  std::vector<std::byte> bytes;
  FieldAppender(bytes).Put(metadata.catalogue_digest);
  EncodeChange(metadata.change, bytes);
  return bytes;
}

absl::StatusOr<CheckpointMetadata> DecodeCheckpointMetadata(base::Bytes bytes) {
  FieldReader fields(bytes);
  CheckpointMetadata metadata;
  metadata.catalogue_digest = fields.GetUuid();
  if (!fields.ok()) return Wrong("digest");
  auto change = DecodeChange(fields.GetBytes(fields.remaining()));
  if (!change.ok()) return change.status();
  metadata.change = *std::move(change);
  return metadata;
}

}  // namespace cairn::format
