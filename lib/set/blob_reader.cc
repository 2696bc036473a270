#include "set/blob_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/status.h"
#include "format/open_pack.h"

namespace cairn::set {

absl::Status CheckShape(const BlobContext& context, const StoredBlob& blob) {
  const erasure::Geometry geometry = context.codec.geometry();
  const format::BlobShape shape = blob.place.ShapeOf(blob.size);
  CAIRN_RETURN_IF_ERROR(Validate(shape));
  const std::optional<format::Slice> slice = format::SliceOf(blob.id);
  if (slice.has_value() && slice->size != shape.file_size()) {
    return base::Error(ErrorCode::kCorrupt, "a slice of {} bytes for a blob {}",
                       slice->size, blob.size);
  }
  if (shape.data_shards == geometry.data_shards &&
      shape.parity_shards == geometry.parity_shards) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kCorrupt, "a blob of {}+{} shards",
                     shape.data_shards, shape.parity_shards);
}

OpenBlob::OpenBlob(BlobContext context, const StoredBlob& blob)
    : executor_(context.executor) {
  const format::BlobName name{
      .deployment = context.deployment, .set = context.set, .id = blob.id};
  const format::BlobShape shape = blob.place.ShapeOf(blob.size);
  status_ = CheckShape(context, blob);
  shards_ =
      std::make_shared<BlobShards>(std::move(context), name, shape, blob.place);
}

OpenBlob::~OpenBlob() {
  // Its files may only be closed on the strand.
  executor_.Post([shards = std::move(shards_)]() mutable { shards.reset(); });
}

absl::Status OpenBlob::CheckRange(std::uint64_t offset,
                                  std::uint64_t size) const {
  CAIRN_RETURN_IF_ERROR(status_);
  const std::uint64_t blob_size = shards_->shape().size;
  if (offset <= blob_size && size <= blob_size - offset) {
    return absl::OkStatus();
  }
  return base::Error(ErrorCode::kInvalidRange,
                     "{} bytes from {} of a blob of {}", size, offset,
                     blob_size);
}

base::Task<absl::Status> OpenBlob::Read(std::uint64_t offset,
                                        base::MutableBytes into) {
  StripeStream stream(*this, {.offset = offset, .size = into.size()});
  while (true) {
    auto reading = stream.Next();
    const auto next = co_await reading;
    if (!next.ok()) co_return next.status();
    if (next->pieces.empty()) co_return absl::OkStatus();
    for (const base::Bytes piece : next->pieces) {
      std::memcpy(into.data(), piece.data(), piece.size());
      into = into.subspan(piece.size());
    }
  }
}

StripeStream::StripeStream(OpenBlob& blob, BlobRange range)
    : blob_(blob), range_(range), pump_(std::make_shared<Pump>()) {
  pump_->shards = blob_.shards_;
}

void StripeStream::StartMore(const PumpPtr& pump) {
  if (pump->is_given_up) pump->waiting.clear();
  while (pump->running < kRunningMax && !pump->waiting.empty()) {
    AheadPtr ahead = std::move(pump->waiting.front());
    pump->waiting.pop_front();
    ++pump->running;
    pump->shards->context().scope.Spawn(RunAhead(pump, std::move(ahead)));
  }
}

base::Task<> StripeStream::RunAhead(PumpPtr pump, AheadPtr ahead) {
  BlobStripeRead read(pump->shards, ahead->parts);
  auto reading = read.Run();
  ahead->result = co_await reading;
  ahead->has_ended.store(true, std::memory_order_release);
  pump->shards->progress().Notify();
  --pump->running;
  StartMore(pump);
}

// The part of the range that lies in its first stripe.
StripeStream::AheadPtr StripeStream::TakeStripe() {
  const format::BlobShape& shape = blob_.shards_->shape();
  const std::uint64_t stripe = range_.offset / shape.stripe_size();
  const std::uint64_t shard_size = shape.shard_size(stripe);
  std::uint64_t begin = range_.offset - stripe * shape.stripe_size();
  const std::uint64_t end = std::min(begin + range_.size, shape.stripe_size());
  range_.offset += end - begin;
  range_.size -= end - begin;
  auto ahead = std::make_shared<Ahead>();
  while (begin < end) {
    const std::uint64_t shard = begin / shard_size;
    const std::uint64_t from = begin - shard * shard_size;
    const std::uint64_t to = std::min(shard_size, end - shard * shard_size);
    const std::uint64_t first = from / format::kBlobFrameSize;
    const std::uint64_t last = (to - 1) / format::kBlobFrameSize;
    ahead->parts.push_back(
        {.position = static_cast<int>(shard),
         .frames = {
             .first = stripe * (shape.unit / format::kBlobFrameSize) + first,
             .count = last - first + 1}});
    ahead->cuts.push_back(
        {.offset = from - first * format::kBlobFrameSize, .size = to - from});
    begin += to - from;
  }
  return ahead;
}

StripeStream::AheadPtr StripeStream::Begin(std::shared_ptr<const void> leave) {
  AheadPtr ahead = TakeStripe();
  ahead->leave = std::move(leave);
  blob_.executor_.Post([pump = pump_, ahead] {
    pump->waiting.push_back(ahead);
    StartMore(pump);
  });
  return ahead;
}

// What is wanted now needs no leave, nor keeps any.
StripeStream::AheadPtr StripeStream::TakeNext() {
  if (aheads_.empty()) return range_.size > 0 ? Begin(nullptr) : nullptr;
  AheadPtr ahead = std::move(aheads_.front());
  aheads_.pop_front();
  ahead->leave.reset();
  return ahead;
}

void StripeStream::ReadAhead() {
  while (range_.size > 0 && aheads_.size() < kStripesAhead) {
    auto leave = blob_.shards_->context().rooms.TakeLeaveToReadAhead();
    if (leave == nullptr) return;
    aheads_.push_back(Begin(std::move(leave)));
  }
}

base::Task<absl::StatusOr<BlobPieces>> StripeStream::Next() {
  if (!std::exchange(is_checked_, true)) {
    status_ = blob_.CheckRange(range_.offset, range_.size);
  }
  if (!status_.ok()) co_return status_;
  const AheadPtr ahead = TakeNext();
  if (ahead == nullptr) co_return BlobPieces();
  ReadAhead();
  if (!ahead->has_ended.load(std::memory_order_acquire)) {
    co_await base::OnStrand(blob_.executor_);
    while (!ahead->has_ended) co_await blob_.shards_->progress();
  }
  status_ = ahead->result.status();
  if (!status_.ok()) co_return status_;
  co_return PiecesOf(*ahead);
}

BlobPieces StripeStream::PiecesOf(Ahead& ahead) {
  const auto stripe =
      std::make_shared<const StripeBytes>(*std::move(ahead.result));
  BlobPieces pieces{.owner = stripe};
  for (std::size_t i = 0; i < ahead.cuts.size(); ++i) {
    const Cut& cut = ahead.cuts[i];
    pieces.pieces.push_back(stripe->parts[i].subspan(cut.offset, cut.size));
  }
  return pieces;
}

base::Task<absl::Status> ReadBlob(BlobContext context, StoredBlob blob,
                                  std::uint64_t offset,
                                  base::MutableBytes into) {
  OpenBlob open(std::move(context), blob);
  base::Task<absl::Status> reading = open.Read(offset, into);
  co_return co_await reading;
}

}  // namespace cairn::set
