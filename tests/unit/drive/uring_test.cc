// What is given to the ring of a Loop ends, once, with the right result: also
// when the thread that gave it is gone, and when the loop is destroyed. Skipped
// where the system has no io_uring. And each entry of the ring asks for all of
// its step: nobody sees the system calls of a ring fail.

#include "drive/uring.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
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

// A pipe refuses a sync, and would let pass whatever else was asked in its
// place.
TEST_F(UringTest, ASyncReachesTheFile) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  TransferResult ended = 0;
  loop_->Post([&, uring = loop_->uring()] {
    uring->Start({.kind = TransferKind::kSync, .fd = ends[1]},
                 [&ended](TransferResult result) { ended = result; });
  });
  loop_.reset();
  EXPECT_EQ(ended, EINVAL);
  for (const int end : ends) ::close(end);
}

// The entry of a step, in the place of another one.
io_uring_sqe EntryOf(Transfer& transfer) {
  io_uring_sqe entry;
  std::memset(&entry, 0xff, sizeof entry);
  PrepareStep(transfer, &entry);
  return entry;
}

struct Asked {
  TransferKind kind;
  int opcode;
  std::uint32_t flags;
};

TEST(UringEntryTest, AWriteOrASyncAsksForAsMuchDurabilityAsItsTransfer) {
  constexpr std::array<Asked, 3> kAsked = {
      {{TransferKind::kWrite, IORING_OP_WRITEV, 0},
       {TransferKind::kWriteSynced, IORING_OP_WRITEV, RWF_DSYNC},
       {TransferKind::kSync, IORING_OP_FSYNC, IORING_FSYNC_DATASYNC}}};
  const AlignedBuffer bytes(2 * kDirectAlignment);
  for (const Asked& asked : kAsked) {
    // Of the first step, and of one behind it.
    for (const std::size_t done : {std::size_t{0}, kDirectAlignment}) {
      Transfer transfer{.kind = asked.kind, .fd = 7, .size_done = done};
      if (asked.kind != TransferKind::kSync) {
        transfer.from = {.first = bytes.bytes()};
      }
      const io_uring_sqe entry = EntryOf(transfer);
      EXPECT_EQ(entry.opcode, asked.opcode);
      EXPECT_EQ(entry.fd, 7);
      // With fsync_flags, a union.
      EXPECT_EQ(static_cast<std::uint32_t>(entry.rw_flags), asked.flags);
    }
  }
}

TEST(UringEntryTest, AStepAsksForWhatIsLeft) {
  AlignedBuffer bytes(3 * kDirectAlignment);
  Transfer read{.kind = TransferKind::kRead,
                .fd = 7,
                .offset = 8 * kDirectAlignment,
                .into = bytes.bytes(),
                .size_done = kDirectAlignment};
  io_uring_sqe entry = EntryOf(read);
  EXPECT_EQ(entry.opcode, IORING_OP_READ);
  EXPECT_EQ(entry.off, 9 * kDirectAlignment);
  EXPECT_EQ(entry.len, 2 * kDirectAlignment);
  EXPECT_EQ(entry.addr, std::bit_cast<std::uintptr_t>(bytes.bytes().data()) +
                            kDirectAlignment);
  Transfer write{.kind = TransferKind::kWriteSynced,
                 .fd = 7,
                 .offset = 8 * kDirectAlignment,
                 .from = {.first = bytes.bytes(), .second = bytes.bytes()},
                 .size_done = kDirectAlignment};
  entry = EntryOf(write);
  EXPECT_EQ(entry.off, 9 * kDirectAlignment);
  EXPECT_EQ(entry.len, 2u);
  EXPECT_EQ(entry.addr, std::bit_cast<std::uintptr_t>(write.vectors.data()));
}

}  // namespace
}  // namespace cairn::drive
