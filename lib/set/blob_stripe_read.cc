#include "set/blob_stripe_read.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "erasure/codec.h"
#include "set/slice_file.h"

namespace cairn::set {
namespace {

bool Covers(const FrameRead& read, std::uint64_t frame) {
  return read.frames.Contains({.first = frame, .count = 1});
}

base::MutableBytes FramesOf(FrameRead& read, std::uint64_t first,
                            std::size_t size) {
  return read.bytes.bytes().subspan(
      (first - read.frames.first) * format::kBlobFrameSize, size);
}

}  // namespace

BlobStripeRead::BlobStripeRead(std::shared_ptr<BlobShards> shards,
                               std::vector<StripePart> parts)
    : shards_(std::move(shards)),
      data_shards_(shards_->shape().data_shards),
      parts_(std::move(parts)) {}

BlobStripeRead::ReadPtr BlobStripeRead::Find(int position,
                                             const FrameRange& frames) const {
  for (const ReadPtr& read : reads_) {
    if (read->position == position && read->frames.Contains(frames)) {
      return read;
    }
  }
  return nullptr;
}

// Any read of that drive: it may have been asked again, for another part.
BlobStripeRead::ReadPtr BlobStripeRead::FindValid(int position,
                                                  std::uint64_t frame) const {
  for (const ReadPtr& read : reads_) {
    if (read->position == position && Covers(*read, frame) &&
        read->IsValid(frame)) {
      return read;
    }
  }
  return nullptr;
}

BlobStripeRead::ReadPtr BlobStripeRead::FindWhole(
    const StripePart& part) const {
  for (const ReadPtr& read : reads_) {
    if (read->position != part.position ||
        !read->frames.Contains(part.frames)) {
      continue;
    }
    bool is_whole = true;
    for (std::uint64_t i = 0; i < part.frames.count; ++i) {
      is_whole = is_whole && read->IsValid(part.frames.first + i);
    }
    if (is_whole) return read;
  }
  return nullptr;
}

BlobStripeRead::ReadPtr BlobStripeRead::Ask(int position,
                                            const FrameRange& frames) {
  ReadPtr read = Find(position, frames);
  if (read != nullptr || !shards_->HasDrive(position)) return read;
  return reads_.emplace_back(shards_->Read(position, frames));
}

bool BlobStripeRead::IsOverdue(const FrameRead& read) const {
  const BlobContext& context = shards_->context();
  return read.is_pending && context.executor.clock().Steady() >=
                                read.began + context.hedge_delay->value();
}

BlobStripeRead::Count BlobStripeRead::CountOf(std::uint64_t frame) const {
  std::uint32_t valid = 0;
  std::uint32_t hoped = 0;
  for (const ReadPtr& read : reads_) {
    if (!Covers(*read, frame)) continue;
    const std::uint32_t bit = std::uint32_t{1} << read->position;
    if (read->IsValid(frame)) valid |= bit;
    if (read->is_pending && !IsOverdue(*read)) hoped |= bit;
  }
  return {.valid = std::popcount(valid), .hoped = std::popcount(valid | hoped)};
}

std::optional<BlobStripeRead::Count> BlobStripeRead::LeastOf(
    const StripePart& part) const {
  std::optional<Count> least;
  for (std::uint64_t i = 0; i < part.frames.count; ++i) {
    const std::uint64_t frame = part.frames.first + i;
    if (FindValid(part.position, frame) != nullptr) continue;
    const Count count = CountOf(frame);
    if (!least) least = count;
    least->valid = std::min(least->valid, count.valid);
    least->hoped = std::min(least->hoped, count.hoped);
  }
  return least;
}

// Those that are likely to answer well come first; data shards before parity,
// because a reader of the whole stripe has asked them anyway.
bool BlobStripeRead::AskNext(const StripePart& part) {
  int best = -1;
  int best_rank = 0;
  for (int i = 0; i < shards_->shape().total_shards(); ++i) {
    if (!shards_->HasDrive(i) || Find(i, part.frames) != nullptr) continue;
    const int rank =
        1 + (shards_->IsLate(i) ? 0 : 2) + (shards_->IsSealed(i) ? 1 : 0);
    if (rank > best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  if (best < 0) return false;
  Ask(best, part.frames);
  return true;
}

bool BlobStripeRead::AnyPending(const FrameRange& frames) const {
  return std::any_of(reads_.begin(), reads_.end(), [&](const ReadPtr& read) {
    return read->is_pending && read->frames.Contains(frames);
  });
}

BlobStripeRead::Outlook BlobStripeRead::Advance(const StripePart& part) {
  ReadPtr own = Find(part.position, part.frames);
  if (own == nullptr && !shards_->IsLate(part.position)) {
    own = Ask(part.position, part.frames);
  }
  if (own != nullptr && own->is_pending && !IsOverdue(*own)) {
    return Outlook::kWaits;
  }
  while (true) {
    const std::optional<Count> least = LeastOf(part);
    if (!least || least->valid >= data_shards_) return Outlook::kReady;
    if (least->hoped >= data_shards_) return Outlook::kWaits;
    if (!AskNext(part)) break;
  }
  return AnyPending(part.frames) ? Outlook::kWaits : Outlook::kLost;
}

std::optional<absl::Time> BlobStripeRead::NextDeadline() const {
  std::optional<absl::Time> next;
  for (const ReadPtr& read : reads_) {
    if (!read->is_pending || IsOverdue(*read)) continue;
    const absl::Time hedge =
        read->began + shards_->context().hedge_delay->value();
    if (!next || hedge < *next) next = hedge;
  }
  return next;
}

base::Task<absl::StatusOr<StripeBytes>> BlobStripeRead::Run() {
  const BlobContext& context = shards_->context();
  const absl::Time end =
      context.executor.clock().Steady() + context.deadlines.read;
  while (true) {
    bool waits = false;
    for (const StripePart& part : parts_) {
      const Outlook outlook = Advance(part);
      if (outlook == Outlook::kLost) co_return LossOf(part);
      waits = waits || outlook == Outlook::kWaits;
    }
    if (!waits) co_return Finish();
    if (context.executor.clock().Steady() >= end) co_return Late();
    const absl::Time deadline = std::min(NextDeadline().value_or(end), end);
    shards_->WakeAt(deadline);
    co_await shards_->progress();
    for (const ReadPtr& read : reads_) {
      if (IsOverdue(*read)) shards_->MarkLate(read->position);
    }
  }
}

absl::Status BlobStripeRead::Late() const {
  return base::Error(ErrorCode::kUnavailable,
                     "{}: too few drives answer in time",
                     NameOfShard(shards_->name().id));
}

// Every drive has answered, or there is none.
absl::Status BlobStripeRead::LossOf(const StripePart& part) const {
  const int total = shards_->shape().total_shards();
  int lost = 0;
  bool is_anywhere = false;
  for (int i = 0; i < total; ++i) {
    const ReadPtr read = Find(i, part.frames);
    const bool is_absent = read != nullptr && IsNotFound(read->status);
    const bool is_damaged =
        read != nullptr && CodeOf(read->status) == ErrorCode::kCorrupt;
    lost += is_absent || is_damaged ? 1 : 0;
    is_anywhere = is_anywhere || (shards_->IsSealed(i) && !is_absent) ||
                  (read != nullptr && !is_absent);
  }
  const std::string path = NameOfShard(shards_->name().id);
  if (!is_anywhere) return absl::NotFoundError(path);
  const bool could_be_read = total - lost >= data_shards_;
  return base::Error(
      could_be_read ? ErrorCode::kUnavailable : ErrorCode::kUnrecoverable,
      "{}: {} of {} shards are lost in frames from {}", path, lost, total,
      part.frames.first);
}

absl::StatusOr<StripeBytes> BlobStripeRead::Finish() const {
  StripeBytes bytes;
  for (const StripePart& part : parts_) {
    const ReadPtr own = FindWhole(part);
    if (own == nullptr) {
      CAIRN_ASSIGN_OR_RETURN(base::AlignedBuffer decoded, Decode(part));
      bytes.parts.push_back(decoded.bytes());
      bytes.decoded.push_back(std::move(decoded));
      continue;
    }
    bytes.parts.push_back(
        FramesOf(*own, part.frames.first, SizeOf(part.frames)));
    bytes.reads.push_back(own);
  }
  return bytes;
}

std::size_t BlobStripeRead::SizeOf(const FrameRange& frames) const {
  return (frames.count - 1) * format::kBlobFrameSize +
         shards_->shape().frame_size(frames.first + frames.count - 1);
}

// Not into what was read: that drive may still be writing into it.
absl::StatusOr<base::AlignedBuffer> BlobStripeRead::Decode(
    const StripePart& part) const {
  base::AlignedBuffer bytes(SizeOf(part.frames));
  for (std::uint64_t i = 0; i < part.frames.count; ++i) {
    const std::uint64_t frame = part.frames.first + i;
    const ReadPtr own = FindValid(part.position, frame);
    const base::MutableBytes into = bytes.bytes().subspan(
        i * format::kBlobFrameSize, shards_->shape().frame_size(frame));
    if (own != nullptr) {
      std::memcpy(into.data(), FramesOf(*own, frame, into.size()).data(),
                  into.size());
    } else {
      CAIRN_RETURN_IF_ERROR(DecodeFrame(part, frame, into));
    }
  }
  return bytes;
}

absl::Status BlobStripeRead::DecodeFrame(const StripePart& part,
                                         std::uint64_t frame,
                                         base::MutableBytes into) const {
  std::array<erasure::Shard, format::kBlobPositionsMax> frames;
  erasure::Loss loss{.wanted = erasure::ShardMask{1} << part.position};
  for (const ReadPtr& read : reads_) {
    if (!Covers(*read, frame) || !read->IsValid(frame)) continue;
    frames[static_cast<std::size_t>(read->position)] =
        FramesOf(*read, frame, into.size());
    loss.present |= erasure::ShardMask{1} << read->position;
  }
  frames[static_cast<std::size_t>(part.position)] = into;
  const auto total = static_cast<std::size_t>(shards_->shape().total_shards());
  return shards_->context().codec.ReconstructWanted(
      std::span(frames).first(total), loss);
}

}  // namespace cairn::set
