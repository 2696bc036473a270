#include "set/rebuild.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/status.h"
#include "format/frame_metadata.h"

namespace cairn::set {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

using Stripes = std::vector<std::shared_ptr<EncodedStripe>>;

// Stripes with no record yet, as the frame's metadata names them.
Stripes EmptyStripes(const format::FrameHeader& header,
                     base::Bytes metadata_bytes, int positions) {
  Stripes stripes;
  if (header.stripe_count == 0) return stripes;
  const auto metadata = format::DecodeCommitMetadata(metadata_bytes);
  if (!metadata.ok()) return stripes;
  for (const format::Stripe& stripe : metadata->stripes) {
    stripes.push_back(std::make_shared<EncodedStripe>());
    stripes.back()->stripe = stripe;
    stripes.back()->records.resize(Index(positions));
  }
  return stripes;
}

void Complete(const erasure::Codec& codec, EncodedStripe& stripe) {
  std::vector<std::vector<std::byte>> complete;
  for (int i = 0; i < codec.geometry().total_shards(); ++i) {
    complete.push_back(RebuildRecord(codec, stripe, i));
  }
  stripe.records = std::move(complete);
}

// A frame on its way in from several drives. The reads share it: some may
// outlive the task that waits.
struct Gathering {
  Gathering(base::Executor& executor, const format::FrameHeader& wanted)
      : frame{.header = wanted}, hash(frame.hash()), progress(executor) {}

  void Take(Copy copy, int position, int total_shards);
  bool IsEnough(int data_shards) const;

  Frame frame;
  base::Uuid hash;
  bool has_metadata = false;
  Stripes stripes;
  int reads_pending = 0;
  bool all_were_read = true;
  base::Signal progress;
};

void Gathering::Take(Copy copy, int position, int total_shards) {
  if (!copy.has_metadata() || format::CommonHash(copy.header) != hash) return;
  if (!has_metadata) {
    has_metadata = true;
    frame.metadata = std::move(copy.metadata);
    stripes = EmptyStripes(frame.header, frame.metadata, total_shards);
  }
  for (std::size_t i = 0; i < stripes.size(); ++i) {
    stripes[i]->records[Index(position)] = std::move(copy.records[i]);
  }
}

bool Gathering::IsEnough(int data_shards) const {
  if (!has_metadata) return false;
  for (const auto& stripe : stripes) {
    const auto missing = std::count_if(
        stripe->records.begin(), stripe->records.end(),
        [](const std::vector<std::byte>& record) { return record.empty(); });
    if (stripe->records.size() - static_cast<std::size_t>(missing) <
        Index(data_shards)) {
      return false;
    }
  }
  return true;
}

base::Task<> ReadInto(std::shared_ptr<Gathering> gathering, PositionedLog from,
                      Slot slot, int total_shards) {
  Copy copy =
      co_await from.log->ReadFrame(slot, gathering->frame.header.frame_size);
  gathering->all_were_read = gathering->all_were_read && !copy.is_unread;
  gathering->Take(std::move(copy), from.position, total_shards);
  --gathering->reads_pending;
  gathering->progress.Notify();
}

}  // namespace

base::Task<absl::StatusOr<GatheredFrame>> GatherFrame(
    GatherContext context, std::vector<PositionedLog> logs,
    format::FrameHeader header, Slot slot) {
  const erasure::Geometry geometry = context.codec.geometry();
  auto gathering = std::make_shared<Gathering>(context.executor, header);
  gathering->reads_pending = static_cast<int>(logs.size());
  for (const PositionedLog& from : logs) {
    context.scope.Spawn(
        ReadInto(gathering, from, slot, geometry.total_shards()));
  }
  while (gathering->reads_pending > 0 &&
         !gathering->IsEnough(geometry.data_shards)) {
    co_await gathering->progress;
  }
  if (!gathering->has_metadata) {
    co_return base::Error(gathering->all_were_read ? ErrorCode::kUnrecoverable
                                                   : ErrorCode::kUnavailable,
                          "no drive holds frame {} any more", header.sequence);
  }
  Frame frame{.header = header, .metadata = gathering->frame.metadata};
  for (const auto& stripe : gathering->stripes) {
    auto complete = std::make_shared<EncodedStripe>(*stripe);
    Complete(context.codec, *complete);
    frame.stripes.push_back(std::move(complete));
  }
  co_return GatheredFrame{.frame = std::move(frame),
                          .all_were_read = gathering->all_were_read};
}

base::Task<absl::Status> WriteFrameOn(PositionedLog to, const Frame& frame) {
  const base::AlignedBuffer bytes =
      Render(frame, to.log->identity(), to.position);
  co_return co_await to.log->WriteFrame(frame.header.offset, bytes.bytes());
}

}  // namespace cairn::set
