// Files of large blobs. FORMAT.md, section 8.

#include "format/blob_file.h"

#include <optional>

#include "base/status.h"
#include "inspect/blob_shard.h"
#include "inspect/file.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

// The name of the file says which blob it should be.
absl::Status CheckName(const format::BlobId& id, const Subject& subject) {
  const auto named = format::BlobIdOf(subject.final_name());
  if (!named.has_value() || *named == id) return absl::OkStatus();
  return base::Error(ErrorCode::kCorrupt,
                     "blob file: of blob {}, its name is that of {}",
                     ShowBlob(id), ShowBlob(*named));
}

absl::StatusOr<BlobShard> ReadFile(const Subject& subject) {
  CAIRN_ASSIGN_OR_RETURN(const std::uint64_t size, UsedSize(subject.source));
  CAIRN_ASSIGN_OR_RETURN(BlobShard shard,
                         ReadBlobShard(subject, {.size = size}));
  if (shard.tail.ok() && shard.place.ok()) {
    shard.place = CheckName(shard.tail->manifest.name.id, subject);
  }
  return shard;
}

// What the file was made for and never got.
Extent UnusedOf(const BlobShard& shard, const Subject& subject) {
  return {shard.end(), subject.source.size() - shard.end()};
}

void AddFacts(const BlobShard& shard, Extent unused, Reporter& reporter) {
  const format::BlobManifest& manifest = shard.tail->manifest;
  const format::BlobShape& shape = manifest.shape;
  reporter.Add("blob", ShowBlob(manifest.name.id));
  reporter.Add("deployment", base::ToString(manifest.name.deployment));
  reporter.Add("set", fmt::format("{}", manifest.name.set));
  reporter.Add("bytes", fmt::format("{}", shape.size));
  reporter.Add("stripes", fmt::format("{} of {} + {}, shards of {} bytes",
                                      shape.stripe_count(), shape.data_shards,
                                      shape.parity_shards, shape.unit));
  reporter.Add("position", ShowPosition(*shard.tail));
  reporter.Add("digest", base::ToString(format::DigestOf(manifest)));
  for (int i = 0; i < shape.total_shards(); ++i) {
    reporter.Add(
        fmt::format("table {}", i),
        base::ToString(manifest.table_digests[static_cast<std::size_t>(i)]));
  }
  reporter.Add("content", ShowCount(shape.frame_count(), "frame"),
               {.size = shape.content_size()});
  reporter.Add("footer", "checksums and tail", shard.footer());
  if (unused.size > 0) reporter.Add("unused", "zeros", unused);
}

}  // namespace

absl::Status ReportBlob(const Subject& subject, Reporter& reporter) {
  CAIRN_ASSIGN_OR_RETURN(const BlobShard shard, ReadFile(subject));
  if (CodeOf(shard.tail.status()) == ErrorCode::kNewerFormat) {
    return shard.tail.status();
  }
  if (shard.tail.ok()) AddFacts(shard, UnusedOf(shard, subject), reporter);
  return CheckBlobShard(subject.source, shard, {.is_listing = true}, reporter)
      .status();
}

absl::StatusOr<Way> ExplainBlob(const Subject& subject, std::uint64_t at) {
  CAIRN_ASSIGN_OR_RETURN(const BlobShard shard, ReadFile(subject));
  const Extent unused = UnusedOf(shard, subject);
  if (at >= unused.offset) {
    return Way{{.offset = unused.offset,
                .size = unused.size,
                .name = "unused",
                .value = "zeros"}};
  }
  return ExplainBlobShard(subject.source, shard, at);
}

}  // namespace cairn::inspect
