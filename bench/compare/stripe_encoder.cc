#include "compare/stripe_encoder.h"

#include <isa-l.h>

namespace cairn::bench {
namespace {

// ISA-L expands each coefficient to this many bytes.
constexpr std::size_t kTableSize = 32;

std::size_t Count(int count) { return static_cast<std::size_t>(count); }

}  // namespace

StripeEncoder::StripeEncoder(Geometry geometry, std::size_t object_size)
    : geometry_(geometry),
      shard_size_((object_size + Count(geometry.data) - 1) /
                  Count(geometry.data)),
      buffer_(shard_size_ * Count(geometry.total())),
      tables_(kTableSize * Count(geometry.data) * Count(geometry.parity)) {
  std::vector<unsigned char> matrix(Count(geometry.total()) *
                                    Count(geometry.data));
  gf_gen_cauchy1_matrix(matrix.data(), geometry.total(), geometry.data);
  ec_init_tables(geometry.data, geometry.parity,
                 matrix.data() + Count(geometry.data) * Count(geometry.data),
                 tables_.data());
  for (int i = 0; i < geometry.total(); ++i) {
    void* shard = buffer_.data() + Count(i) * shard_size_;
    shards_.push_back(static_cast<unsigned char*>(shard));
  }
}

std::span<std::byte> StripeEncoder::data() const {
  return buffer_.bytes().first(shard_size_ * Count(geometry_.data));
}

void StripeEncoder::Encode() {
  if (geometry_.parity == 0) return;
  ec_encode_data(static_cast<int>(shard_size_), geometry_.data,
                 geometry_.parity, tables_.data(), shards_.data(),
                 shards_.data() + geometry_.data);
}

std::span<const std::byte> StripeEncoder::Shard(int index) const {
  return buffer_.bytes().subspan(Count(index) * shard_size_, shard_size_);
}

}  // namespace cairn::bench
