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

TEST(HedgeDelayTest, OneSlowDriveOfSixDoesNotMoveIt) {
  HedgeDelay delay;
  for (int i = 0; i < 6000; ++i) delay.Observe(i % 6 == 0 ? kSlow : kFast);
  EXPECT_LE(delay.value(), HedgeDelay::kMin * 1.1);
}

TEST(HedgeDelayTest, IsAFewTimesWhatReadsTakeWhenAllAreSlow) {
  HedgeDelay delay;
  for (int i = 0; i < 100; ++i) delay.Observe(kSlow);
  EXPECT_GE(delay.value(), 3 * kSlow);
  EXPECT_LE(delay.value(), 5 * kSlow);
  for (int i = 0; i < 100; ++i) delay.Observe(kFast);
  EXPECT_EQ(delay.value(), HedgeDelay::kMin);
}

TEST(HedgeDelayTest, HasALimit) {
  HedgeDelay delay;
  for (int i = 0; i < 1000; ++i) delay.Observe(absl::Hours(1));
  EXPECT_EQ(delay.value(), HedgeDelay::kMax);
}

}  // namespace
}  // namespace cairn::set
