#include "bars/workers.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <utility>

#include "support/measurement.h"

namespace cairn::bench {
namespace {

constexpr int kFillThreads = 64;

// Puts the next object that no other thread has taken.
class Filler : public Worker {
 public:
  Filler(Engine& engine, std::atomic<std::uint64_t>& next,
         std::vector<std::byte> body)
      : engine_(engine), next_(next), body_(std::move(body)) {}

  void Run() override {
    Check(engine_.Put(Key(next_.fetch_add(1)).ref(), body_, {}).status());
  }

 private:
  Engine& engine_;
  std::atomic<std::uint64_t>& next_;
  std::vector<std::byte> body_;
};

}  // namespace

void Fill(Engine& engine, const Objects& objects, const CommonOptions& common) {
  std::atomic<std::uint64_t> next = objects.first;
  const Load load = {.threads = kFillThreads,
                     .seconds = 0,
                     .operations_min = objects.count,
                     .operations_max = objects.count,
                     .directory = common.load.directory};
  Measure(load, [&](int index) {
    const Random random(common.seed, static_cast<std::uint64_t>(index));
    return std::make_unique<Filler>(engine, next,
                                    RandomBytes(objects.size, random));
  });
}

void ReadAll(Engine& engine, ObjectRef ref, std::span<std::byte> piece,
             const std::function<void()>& piece_done) {
  const std::unique_ptr<ObjectReader> reader = Take(engine.Get(ref, {}));
  std::uint64_t left = reader->info().size;
  while (left > 0) {
    const std::size_t size = Take(reader->Read(piece));
    if (size == 0) Fail("an object ended too early");
    left -= size;
    piece_done();
  }
}

absl::StatusOr<std::size_t> RepeatingSource::Read(std::span<std::byte> into) {
  const std::uint64_t wanted = std::min<std::uint64_t>(into.size(), left_);
  const std::size_t size =
      std::min(static_cast<std::size_t>(wanted), bytes_.size() - place_);
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(place_), size,
              into.begin());
  place_ = (place_ + size) % bytes_.size();
  left_ -= size;
  return size;
}

std::vector<std::byte> RandomBytes(std::size_t size, Random random) {
  std::vector<std::byte> bytes(size);
  random.Fill(bytes);
  return bytes;
}

std::vector<std::uint64_t> Shuffled(std::uint64_t count, Random random) {
  std::vector<std::uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  for (std::uint64_t i = count; i > 1; --i) {
    std::swap(numbers[i - 1], numbers[random.Below(i)]);
  }
  return numbers;
}

}  // namespace cairn::bench
