#include "inspect/frame.h"

#include <utility>

#include "format/byte_io.h"
#include "format/entry.h"
#include "format/frame_metadata.h"
#include "inspect/catalogue.h"
#include "inspect/field.h"
#include "inspect/text.h"
#include "set/frame.h"
#include "set/set_contents.h"

namespace cairn::inspect {
namespace {

using format::FrameHeader;
using format::FrameKind;

// Whether the metadata decodes as the kind that the header says.
absl::Status CheckMetadata(FrameKind kind, base::Bytes metadata) {
  switch (kind) {
    case FrameKind::kCommit:
      return format::DecodeCommitMetadata(metadata).status();
    case FrameKind::kOpening:
      return format::DecodeOpeningMetadata(metadata).status();
    case FrameKind::kCheckpoint:
      return format::DecodeCheckpointMetadata(metadata).status();
    case FrameKind::kEmpty:
      break;
  }
  return absl::OkStatus();
}

class FrameChecker {
 public:
  FrameChecker(base::Bytes sectors, const Piece& piece,
               const format::DriveIdentity& drive)
      : sectors_(sectors),
        piece_(piece),
        header_(*piece.header),
        drive_(drive) {}

  FrameCheck Run() && {
    if (CheckStamps() && ReadMetadata()) CheckShards();
    return std::move(check_);
  }

 private:
  bool CheckStamps();
  bool ReadMetadata();
  void CheckShards();
  bool CheckShard(const format::Stripe& stripe, std::uint64_t& offset);
  bool Damaged(std::uint64_t payload_offset, std::string note);

  base::Bytes sectors_;
  const Piece& piece_;
  const FrameHeader& header_;
  const format::DriveIdentity& drive_;
  FrameCheck check_;
};

// The first damage is the one that is told.
bool FrameChecker::Damaged(std::uint64_t payload_offset, std::string note) {
  if (check_.state == FrameState::kDamaged) return false;
  check_.state = FrameState::kDamaged;
  check_.note = std::move(note);
  check_.damaged_offset = FrameLayout(piece_.offset).FileOffset(payload_offset);
  return false;
}

bool FrameChecker::CheckStamps() {
  const StampCount count =
      CountStamps(sectors_, piece_, format::LogTag(drive_.drive));
  const std::uint64_t total = sectors_.size() / format::kSectorSize;
  if (count.newer > 0) {
    check_.state = FrameState::kOverwritten;
    check_.note = fmt::format("overwritten: {} of {} sectors are newer",
                              count.newer, total);
    return false;
  }
  if (count.older > 0) {
    check_.state = FrameState::kTorn;
    check_.note = fmt::format("torn: {} of {} sectors were never written",
                              count.older, total);
    return false;
  }
  if (count.unreadable > 0) {
    Damaged(
        0, fmt::format("{} of {} stamps are damaged", count.unreadable, total));
    check_.damaged_offset = count.first_unreadable;
    return false;
  }
  return true;
}

bool FrameChecker::ReadMetadata() {
  std::vector<std::byte> metadata(header_.metadata_size);
  format::ReadPayload(sectors_, format::kMetadataOffset, metadata);
  if (format::MetadataChecksum(header_, metadata) !=
      header_.metadata_checksum) {
    return Damaged(format::kMetadataOffset, "frame metadata: wrong checksum");
  }
  const absl::Status status = CheckMetadata(header_.kind, metadata);
  if (!status.ok()) return Damaged(format::kMetadataOffset, ShowError(status));
  check_.metadata = std::move(metadata);
  return true;
}

// Moves `offset` behind the shard.
bool FrameChecker::CheckShard(const format::Stripe& stripe,
                              std::uint64_t& offset) {
  const std::uint64_t end = format::ShardsOffset(header_) + header_.shards_size;
  const std::uint64_t size = format::ShardRecordSize(
      stripe.size, static_cast<int>(drive_.data_shards));
  if (size > end - offset) return Damaged(offset, "shards: wrong size");
  std::vector<std::byte> record(size);
  format::ReadPayload(sectors_, offset, record);
  const bool is_valid =
      set::IsValidRecord(stripe, static_cast<int>(header_.position), record);
  check_.shards.push_back(
      {.stripe = stripe, .offset = offset, .size = size, .is_valid = is_valid});
  if (!is_valid) {
    Damaged(offset, fmt::format("shard {}: wrong checksum (or it was lost "
                                "when the frame was written)",
                                check_.shards.size() - 1));
  }
  offset += size;
  return true;
}

void FrameChecker::CheckShards() {
  if (drive_.data_shards == 0 || header_.kind != FrameKind::kCommit) return;
  const auto metadata = format::DecodeCommitMetadata(*check_.metadata);
  if (!metadata.ok()) return;
  std::uint64_t offset = format::ShardsOffset(header_);
  for (const format::Stripe& stripe : metadata->stripes) {
    if (!CheckShard(stripe, offset)) return;
  }
  if (metadata->stripes.size() != header_.stripe_count) {
    Damaged(format::kMetadataOffset, "frame metadata: wrong stripe_count");
  }
}

// Adds entries to a frame as long as they are wanted.
class ContentList {
 public:
  ContentList(Reporter& reporter, InspectItem& frame)
      : reporter_(reporter), frame_(frame) {}

  template <typename MakeValue>
  void Add(std::string_view name, MakeValue make_value) {
    if (!reporter_.WantsEntry()) return;
    frame_.parts.push_back({.name = std::string(name), .value = make_value()});
  }

 private:
  Reporter& reporter_;
  InspectItem& frame_;
};

std::string ShowMutation(const format::Mutation& mutation) {
  if (mutation.is_tombstone()) return Quote(mutation.key);
  const auto entry = format::DecodeEntry(mutation.entry);
  return fmt::format("{}: {}", Quote(mutation.key),
                     entry.ok() ? ShowEntry(*entry) : Quote(mutation.entry));
}

void ListCommit(base::Bytes bytes, ContentList& list) {
  const auto metadata = format::DecodeCommitMetadata(bytes);
  if (!metadata.ok()) return;
  for (const format::Stripe& stripe : metadata->stripes) {
    list.Add("stripe", [&] {
      return fmt::format("blob {}, {}", ShowBlob(stripe.blob),
                         ShowCount(stripe.size, "byte"));
    });
  }
  for (const format::Mutation& mutation : metadata->mutations) {
    list.Add(mutation.is_tombstone() ? "delete" : "put",
             [&] { return ShowMutation(mutation); });
  }
}

void ListMembers(std::string_view name, const format::MemberTable& table,
                 ContentList& list) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    list.Add(fmt::format("{} {}", name, i),
             [&] { return base::ToString(table[i]); });
  }
}

void ListOpening(base::Bytes bytes, ContentList& list) {
  const auto metadata = format::DecodeOpeningMetadata(bytes);
  if (!metadata.ok()) return;
  ListMembers("member", metadata->members, list);
  if (metadata->previous_members == metadata->members) return;
  ListMembers("member before", metadata->previous_members, list);
}

void ListCheckpoint(base::Bytes bytes, ContentList& list) {
  const auto metadata = format::DecodeCheckpointMetadata(bytes);
  if (!metadata.ok()) return;
  const format::CatalogueChange& change = metadata->change;
  list.Add("checkpoint",
           [&] { return ShowPosition(change.checkpoint, change.epoch); });
  list.Add("catalogue",
           [&] { return base::ToString(metadata->catalogue_digest); });
  for (const std::uint64_t id : change.removed) {
    list.Add("removes", [&] { return ShowHex(id); });
  }
  for (const format::RunFile& run : change.added_runs) {
    list.Add("adds", [&] {
      return fmt::format("{}, {}", set::RunPath(run), ShowRunFile(run));
    });
  }
  for (const format::PackFile& pack : change.added_packs) {
    list.Add("adds", [&] {
      return fmt::format("{}, {}", set::PackPath(pack.id), ShowPackFile(pack));
    });
  }
}

void ListBehind(const FrameHeader& header, ContentList& list) {
  for (std::size_t i = 0; i < header.behind_since.size(); ++i) {
    if (header.behind_since[i] == 0) continue;
    list.Add("behind", [&] {
      return fmt::format("position {} since sequence {}", i,
                         header.behind_since[i]);
    });
  }
}

}  // namespace

Layout FrameLayout(std::uint64_t offset) {
  return {.begin = offset,
          .payload = format::kSectorPayloadSize,
          .unit = format::kSectorSize};
}

FrameCheck CheckFrame(base::Bytes sectors, const Piece& piece,
                      const format::DriveIdentity& drive) {
  return FrameChecker(sectors, piece, drive).Run();
}

std::string ShowFrame(const FrameHeader& header) {
  std::string text =
      fmt::format("{}, {}", ShowStamp(header.stamp()), NameOf(header.kind));
  if (header.stripe_count > 0) {
    text += fmt::format(", {}", ShowCount(header.stripe_count, "stripe"));
  }
  return text;
}

void ListContent(const Piece& piece, const FrameCheck& check,
                 Reporter& reporter, InspectItem& frame) {
  ContentList list(reporter, frame);
  ListBehind(*piece.header, list);
  if (!check.metadata.has_value()) return;
  switch (piece.header->kind) {
    case FrameKind::kCommit:
      return ListCommit(*check.metadata, list);
    case FrameKind::kOpening:
      return ListOpening(*check.metadata, list);
    case FrameKind::kCheckpoint:
      return ListCheckpoint(*check.metadata, list);
    case FrameKind::kEmpty:
      return;
  }
}

}  // namespace cairn::inspect
