#include "set/blob_stripe.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/check.h"

namespace cairn::set {
namespace {

// Some of a stripe's bytes.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Copies those bytes of `range` that `rest` has, which begins at `filled`.
void Pull(base::MutableBytes data, std::size_t filled, base::Bytes rest,
          Range range) {
  const std::size_t begin = std::max(range.begin, filled);
  const std::size_t end = std::min(range.end, filled + rest.size());
  if (begin >= end) return;
  std::memcpy(data.data() + begin, rest.data() + (begin - filled), end - begin);
}

}  // namespace

BlobCoder::BlobCoder(const erasure::Codec& codec, const format::BlobName& name)
    : codec_(codec),
      name_(name),
      tables_(static_cast<std::size_t>(codec.geometry().total_shards())) {}

void BlobCoder::Code(BlobStripe& stripe, std::size_t filled, base::Bytes rest) {
  const auto data_shards =
      static_cast<std::size_t>(codec_.geometry().data_shards);
  const std::size_t size = stripe.shard_size();
  std::array<erasure::Shard, format::kBlobPositionsMax> frames;
  const std::span used = std::span(frames).first(tables_.size());
  CAIRN_CHECK(filled + rest.size() == data_shards * size);
  for (std::size_t at = 0; at < size; at += format::kBlobFrameSize) {
    const std::size_t frame_size = std::min(format::kBlobFrameSize, size - at);
    for (std::size_t i = 0; i < used.size(); ++i) {
      used[i] = stripe.shard(i).subspan(at, frame_size);
      if (i >= data_shards) continue;
      const std::size_t begin = i * size + at;
      Pull(stripe.data(), filled, rest,
           {.begin = begin, .end = begin + frame_size});
    }
    codec_.Encode(used);
    for (std::size_t i = 0; i < used.size(); ++i) {
      const format::BlobFramePlace place{.name = name_,
                                         .position = static_cast<int>(i),
                                         .frame = tables_[i].size()};
      tables_[i].push_back(format::BlobFrameChecksum(place, used[i]));
    }
  }
}

}  // namespace cairn::set
