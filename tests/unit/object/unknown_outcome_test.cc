// A commit whose outcome storage does not know is read back. Each change, done
// or not, with whatever others do meanwhile, ends as what is true, or as
// kOutcomeUnknown where that cannot be seen.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "support/unsteady_store.h"
#include "unit/object/object_testing.h"

namespace cairn::object {
namespace {

class UnknownOutcomeTest : public testing::Test {
 protected:
  UnknownOutcomeTest() {
    EXPECT_TRUE(Ready(other_.CreateBucket("photos")).ok());
  }

  template <typename T>
  T Await(base::Task<T> task) {
    return Ready(std::move(task), &loop_);
  }

  // What is under the key; "nothing".
  std::string Stored() { return GetText(other_, cat_).value_or("nothing"); }
  void PutOther() { ASSERT_TRUE(PutText(other_, cat_, "other").ok()); }
  void DeleteOther() { ASSERT_TRUE(Ready(other_.Delete(cat_, {})).ok()); }

  // The outcome of the next commit is unknown to storage.
  void SetNext(
      bool is_done, std::function<void()> meanwhile = [] {}) {
    storage_.set_next_commit(
        {.is_done = is_done, .meanwhile = std::move(meanwhile)});
  }

  ErrorCode Put(const PutOptions& options = {}) {
    return CodeOf(
        Await(store_.Put(cat_, base::AsBytes("mine"), options)).status());
  }
  ErrorCode Delete(const DeleteOptions& options = {}) {
    return CodeOf(Await(store_.Delete(cat_, options)));
  }

  std::uint64_t ObjectCount() {
    return Ready(other_.HeadBucket("photos"))->object_count;
  }

  Environment On(storage::MetaStore& meta, storage::BlobStore& blobs) {
    return {.meta = meta, .blobs = blobs, .clock = loop_, .random = random_};
  }

  const ObjectRef cat_{.bucket = "photos", .key = "cat"};
  support::SeededRandom random_{1};
  support::SimLoop loop_{random_};
  support::UnsteadyStore storage_{loop_, random_};
  Store store_{On(storage_, storage_)};
  Store other_{On(storage_.memory(), storage_.memory())};
};

TEST_F(UnknownOutcomeTest, APutThatIsSeenIsDone) {
  SetNext(true);
  EXPECT_EQ(Put({.if_none_match = "*"}), ErrorCode::kOk);
  EXPECT_EQ(Stored(), "mine");
  EXPECT_EQ(ObjectCount(), 1u);
}

TEST_F(UnknownOutcomeTest, APutThatLeftWhatWasThereIsDoneAgain) {
  PutOther();
  SetNext(false);
  EXPECT_EQ(Put({.if_match = "*"}), ErrorCode::kOk);
  EXPECT_EQ(Stored(), "mine");
  EXPECT_EQ(ObjectCount(), 1u);
}

TEST_F(UnknownOutcomeTest, APutThatMayHaveBeenReplacedOrDeletedIsUnknown) {
  for (const bool is_done : {false, true}) {
    PutOther();
    SetNext(is_done, [&] { PutOther(); });
    EXPECT_EQ(Put(), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(Stored(), "other");
    SetNext(is_done, [&] { DeleteOther(); });
    EXPECT_EQ(Put(), ErrorCode::kOutcomeUnknown);
    EXPECT_EQ(Stored(), "nothing");
    EXPECT_EQ(ObjectCount(), 0u);
  }
}

TEST_F(UnknownOutcomeTest, ADeleteThatWantsNothingThereIsDoneWhenThereIsNone) {
  for (const bool is_done : {false, true}) {
    PutOther();
    SetNext(is_done);
    EXPECT_EQ(Delete(), ErrorCode::kOk);
    EXPECT_EQ(Stored(), "nothing");
    EXPECT_EQ(ObjectCount(), 0u);
  }
  PutOther();
  SetNext(false, [&] { DeleteOther(); });
  EXPECT_EQ(Delete(), ErrorCode::kOk);
}

TEST_F(UnknownOutcomeTest, ADeleteWithAConditionMayHaveBeenAnothers) {
  PutOther();
  SetNext(false, [&] { DeleteOther(); });
  EXPECT_EQ(Delete({.if_match = "*"}), ErrorCode::kOutcomeUnknown);
  PutOther();
  SetNext(false);
  EXPECT_EQ(Delete({.if_match = "*"}), ErrorCode::kOk);
  EXPECT_EQ(Stored(), "nothing");
}

TEST_F(UnknownOutcomeTest, WhatCannotBeReadBackIsUnknown) {
  PutOther();
  SetNext(true, [&] { storage_.set_faults({.read_lost = 1}); });
  EXPECT_EQ(Put(), ErrorCode::kOutcomeUnknown);
  storage_.set_faults({});
  EXPECT_EQ(Stored(), "mine");
}

TEST_F(UnknownOutcomeTest, BucketsAreReadBackToo) {
  SetNext(true);
  EXPECT_TRUE(Await(store_.CreateBucket("birds")).ok());
  SetNext(false);
  EXPECT_TRUE(Await(store_.DeleteBucket("birds")).ok());
  EXPECT_EQ(CodeOf(Await(store_.HeadBucket("birds")).status()),
            ErrorCode::kNoSuchBucket);
  SetNext(false);
  EXPECT_EQ(CodeOf(Await(store_.CreateBucket("birds"))),
            ErrorCode::kOutcomeUnknown);
}

TEST_F(UnknownOutcomeTest, AnErrorThatIsKnownIsPassedOn) {
  storage_.set_faults({.refused = 1});
  EXPECT_EQ(Put(), ErrorCode::kQuorumLost);
  EXPECT_EQ(Stored(), "nothing");
  storage_.set_faults({.read_lost = 1});
  EXPECT_EQ(Put(), ErrorCode::kUnavailable);
  EXPECT_EQ(Delete(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace cairn::object
