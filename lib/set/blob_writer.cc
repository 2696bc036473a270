#include "set/blob_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "set/new_file.h"
#include "set/quorum.h"
#include "set/slice_file.h"

namespace cairn::set {
namespace {

std::uint32_t UnitOf(erasure::Geometry geometry, std::uint32_t unit) {
  return unit != 0 ? unit
                   : format::BlobUnitFor(geometry.data_shards,
                                         geometry.parity_shards);
}

int QuorumOf(erasure::Geometry geometry) {
  return Geometry{.data = geometry.data_shards,
                  .parity = geometry.parity_shards}
      .write_quorum();
}

}  // namespace

BlobFileWriter::BlobFileWriter(BlobContext context, BlobPlaces places,
                               std::uint32_t unit)
    : context_(std::move(context)),
      geometry_(context_.codec.geometry()),
      packs_(places.packs),
      name_{.deployment = context_.deployment,
            .set = context_.set,
            .id = places.id},
      unit_(UnitOf(geometry_, unit)),
      stripe_size_(std::size_t{unit_} *
                   static_cast<std::size_t>(geometry_.data_shards)),
      stripe_(std::make_shared<BlobStripe>(geometry_, unit_)) {
  CAIRN_CHECK(unit_ % format::kBlobFrameSize == 0);
}

BlobFileWriter::~BlobFileWriter() {
  // Its files may only be closed on the strand.
  context_.executor.Post(
      [upload = std::move(upload_)]() mutable { upload.reset(); });
}

void BlobFileWriter::Begin(std::string name, ShardMaker make) {
  coder_.emplace(context_.codec, name_);
  upload_ = std::make_shared<BlobUpload>(
      context_, BlobUpload::Options{.name = std::move(name),
                                    .make = std::move(make),
                                    .geometry = geometry_,
                                    .unit = unit_,
                                    .quorum = QuorumOf(geometry_)});
}

void BlobFileWriter::TakeFiles() {
  const std::string path = format::BlobPath(name_.id);
  Begin(path,
        [path](BlobDrive target) { return CreateNew(*target.drive, path); });
}

// Goes to the strand only where a pack has to be begun.
base::Task<> BlobFileWriter::TakeSlice() {
  const std::uint64_t size = shape().file_size();
  std::optional<OpenPacks::Room> room = packs_->Take(size);
  if (!room.has_value()) {
    co_await base::OnStrand(context_.executor);
    room = packs_->MakeRoom(size);
  }
  name_.id = IdOf(room->slice);
  std::erase_if(context_.drives, [&](const BlobDrive& drive) {
    return !room->pack->Has(drive.position);
  });
  Begin(NameOfShard(name_.id),
        [pack = std::move(room->pack), slice = room->slice](BlobDrive target) {
          return pack->Open(target.position, slice);
        });
}

absl::Status BlobFileWriter::Spoil(absl::Status status) {
  status_ = std::move(status);
  return status_;
}

base::Task<absl::Status> BlobFileWriter::Append(base::Bytes bytes) {
  if (!status_.ok()) co_return status_;
  if (bytes.size() > format::kBlobFileBytesMax - size_) {
    co_return Spoil(base::Error(ErrorCode::kInvalidArgument,
                                "a blob has at most {} bytes",
                                format::kBlobFileBytesMax));
  }
  while (!bytes.empty()) {
    const base::Bytes taken =
        bytes.first(std::min(bytes.size(), stripe_size_ - filled_));
    bytes = bytes.subspan(taken.size());
    size_ += taken.size();
    if (filled_ + taken.size() < stripe_size_) {
      std::memcpy(stripe_->data().data() + filled_, taken.data(), taken.size());
      filled_ += taken.size();
      break;
    }
    if (!coder_.has_value()) TakeFiles();
    coder_->Code(*stripe_, filled_, taken);
    filled_ = 0;
    co_await base::OnStrand(context_.executor);
    Submit();
    auto taking = upload_->TakeRoom();
    auto room = co_await taking;
    if (!room.ok()) co_return Spoil(room.status());
    stripe_ = *std::move(room);
  }
  co_return absl::OkStatus();
}

void BlobFileWriter::Submit() {
  if (!std::exchange(is_created_, true)) upload_->Create();
  upload_->Write(std::move(stripe_));
}

format::BlobShape BlobFileWriter::shape() const {
  return {.size = size_,
          .unit = unit_,
          .data_shards = static_cast<std::uint8_t>(geometry_.data_shards),
          .parity_shards = static_cast<std::uint8_t>(geometry_.parity_shards)};
}

void BlobFileWriter::CodeLast() {
  const std::size_t shard_size = shape().shard_size(shape().stripe_count() - 1);
  const std::size_t size =
      shard_size * static_cast<std::size_t>(geometry_.data_shards);
  stripe_->SetShardSize(shard_size);
  std::memset(stripe_->data().data() + filled_, 0, size - filled_);
  coder_->Code(*stripe_, size, {});
}

format::BlobManifest BlobFileWriter::MakeManifest() {
  format::BlobManifest manifest{.name = name_, .shape = shape()};
  const std::vector<format::BlobTable>& tables = coder_->tables();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    manifest.table_digests[i] = format::DigestOf(tables[i]);
  }
  return manifest;
}

base::Task<absl::StatusOr<format::BlobPlace>> BlobFileWriter::Seal() {
  if (!status_.ok()) co_return status_;
  if (size_ == 0) {
    co_return Spoil(
        base::Error(ErrorCode::kInvalidArgument, "a blob of no bytes"));
  }
  if (!coder_.has_value()) {
    if (packs_ == nullptr) {
      TakeFiles();
    } else {
      base::Task<> take = TakeSlice();
      co_await take;
    }
  }
  if (filled_ > 0) CodeLast();
  const format::BlobManifest manifest = MakeManifest();
  std::vector<base::AlignedBuffer> footers;
  for (format::BlobTable& table : coder_->tables()) {
    // One after the other: each table is as large as its footer.
    const format::BlobFooter footer{
        .manifest = manifest,
        .position = static_cast<int>(footers.size()),
        .table = std::exchange(table, {})};
    footers.push_back(Encode(footer));
  }
  co_await base::OnStrand(context_.executor);
  if (filled_ > 0) Submit();
  stripe_.reset();
  auto sealing = upload_->Seal(std::move(footers));
  const auto sealed = co_await sealing;
  // Once only, whatever comes of it.
  status_ = base::Error(ErrorCode::kInvalidArgument, "the blob is sealed");
  if (!sealed.ok()) co_return sealed.status();
  co_return format::BlobPlace{.sealed = *sealed,
                              .unit = unit_,
                              .data_shards = manifest.shape.data_shards,
                              .parity_shards = manifest.shape.parity_shards,
                              .digest = DigestOf(manifest)};
}

}  // namespace cairn::set
