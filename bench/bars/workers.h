// What the threads of more than one bar do.

#ifndef CAIRN_BENCH_BARS_WORKERS_H_
#define CAIRN_BENCH_BARS_WORKERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "bars/store.h"
#include "cairn/source.h"
#include "support/random.h"

namespace cairn::bench {

// Objects that Fill() makes: all the numbers from `first` on.
struct Objects {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t size = 4096;  // bytes of each
};

// Puts `objects`, one each, by many threads: before what is measured.
void Fill(Engine& engine, const Objects& objects, const CommonOptions& common);

// Reads an object to its end into `piece`, over and over; `piece_done` is
// called behind each piece.
void ReadAll(
    Engine& engine, ObjectRef ref, std::span<std::byte> piece,
    const std::function<void()>& piece_done = [] {});

// A stream of `size` bytes, the same random bytes over and over.
//
// Lifetime: borrows `bytes`, which is not empty.
class RepeatingSource : public ObjectSource {
 public:
  RepeatingSource(std::span<const std::byte> bytes, std::uint64_t size)
      : bytes_(bytes), left_(size) {}

  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override;
  std::optional<std::uint64_t> size_expected() const override { return left_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t place_ = 0;
  std::uint64_t left_;
};

// `size` bytes that no compression shrinks.
std::vector<std::byte> RandomBytes(std::size_t size, Random random);

// The numbers below `count` in an order by chance.
std::vector<std::uint64_t> Shuffled(std::uint64_t count, Random random);

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_BARS_WORKERS_H_
