#include "set/log_reader.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "base/check.h"
#include "base/status.h"

namespace cairn::set {
namespace {

// The stripes that a checkpoint of `overlay` has to read, by frame.
using Wanted = std::map<std::uint64_t, std::set<std::uint32_t>>;

Wanted WantedOf(const index::Overlay& overlay, std::uint64_t sequence) {
  Wanted wanted;
  const std::unique_ptr<index::Cursor> cursor = overlay.NewCursor(sequence);
  for (cursor->Seek(""); cursor->state() == index::Cursor::State::kRecord;
       cursor->Next()) {
    const index::Record record = cursor->record();
    if (record.is_tombstone() || !record.trailer.empty()) continue;
    const auto entry = format::DecodeEntry(record.value);
    if (!entry.ok() || !entry->blob.has_value()) continue;
    if (const auto* at = std::get_if<format::LogPlace>(&entry->blob->place)) {
      wanted[at->sequence].insert(at->stripe);
    }
  }
  return wanted;
}

}  // namespace

base::Task<absl::StatusOr<GatheredFrame>> LogReader::Gather(
    std::uint64_t sequence) {
  const std::optional<LogFrame> known = frames_.Find(sequence);
  if (!known.has_value()) {
    co_return absl::NotFoundError("the frame is in the log no more");
  }
  base::Task<absl::StatusOr<GatheredFrame>> gather =
      GatherFrame(context_, logs_(), known->header, known->slot);
  absl::StatusOr<GatheredFrame> frame = co_await gather;
  // It may have been written over meanwhile.
  if (!frames_.Find(sequence).has_value()) {
    co_return absl::NotFoundError("the frame is in the log no more");
  }
  if (!frame.ok()) co_return Judge(frame.status());
  co_return std::move(frame);
}

// Nothing is lost for good while a drive is away that may have it.
absl::Status LogReader::Judge(const absl::Status& status) const {
  const int here = static_cast<int>(logs_().size());
  const int count = context_.codec.geometry().total_shards();
  if (CodeOf(status) != ErrorCode::kUnrecoverable || here == count) {
    return status;
  }
  return base::Error(ErrorCode::kUnavailable, "with {} of {} drives: {}", here,
                     count, std::string(status.message()));
}

absl::StatusOr<std::vector<std::byte>> LogReader::BytesOf(
    const GatheredFrame& gathered, std::uint32_t stripe_index) const {
  const Frame& frame = gathered.frame;
  if (stripe_index >= frame.stripes.size()) {
    return base::Error(ErrorCode::kCorrupt, "frame {} has no stripe {}",
                       frame.header.sequence, stripe_index);
  }
  const EncodedStripe& stripe = *frame.stripes[stripe_index];
  std::vector<std::byte> bytes;
  for (int i = 0; i < context_.codec.geometry().data_shards; ++i) {
    const std::vector<std::byte>& record =
        stripe.records[static_cast<std::size_t>(i)];
    if (!IsValidRecord(stripe.stripe, i, record)) {
      return Judge(
          base::Error(gathered.all_were_read ? ErrorCode::kUnrecoverable
                                             : ErrorCode::kUnavailable,
                      "frame {}: more shards of a blob are missing than parity",
                      frame.header.sequence));
    }
    bytes.insert(bytes.end(), record.begin() + format::kShardChecksumSize,
                 record.end());
  }
  bytes.resize(stripe.stripe.size);
  return bytes;
}

base::Task<absl::StatusOr<std::vector<std::byte>>> LogReader::Read(
    format::LogPlace place) {
  base::Task<absl::StatusOr<GatheredFrame>> gather = Gather(place.sequence);
  const absl::StatusOr<GatheredFrame> frame = co_await gather;
  if (!frame.ok()) co_return frame.status();
  co_return BytesOf(*frame, place.stripe);
}

base::Task<absl::StatusOr<LogReader::Payloads>> LogReader::ReadAll(
    const index::Overlay& overlay, std::uint64_t sequence) {
  const Wanted wanted = WantedOf(overlay, sequence);
  Payloads payloads;
  for (const auto& [frame_sequence, stripes] : wanted) {
    base::Task<absl::StatusOr<GatheredFrame>> gather = Gather(frame_sequence);
    const absl::StatusOr<GatheredFrame> frame = co_await gather;
    if (!frame.ok()) co_return frame.status();
    for (const std::uint32_t stripe : stripes) {
      auto bytes = BytesOf(*frame, stripe);
      if (bytes.ok()) {
        payloads[std::pair(frame_sequence, stripe)] = *std::move(bytes);
      } else if (CodeOf(bytes.status()) == ErrorCode::kUnavailable) {
        co_return bytes.status();
      }
    }
  }
  co_return payloads;
}

}  // namespace cairn::set
