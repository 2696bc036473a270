#include "set/hedge_delay.h"

#include <gtest/gtest.h>

namespace cairn::set {
namespace {

constexpr absl::Duration kFast = absl::Milliseconds(2);
constexpr absl::Duration kSlow = absl::Milliseconds(100);

TEST(HedgeDelayTest, IsTheShortestWhileReadsAreFast) {
  HedgeDelay delay;
  EXPECT_EQ(delay.value(), HedgeDelay::kMin);
  for (int i = 0; i < 1000; ++i) delay.Observe(kFast);
  EXPECT_EQ(delay.value(), HedgeDelay::kMin);
}

TEST(HedgeDelayTest, FewSlowReadsDoNotMoveIt) {
  HedgeDelay delay;
  for (int i = 0; i < 6000; ++i) delay.Observe(i % 20 == 0 ? kSlow : kFast);
  EXPECT_LE(delay.value(), HedgeDelay::kMin * 1.2);
}

TEST(HedgeDelayTest, ManySlowReadsAreWaitedFor) {
  HedgeDelay delay;
  for (int i = 0; i < 6000; ++i) delay.Observe(i % 5 == 0 ? kSlow : kFast);
  EXPECT_GE(delay.value(), 1.5 * kSlow);
}

TEST(HedgeDelayTest, IsTwiceWhatReadsTakeWhenAllAreSlow) {
  HedgeDelay delay;
  for (int i = 0; i < 30; ++i) delay.Observe(kSlow);
  EXPECT_GE(delay.value(), 1.9 * kSlow);
  EXPECT_LE(delay.value(), 2.4 * kSlow);
  for (int i = 0; i < 300; ++i) delay.Observe(kFast);
  EXPECT_EQ(delay.value(), HedgeDelay::kMin);
}

TEST(HedgeDelayTest, HasALimit) {
  HedgeDelay delay;
  for (int i = 0; i < 1000; ++i) delay.Observe(absl::Hours(1));
  EXPECT_EQ(delay.value(), HedgeDelay::kMax);
}

}  // namespace
}  // namespace cairn::set
