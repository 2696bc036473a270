#include "set/rebuild.h"

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

}  // namespace

base::Task<absl::StatusOr<Frame>> GatherFrame(const erasure::Codec& codec,
                                              std::vector<PositionedLog> logs,
                                              format::FrameHeader header,
                                              Slot slot) {
  Frame frame{.header = header};
  const base::Uuid hash = frame.hash();
  Stripes stripes;
  bool found = false;
  for (const PositionedLog& from : logs) {
    Copy copy = co_await from.log->ReadFrame(slot, header.frame_size);
    if (!copy.has_metadata() || format::CommonHash(copy.header) != hash) {
      continue;
    }
    if (!found) {
      found = true;
      frame.metadata = std::move(copy.metadata);
      stripes =
          EmptyStripes(header, frame.metadata, codec.geometry().total_shards());
    }
    for (std::size_t i = 0; i < stripes.size(); ++i) {
      stripes[i]->records[Index(from.position)] = std::move(copy.records[i]);
    }
    if (stripes.empty()) break;
  }
  if (!found) {
    co_return base::Error(ErrorCode::kUnrecoverable,
                          "no drive holds frame {} any more", header.sequence);
  }
  for (const auto& stripe : stripes) {
    Complete(codec, *stripe);
    frame.stripes.push_back(stripe);
  }
  co_return frame;
}

base::Task<absl::Status> WriteFrameOn(PositionedLog to, const Frame& frame) {
  const base::AlignedBuffer bytes =
      Render(frame, to.log->identity(), to.position);
  co_return co_await to.log->WriteFrame(frame.header.offset, bytes.bytes());
}

}  // namespace cairn::set
