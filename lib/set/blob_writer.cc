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

int QuorumOf(erasure::Geometry geometry) {
  return Geometry{.data = geometry.data_shards,
                  .parity = geometry.parity_shards}
      .write_quorum();
}

ShardMaker MakerOfSlices(const OpenPacks::Room& room) {
  return [room](BlobDrive target) {
    return room.pack->Open(target.position, room.slice);
  };
}

}  // namespace

BlobFileWriter::BlobFileWriter(const BlobWriterContext& context,
                               const NewBlob& blob)
    : context_(context),
      name_{
          .deployment = context.deployment, .set = context.set, .id = blob.id},
      size_expected_(blob.size_expected) {}

BlobFileWriter::~BlobFileWriter() {
  // Its files may only be closed on the strand.
  context_.executor.Post(
      [upload = std::move(upload_), slice = std::move(slice_)]() mutable {
        upload.reset();
        slice.reset();
      });
}

void BlobFileWriter::TakeFiles() { coder_.emplace(context_.codec, name_); }

// Goes to the strand only where a pack has to be begun.
base::Task<> BlobFileWriter::TakeSlice() {
  const std::uint64_t size = ShapeOf(size_).file_size();
  slice_ = context_.packs->Take(size);
  if (!slice_.has_value()) {
    co_await base::OnStrand(context_.executor);
    slice_ = context_.packs->MakeRoom(size);
  }
  name_.id = IdOf(slice_->slice);
  coder_.emplace(context_.codec, name_);
}

ShardMaker BlobFileWriter::MakerOfFiles() const {
  const std::uint64_t expected =
      std::min(size_expected_.value_or(0), format::kBlobFileBytesMax);
  const std::uint64_t size = expected == 0 ? 0 : ShapeOf(expected).file_size();
  return [path = format::BlobPath(name_.id), size](BlobDrive target) {
    return CreateNew(*target.drive, path, size);
  };
}

absl::StatusOr<std::shared_ptr<BlobUpload>> BlobFileWriter::MakeUpload() {
  CAIRN_ASSIGN_OR_RETURN(BlobContext context, context_.begin());
  if (slice_.has_value()) {
    std::erase_if(context.drives, [&](const BlobDrive& drive) {
      return !slice_->pack->Has(drive.position);
    });
  }
  return std::make_shared<BlobUpload>(
      std::move(context),
      BlobUpload::Options{
          .name = NameOfShard(name_.id),
          .make = slice_.has_value() ? MakerOfSlices(*slice_) : MakerOfFiles(),
          .quorum = QuorumOf(context_.codec.geometry())});
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
        bytes.first(std::min(bytes.size(), stripe_size() - filled_));
    bytes = bytes.subspan(taken.size());
    Reserve(filled_ + taken.size());
    size_ += taken.size();
    if (filled_ + taken.size() < stripe_size()) {
      std::memcpy(stripe_->data().data() + filled_, taken.data(), taken.size());
      filled_ += taken.size();
      break;
    }
    if (!coder_.has_value()) TakeFiles();
    coder_->Code(*stripe_, filled_, taken);
    co_await base::OnStrand(context_.executor);
    base::Task<absl::Status> submit = Submit();
    absl::Status submitted = co_await submit;
    if (!submitted.ok()) co_return Spoil(std::move(submitted));
  }
  co_return absl::OkStatus();
}

void BlobFileWriter::Reserve(std::size_t size) {
  if (stripe_ != nullptr && size <= stripe_->data().size()) return;
  const std::uint64_t expected =
      size_expected_.value_or(format::kBlobFileBytesMax);
  const std::uint64_t rest = expected - std::min(size_ - filled_, expected);
  // One that outgrows what was expected may go on growing.
  const std::size_t room =
      stripe_ == nullptr && size <= rest
          ? static_cast<std::size_t>(
                std::min<std::uint64_t>(rest, stripe_size()))
          : stripe_size();
  std::shared_ptr<BlobStripe> larger = context_.rooms.Take(room);
  if (filled_ > 0) {
    std::memcpy(larger->data().data(), stripe_->data().data(), filled_);
  }
  stripe_ = std::move(larger);
}

base::Task<absl::Status> BlobFileWriter::Submit() {
  CAIRN_CO_RETURN_IF_ERROR(context_.check_room(stripe_size()));
  CAIRN_CO_RETURN_IF_ERROR(BeginUpload());
  upload_->Write(std::exchange(stripe_, nullptr));
  filled_ = 0;
  base::Task<absl::Status> waiting = upload_->AwaitRoom();
  co_return co_await waiting;
}

absl::Status BlobFileWriter::BeginUpload() {
  if (upload_ != nullptr) return absl::OkStatus();
  CAIRN_RETURN_IF_ERROR(context_.check_room(filled_));
  CAIRN_ASSIGN_OR_RETURN(upload_, MakeUpload());
  upload_->Create();
  return absl::OkStatus();
}

format::BlobShape BlobFileWriter::ShapeOf(std::uint64_t size) const {
  const erasure::Geometry geometry = context_.codec.geometry();
  return {.size = size,
          .unit = context_.rooms.unit(),
          .data_shards = static_cast<std::uint8_t>(geometry.data_shards),
          .parity_shards = static_cast<std::uint8_t>(geometry.parity_shards)};
}

void BlobFileWriter::CodeLast() {
  const format::BlobShape shape = ShapeOf(size_);
  const std::size_t shard_size = shape.shard_size(shape.stripe_count() - 1);
  const std::size_t size = shard_size * shape.data_shards;
  stripe_->SetShardSize(shard_size);
  std::memset(stripe_->data().data() + filled_, 0, size - filled_);
  coder_->Code(*stripe_, size, {});
}

format::BlobManifest BlobFileWriter::MakeManifest() {
  format::BlobManifest manifest{.name = name_, .shape = ShapeOf(size_)};
  const std::vector<format::BlobTable>& tables = coder_->tables();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    manifest.table_digests[i] = format::DigestOf(tables[i]);
  }
  return manifest;
}

std::vector<base::AlignedBuffer> BlobFileWriter::MakeFooters(
    const format::BlobManifest& manifest) {
  std::vector<base::AlignedBuffer> footers;
  for (format::BlobTable& table : coder_->tables()) {
    // One after the other: each table is as large as its footer.
    footers.push_back(
        Encode(format::BlobFooter{.manifest = manifest,
                                  .position = static_cast<int>(footers.size()),
                                  .table = std::exchange(table, {})}));
  }
  return footers;
}

base::Task<absl::StatusOr<format::BlobPlace>> BlobFileWriter::Seal() {
  if (!status_.ok()) co_return status_;
  if (size_ == 0) {
    co_return Spoil(
        base::Error(ErrorCode::kInvalidArgument, "a blob of no bytes"));
  }
  if (!coder_.has_value()) {
    if (context_.packs == nullptr) {
      TakeFiles();
    } else {
      base::Task<> take = TakeSlice();
      co_await take;
    }
  }
  if (filled_ > 0) CodeLast();
  const format::BlobManifest manifest = MakeManifest();
  std::vector<base::AlignedBuffer> footers = MakeFooters(manifest);
  co_await base::OnStrand(context_.executor);
  // Once only, whatever comes of it.
  status_ = base::Error(ErrorCode::kInvalidArgument, "the blob is sealed");
  CAIRN_CO_RETURN_IF_ERROR(BeginUpload());
  auto sealing = upload_->Seal(std::move(stripe_), std::move(footers));
  const auto sealed = co_await sealing;
  if (!sealed.ok()) co_return sealed.status();
  co_return format::BlobPlace{.sealed = *sealed,
                              .unit = manifest.shape.unit,
                              .data_shards = manifest.shape.data_shards,
                              .parity_shards = manifest.shape.parity_shards,
                              .digest = DigestOf(manifest)};
}

}  // namespace cairn::set
