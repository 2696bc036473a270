// The numbers of the system do not repeat, whoever asks and how often.

#include "base/system_random.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace cairn::base {
namespace {

// Two of so many are the same by chance once in 10^10 runs.
TEST(SystemRandomTest, NoTwoThreadsAndNoTwoGeneratorsDrawTheSameNumber) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kNumbers = 10'000;
  const auto shared = SystemRandom::Create();
  const auto other = SystemRandom::Create();
  ASSERT_TRUE(shared.ok() && other.ok());
  std::vector<std::uint64_t> drawn(kThreads * kNumbers);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Random& random = t == 0 ? **other : **shared;
      for (std::size_t i = 0; i < kNumbers; ++i) {
        drawn[t * kNumbers + i] = random.Next();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
}

}  // namespace
}  // namespace cairn::base
