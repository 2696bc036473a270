// What is given to the ring of a Loop ends, once, with the right result: also
// when the thread that gave it is gone, and when the loop is destroyed. Skipped
// where the system has no io_uring.

#include "drive/uring.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "base/task.h"
#include "drive/loop.h"

namespace cairn::drive {
namespace {

using base::AlignedBuffer;
using base::kDirectAlignment;

constexpr std::size_t kCount = 300;  // more than the ring holds

class UringTest : public testing::Test {
 protected:
  void SetUp() override {
    auto loop = Loop::Start(IoMode::kUring);
    if (!loop.ok()) GTEST_SKIP() << loop.status();
    loop_ = *std::move(loop);
    file_ = std::tmpfile();
    ASSERT_NE(file_, nullptr);
    for (std::size_t i = 0; i < kCount; ++i) {
      buffers_.emplace_back(kDirectAlignment);
      std::ranges::fill(buffers_.back().bytes(), static_cast<std::byte>(i));
    }
  }
  void TearDown() override {
    loop_.reset();
    if (file_ != nullptr) std::fclose(file_);
  }

  Transfer WriteOf(std::size_t index) const {
    return {.kind = TransferKind::kWrite,
            .fd = ::fileno(file_),
            .offset = index * kDirectAlignment,
            .from = {.first = buffers_[index].bytes()}};
  }

  // Queues all writes, and waits for none.
  void StartAll(Uring* uring) {
    for (std::size_t i = 0; i < kCount; ++i) {
      uring->Start(WriteOf(i), [this](TransferResult result) {
        failed_count_ += result == 0 ? 0 : 1;
        ++ended_count_;
        ended_count_.notify_all();
      });
    }
  }

  void ExpectAllWritten() {
    EXPECT_EQ(ended_count_, kCount);
    EXPECT_EQ(failed_count_, 0u);
    AlignedBuffer read(kDirectAlignment);
    for (std::size_t i = 0; i < kCount; ++i) {
      const Transfer transfer{.kind = TransferKind::kRead,
                              .fd = ::fileno(file_),
                              .offset = i * kDirectAlignment,
                              .into = read.bytes()};
      ASSERT_EQ(Perform(transfer), 0);
      EXPECT_TRUE(std::ranges::equal(read.bytes(), buffers_[i].bytes()));
    }
  }

  std::unique_ptr<Loop> loop_;
  std::FILE* file_ = nullptr;
  std::vector<AlignedBuffer> buffers_;
  std::atomic<std::size_t> ended_count_ = 0;
  std::size_t failed_count_ = 0;  // the strand's
};

TEST_F(UringTest, WhatIsInFlightEndsBeforeTheLoopDoes) {
  loop_->Post([this, uring = loop_->uring()] { StartAll(uring); });
  loop_.reset();
  ExpectAllWritten();
}

// Calls `start` in one turn of the strand and ends in the next, which gives to
// the kernel what the first has queued.
base::Task<bool> StartAndEnd(Loop* loop, std::function<void()> start) {
  co_await base::OnStrand(*loop);
  start();
  base::Callback<bool> turn([loop](auto done) {
    loop->Post([done = std::move(done)]() mutable { std::move(done)(true); });
  });
  const bool has_ended = co_await turn;
  co_return has_ended;
}

TEST_F(UringTest, TheThreadThatGaveARequestMayEndBeforeIt) {
  const std::function<void()> start = [this] { StartAll(loop_->uring()); };
  std::thread caller([&] { loop_->Await(StartAndEnd(loop_.get(), start)); });
  caller.join();
  for (std::size_t n = ended_count_; n < kCount; n = ended_count_) {
    ended_count_.wait(n);
  }
  loop_.reset();
  ExpectAllWritten();
}

}  // namespace
}  // namespace cairn::drive
