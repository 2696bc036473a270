#include "set/set_index.h"

#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/uuid.h"

namespace cairn::set {
namespace {

constexpr base::Uuid kDeployment{.high = 1, .low = 2};

void Put(SetIndex& index, std::uint64_t sequence, std::string_view key,
         std::string_view entry) {
  const std::vector<IndexChange> changes = {{.key = key, .entry = entry}};
  index.Apply(sequence, changes);
}

TEST(SetIndexTest, TheNewestEntryIsFoundWhereverItIs) {
  SetIndex index(kDeployment, {});
  EXPECT_EQ(index.FindInOverlays("key"), std::nullopt);
  Put(index, 7, "key", "entry");
  EXPECT_EQ(index.FindInOverlays("key"), "entry");
  index.Freeze();
  EXPECT_EQ(index.FindInOverlays("key"), "entry");
  Put(index, 8, "key", "newer");
  EXPECT_EQ(index.FindInOverlays("key"), "newer");
  Put(index, 9, "key", "");
  EXPECT_EQ(index.FindInOverlays("key"), "");
  ASSERT_TRUE(index.ReplaceFrozen({}).ok());
  EXPECT_EQ(index.FindInOverlays("key"), "");
}

TEST(SetIndexTest, WhatWasSeenBeforeWhatIsInARunByNowIsOutdated) {
  SetIndex index(kDeployment, {});
  Put(index, 7, "key", "entry");
  index.Freeze();
  EXPECT_FALSE(index.IsOutdated(6));
  Put(index, 8, "other", "entry");
  ASSERT_TRUE(index.ReplaceFrozen({}).ok());
  EXPECT_EQ(index.FindInOverlays("key"), std::nullopt);
  EXPECT_TRUE(index.IsOutdated(6));
  EXPECT_FALSE(index.IsOutdated(7));
}

}  // namespace
}  // namespace cairn::set
