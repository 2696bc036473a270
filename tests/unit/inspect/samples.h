// A small file of each kind, made by what makes them in earnest.

#ifndef CAIRN_TESTS_UNIT_INSPECT_SAMPLES_H_
#define CAIRN_TESTS_UNIT_INSPECT_SAMPLES_H_

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "base/bytes.h"
#include "base/check.h"
#include "cairn/inspect.h"
#include "erasure/codec.h"
#include "format/blob_file.h"
#include "format/checkpoint.h"
#include "format/drive_identity.h"
#include "format/entry.h"
#include "format/frame_metadata.h"
#include "format/open_pack.h"
#include "inspect/file.h"
#include "set/blob_stripe.h"
#include "set/drive_log.h"
#include "set/frame.h"
#include "set/pack_tile.h"
#include "set/ring.h"
#include "support/sim_loop.h"
#include "unit/index/run_testing.h"

namespace cairn::inspect {

using FileBytes = std::vector<std::byte>;

inline const base::Uuid kDeployment{.high = 0x1111, .low = 0x2222};

class MemorySource : public Source {
 public:
  explicit MemorySource(const FileBytes& bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  absl::Status Read(std::uint64_t offset,
                    base::MutableBytes into) const override {
    CAIRN_CHECK(offset + into.size() <= bytes_.size());
    if (into.empty()) return absl::OkStatus();
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return absl::OkStatus();
  }

 private:
  const FileBytes& bytes_;
};

struct Sample {
  std::string path;
  FileBytes bytes;
  std::optional<format::DriveIdentity> drive;
};

inline absl::StatusOr<InspectReport> InspectSample(
    const Sample& sample, const InspectOptions& options = {}) {
  const MemorySource source(sample.bytes);
  return InspectFile(
      {.path = sample.path, .source = source, .drive = sample.drive}, options);
}

// The drive of a set of 2 + 1.
inline format::DriveIdentity DriveAt(std::uint8_t position,
                                     std::uint64_t log_size) {
  format::DriveIdentity drive{.position = position,
                              .deployment = kDeployment,
                              .log = {.high = 7, .low = position},
                              .pool = 1,
                              .set = 2,
                              .data_shards = 2,
                              .parity_shards = 1,
                              .log_size = log_size};
  for (std::uint64_t i = 0; i < 3; ++i) {
    drive.members.push_back({.high = 0xd, .low = i + 1});
  }
  drive.drive = drive.members[position];
  return drive;
}

inline Sample IdentitySample() {
  const format::DriveIdentity drive = DriveAt(1, set::kLogSizeMin);
  const format::IdentityBlock block = format::Encode(drive);
  return {.path = "a/cairn.format",
          .bytes = {block.begin(), block.end()},
          .drive = drive};
}

inline format::Catalogue SomeCatalogue() {
  format::Catalogue catalogue;
  catalogue.changed_by = 905;
  catalogue.checkpoint = {
      .sequence = 900, .next_offset = 81920, .hash = {.high = 5, .low = 6}};
  catalogue.epoch = 3;
  catalogue.members = DriveAt(0, 0).members;
  catalogue.runs = {{.id = 0xab,
                     .file = 1,
                     .from_sequence = 0,
                     .to_sequence = 900,
                     .size = 20480,
                     .digest = {.high = 8, .low = 9}}};
  catalogue.packs = {{.id = 0xac, .size = 8192, .tile_count = 1}};
  return catalogue;
}

inline Sample CatalogueSample() {
  const format::DriveIdentity drive = DriveAt(1, set::kLogSizeMin);
  return {.path = "a/catalogue",
          .bytes = format::Encode(SomeCatalogue(), drive.drive),
          .drive = drive};
}

inline format::Entry EntryWith(format::Place place) {
  return {
      .write_id = {.high = 0xe, .low = 1},
      .blob =
          format::EntryBlob{.id = {.epoch = 1, .random = 0xbeef, .counter = 4},
                            .size = 500,
                            .place = std::move(place)},
      .value = "value"};
}

inline Sample RunOf(const index::Model& model) {
  index::RunWriterOptions options;
  options.id = {.deployment = kDeployment, .set = 2, .file = 0, .run = 0xab};
  options.to_sequence = 900;
  index::MemorySink sink;
  CAIRN_CHECK(index::WriteRun(model, options, sink).ok());
  return {.path = "a/runs/00000000000000ab-0000",
          .bytes = sink.files.at(0),
          .drive = DriveAt(1, set::kLogSizeMin)};
}

// A run of `count` records and a tombstone.
inline Sample RunSample(int count) {
  index::Model model;
  for (int i = 0; i < count; ++i) {
    const format::Entry entry = EntryWith(format::PackPlace{
        .pack = 0xac, .column = 1, .offset = static_cast<std::uint64_t>(i)});
    model[fmt::format("photos/{:06}.jpg", i)] = {
        .sequence = 10, .value = format::Encode(entry)};
  }
  model["photos/gone.jpg"] = {.sequence = 11,
                              .kind = index::RecordKind::kTombstone};
  return RunOf(model);
}

// One tile of `count` objects, on the drive at `position`.
inline Sample PackSample(std::uint8_t position, int count) {
  const auto codec =
      *erasure::Codec::Create({.data_shards = 2, .parity_shards = 1});
  set::PackTile tile(2);
  for (int i = 0; i < count; ++i) {
    const std::string key = fmt::format("photos/{}.jpg", i);
    const FileBytes bytes(1001, static_cast<std::byte>(i));
    const format::PackObject object{
        .blob = {.epoch = 1,
                 .random = 0xbeef,
                 .counter = static_cast<std::uint64_t>(i)},
        .write_id = {.high = 0xe, .low = 1},
        .key = key,
        .size = bytes.size()};
    CAIRN_CHECK(tile.Add(object, bytes).has_value());
  }
  const auto columns =
      tile.Seal(codec, {.deployment = kDeployment, .pack = 0xac},
                set::PackTile::Columns::kShort);
  const base::Bytes column = columns[position].bytes();
  return {.path = "a/packs/00000000000000ac",
          .bytes = {column.begin(), column.end()},
          .drive = DriveAt(position, set::kLogSizeMin)};
}

// What the drive at `position` has of a blob, whose i-th byte is i.
inline FileBytes BlobBytes(const format::BlobId& id, std::uint64_t size,
                           std::uint8_t position) {
  const auto codec =
      *erasure::Codec::Create({.data_shards = 2, .parity_shards = 1});
  format::BlobFooter footer{
      .manifest = {.name = {.deployment = kDeployment, .set = 2, .id = id},
                   .shape = {.size = size,
                             .unit = format::kBlobFrameSize,
                             .data_shards = 2,
                             .parity_shards = 1}},
      .position = position};
  const format::BlobShape& shape = footer.manifest.shape;
  set::BlobCoder coder(codec, footer.manifest.name);
  FileBytes file;
  for (std::uint64_t i = 0; i < shape.stripe_count(); ++i) {
    FileBytes bytes(2 * shape.shard_size(i));
    for (std::uint64_t k = 0; k < bytes.size(); ++k) {
      const std::uint64_t at = i * shape.stripe_size() + k;
      if (at < size) bytes[k] = static_cast<std::byte>(at);
    }
    set::BlobStripe stripe(
        codec.geometry(), shape.unit,
        base::AlignedBuffer(shape.unit *
                            static_cast<std::size_t>(shape.total_shards())));
    stripe.SetShardSize(shape.shard_size(i));
    coder.Code(stripe, 0, bytes);
    const base::Bytes shard = stripe.shard(position);
    file.insert(file.end(), shard.begin(), shard.end());
  }
  for (std::size_t i = 0; i < coder.tables().size(); ++i) {
    footer.manifest.table_digests[i] = format::DigestOf(coder.tables()[i]);
  }
  footer.table = coder.tables()[position];
  const base::AlignedBuffer encoded = format::Encode(footer);
  const base::Bytes end = encoded.bytes();
  file.insert(file.end(), end.begin(), end.end());
  return file;
}

inline Sample BlobSample(std::uint8_t position, std::uint64_t size) {
  const format::BlobId id{.epoch = 1, .random = 0xbeef, .counter = 4};
  return {.path = "a/" + format::BlobPath(id),
          .bytes = BlobBytes(id, size, position),
          .drive = DriveAt(position, set::kLogSizeMin)};
}

// An open pack that is written slice after slice.
class OpenPackBuilder {
 public:
  explicit OpenPackBuilder(std::uint8_t position) : position_(position) {}

  // Appends the slice of a blob of `size` bytes.
  format::Slice AppendSlice(std::uint64_t size) {
    const format::BlobShape shape{.size = size,
                                  .unit = format::kBlobFrameSize,
                                  .data_shards = 2,
                                  .parity_shards = 1};
    const format::Slice slice{
        .pack = kPack, .offset = bytes_.size(), .size = shape.file_size()};
    Append(BlobBytes(format::IdOf(slice), size, position_));
    return slice;
  }

  void Append(const FileBytes& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  Sample Finish() const {
    return {.path = "a/" + format::OpenPackPath(kPack),
            .bytes = bytes_,
            .drive = DriveAt(position_, set::kLogSizeMin)};
  }

  static constexpr format::OpenPackId kPack{
      .epoch = 1, .number = 2, .random = 0xbeef};

 private:
  std::uint8_t position_;
  FileBytes bytes_;
};

// Two slices, of 8192 and 12288 bytes, and between them a hole of 4096.
inline Sample OpenPackSample(std::uint8_t position) {
  OpenPackBuilder pack(position);
  pack.AppendSlice(5000);
  pack.Append(FileBytes(4096));
  pack.AppendSlice(9000);
  return pack.Finish();
}

// A log that is written frame after frame, lap after lap, by what renders
// frames for the set.
class LogBuilder {
 public:
  explicit LogBuilder(std::uint64_t log_size, std::uint8_t position = 1)
      : drive_(DriveAt(position, log_size)),
        ring_(log_size),
        codec_(*erasure::Codec::Create({.data_shards = 2, .parity_shards = 1})),
        bytes_(log_size),
        slot_({.sequence = 1}) {
    const std::uint32_t log = format::LogTag(drive_.drive);
    for (std::uint64_t at = 0; at < log_size; at += format::kSectorSize) {
      format::PutStamp(Part(at, format::kSectorSize), {},
                       {.log = log, .offset = at});
    }
    for (std::uint64_t i = 0; i < format::kPromiseSlotCount; ++i) {
      const auto slot =
          format::Encode(format::Promise{.epoch = 1, .log = drive_.log});
      Put(i * slot.size(), slot);
    }
  }

  // Appends a commit with `stripe_count` blobs.
  void AppendCommit(std::size_t stripe_count, std::size_t blob_size) {
    format::CommitMetadata metadata;
    std::deque<std::string> texts;  // of the mutations
    set::Frame frame = NewFrame(format::FrameKind::kCommit);
    for (std::uint32_t i = 0; i < stripe_count; ++i) {
      const FileBytes blob(blob_size, static_cast<std::byte>(i + 1));
      const format::BlobId id{
          .epoch = epoch, .random = 0xbeef, .counter = slot_.sequence + i};
      frame.stripes.push_back(set::EncodeStripe(codec_, id, blob));
      metadata.stripes.push_back(frame.stripes.back()->stripe);
      const format::Entry entry =
          EntryWith(format::LogPlace{.sequence = slot_.sequence, .stripe = i});
      const std::string& key =
          texts.emplace_back(fmt::format("photos/{}.jpg", i));
      metadata.mutations.push_back(
          {.key = key, .entry = texts.emplace_back(format::Encode(entry))});
    }
    metadata.mutations.push_back({.key = "photos/gone.jpg", .entry = ""});
    frame.metadata = format::Encode(metadata);
    Append(std::move(frame));
  }

  // Appends a commit that puts `entries`, by their keys.
  void AppendPuts(const std::map<std::string, std::string>& entries) {
    format::CommitMetadata metadata;
    for (const auto& [key, entry] : entries) {
      metadata.mutations.push_back({.key = key, .entry = entry});
    }
    set::Frame frame = NewFrame(format::FrameKind::kCommit);
    frame.metadata = format::Encode(metadata);
    Append(std::move(frame));
  }

  void AppendOpening() {
    set::Frame frame = NewFrame(format::FrameKind::kOpening);
    frame.metadata = format::Encode(format::OpeningMetadata{
        .members = drive_.members, .previous_members = drive_.members});
    Append(std::move(frame));
  }

  void AppendCheckpoint() {
    const format::Catalogue catalogue = SomeCatalogue();
    set::Frame frame = NewFrame(format::FrameKind::kCheckpoint);
    frame.metadata = format::Encode(format::CheckpointMetadata{
        .change = {.checkpoint = catalogue.checkpoint,
                   .epoch = catalogue.epoch,
                   .members = catalogue.members,
                   .removed = {0x12},
                   .added_runs = catalogue.runs,
                   .added_packs = catalogue.packs},
        .catalogue_digest = format::Digest(catalogue)});
    Append(std::move(frame));
  }

  void AppendEmpty() { Append(NewFrame(format::FrameKind::kEmpty)); }

  // The next frame is torn: each of its sectors was written or not.
  void TearNext(support::SeededRandom& random) { tearing_ = &random; }

  // The next frame has other metadata than it should, and checksums that hold.
  void ForgeNext(support::SeededRandom& random) { forging_ = &random; }

  Sample Finish() const {
    return {.path = "a/log", .bytes = bytes_, .drive = drive_};
  }

  const format::DriveIdentity& drive() const { return drive_; }
  const set::Ring& ring() const { return ring_; }
  // Where the last frame stands, and where the next one would.
  const set::Slot& last() const { return last_; }
  const set::Slot& next() const { return slot_; }

  std::uint32_t epoch = 1;

 private:
  base::MutableBytes Part(std::uint64_t offset, std::uint64_t size) {
    return base::MutableBytes(bytes_).subspan(offset, size);
  }

  void Put(std::uint64_t offset, base::Bytes bytes) {
    std::memcpy(Part(offset, bytes.size()).data(), bytes.data(), bytes.size());
  }

  set::Frame NewFrame(format::FrameKind kind) const {
    set::Frame frame;
    frame.header.kind = kind;
    frame.header.deployment = kDeployment;
    frame.header.set = drive_.set;
    frame.header.epoch = epoch;
    frame.header.epoch_id = 0xabcd;
    frame.header.sequence = slot_.sequence;
    frame.header.offset = slot_.offset;
    frame.header.predecessor = slot_.predecessor;
    return frame;
  }

  void Forge(std::vector<std::byte>& metadata) {
    const std::uint64_t count = 1 + forging_->Choose(8);
    for (std::uint64_t i = 0; i < count && !metadata.empty(); ++i) {
      metadata[forging_->Choose(metadata.size())] =
          forging_->OneIn(2) ? std::byte{0xff}
                             : static_cast<std::byte>(forging_->Next());
    }
    if (forging_->OneIn(4)) metadata.resize(forging_->Choose(2000));
  }

  void Append(set::Frame frame) {
    if (forging_ != nullptr) Forge(frame.metadata);
    frame.Seal(2);
    CAIRN_CHECK(frame.header.frame_size <= ring_.frame_size_max());
    const base::AlignedBuffer rendered =
        set::Render(frame, drive_, drive_.position);
    const std::uint64_t offset = ring_.FileOffset(frame.header.offset);
    for (std::uint64_t at = 0; at < rendered.size();
         at += format::kSectorSize) {
      if (tearing_ != nullptr && tearing_->OneIn(2)) continue;
      Put(offset + at, rendered.bytes().subspan(at, format::kSectorSize));
    }
    last_ = slot_;
    slot_ = {.sequence = slot_.sequence + 1,
             .offset = ring_.BeginAfter(frame.end()),
             .predecessor = frame.hash(),
             .older = frame.header.stamp()};
  }

  format::DriveIdentity drive_;
  set::Ring ring_;
  erasure::Codec codec_;
  FileBytes bytes_;
  set::Slot slot_;
  set::Slot last_;
  support::SeededRandom* tearing_ = nullptr;
  support::SeededRandom* forging_ = nullptr;
};

// A log with a frame of each kind.
inline LogBuilder SmallLog() {
  LogBuilder log(set::kLogSizeMin);
  log.AppendOpening();
  log.AppendEmpty();
  log.AppendCommit(2, 500);
  log.AppendCheckpoint();
  return log;
}

inline Sample LogSample() { return SmallLog().Finish(); }

inline std::vector<Sample> AllSamples() {
  return {IdentitySample(),    LogSample(),         CatalogueSample(),
          RunSample(40),       PackSample(0, 9),    PackSample(2, 9),
          BlobSample(1, 5000), BlobSample(2, 5000), OpenPackSample(0),
          OpenPackSample(2)};
}

}  // namespace cairn::inspect

#endif  // CAIRN_TESTS_UNIT_INSPECT_SAMPLES_H_
