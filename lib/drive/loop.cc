#include "drive/loop.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "drive/thread.h"

namespace cairn::drive {
namespace {

// What this thread is in the middle of. A thread knows it of itself, nobody
// else asks.
thread_local const Loop* driven_loop = nullptr;
thread_local void* innermost_entry = nullptr;

}  // namespace

absl::StatusOr<std::unique_ptr<Loop>> Loop::Start(IoMode mode) {
  absl::StatusOr<std::unique_ptr<Uring>> uring(nullptr);
  if (mode != IoMode::kPosix) uring = Uring::Create();
  if (!uring.ok() && mode == IoMode::kUring) return uring.status();
  absl::Status uring_status = uring.status();
  if (!uring.ok()) uring = nullptr;
  CAIRN_ASSIGN_OR_RETURN(std::unique_ptr<ThreadPool> worker,
                         ThreadPool::Start("cairn-work", 1));
  auto loop = std::make_unique<Loop>(*std::move(uring), std::move(worker));
  loop->uring_status_ = std::move(uring_status);
  loop->is_driven_ = true;  // by the background thread, to begin with
  CAIRN_ASSIGN_OR_RETURN(
      loop->background_,
      StartThread("cairn-loop", [raw = loop.get()] { raw->RunBackground(); }));
  return loop;
}

Loop::Loop(std::unique_ptr<Uring> uring, std::unique_ptr<ThreadPool> worker)
    : uring_(std::move(uring)), worker_(std::move(worker)) {}

Loop::~Loop() {
  // It may be on its way out of a Post().
  worker_.reset();
  if (!background_.joinable()) return;
  Sleeper sleeper;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    sleeper = RouseBackground();
  }
  Wake(sleeper);
  background_.join();
}

void Loop::Post(base::Closure closure) {
  Sleeper sleeper;
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(closure));
    sleeper = Rouse();
  }
  Wake(sleeper);
}

base::TimerId Loop::PostAt(absl::Time steady_time, base::Closure closure) {
  Sleeper sleeper = Sleeper::kNobody;
  base::TimerId timer{.time = steady_time};
  {
    const std::lock_guard lock(mutex_);
    timer.number = ++timer_count_;
    timers_.emplace(timer, std::move(closure));
    const bool is_first = timers_.begin()->first == timer;
    const bool background_sees_to_it = !is_driven_ && background_sleeps_ &&
                                       background_sleep_end_ <= steady_time;
    if (is_first && !background_sees_to_it) sleeper = Rouse();
  }
  Wake(sleeper);
  return timer;
}

// Whoever sleeps until then wakes up once in vain, if it does not wake before.
void Loop::Cancel(const base::TimerId& timer) {
  std::map<base::TimerId, base::Closure>::node_type cancelled;
  const std::lock_guard lock(mutex_);
  cancelled = timers_.extract(timer);
}

LoopCounters Loop::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

// --- Callers.

Loop::Entry::Entry(const Loop& loop, Waiter& waiter)
    : loop_(loop),
      waiter_(waiter),
      outer_(static_cast<Entry*>(std::exchange(innermost_entry, this))) {}

Loop::Entry::~Entry() { innermost_entry = outer_; }

Loop::Waiter* Loop::Entry::Find(const Loop& loop) {
  auto* entry = static_cast<Entry*>(innermost_entry);
  while (entry != nullptr && &entry->loop_ != &loop) entry = entry->outer_;
  return entry == nullptr ? nullptr : &entry->waiter_;
}

void Loop::Begin(Waiter& waiter, WaitKind kind) {
  CAIRN_CHECK(driven_loop != this);
  if (kind == WaitKind::kGroup) JoinGroup(waiter);
}

void Loop::JoinGroup(Waiter& waiter) const {
  waiter.group = open_group_.load(std::memory_order_relaxed);
}

void Loop::End(Waiter& waiter) {
  if (waiter.origin.is_on_strand()) {
    Call(waiter, Waiter::kEnded);
  } else {
    waiter.state.store(Waiter::kEnded, std::memory_order_relaxed);
  }
}

// The caller may go on, and the waiter be gone, from when its state is set.
void Loop::Call(Waiter& waiter, std::uint32_t state) {
  if (waiter.group.has_value()) {
    called_groups_ |= 1u << *waiter.group;
    waiter.state.store(state, std::memory_order_release);
    return;
  }
  const FutexWord* word = &waiter.state;
  const std::uint32_t before = waiter.state.exchange(state);
  if (before == Waiter::kAsleep) FutexWakeOne(word);
}

void Loop::GoOn(Waiter& waiter) {
  if (waiter.has_ended()) return;
  waiter.state.store(Waiter::kAwake, std::memory_order_relaxed);
  if (waiter.group.has_value()) JoinGroup(waiter);
  const Entry entry(*this, waiter);
  waiter.origin.GoOn();
}

void Loop::WaitFor(Waiter& waiter) {
  bool leads = false;
  Sleeper sleeper = Sleeper::kNobody;
  waiter.has_posted = false;  // From here on this thread drives, or wakes.
  {
    const std::lock_guard lock(mutex_);
    if (!is_driven_) {
      leads = !waiter.is_called();
      if (leads) {
        is_driven_ = true;
      } else {
        sleeper = RouseBackground();
      }
    }
  }
  if (leads) {
    Drive(&waiter);
  } else {
    Wake(sleeper);
    SleepUntilCalled(waiter);
  }
}

void Loop::SleepUntilCalled(Waiter& waiter) {
  if (waiter.group.has_value()) {
    SleepInGroup(waiter);
    return;
  }
  std::uint32_t expected = Waiter::kAwake;
  waiter.state.compare_exchange_strong(expected, Waiter::kAsleep);
  while (!waiter.is_called()) FutexWait(waiter.state, Waiter::kAsleep);
}

// The driver calls, starts a new round, and then looks for sleepers; a caller
// counts itself, looks at the round, and then whether it is called. So either
// the driver sees the sleeper or the sleeper hears the call.
void Loop::SleepInGroup(Waiter& waiter) {
  Group& group = groups_[*waiter.group];
  group.sleeper_count.fetch_add(1);
  while (true) {
    const std::uint32_t round = group.round.load();
    if (waiter.is_called()) break;
    FutexWait(group.round, round);
  }
  group.sleeper_count.fetch_sub(1);
}

// Callers that come from now on wait for what is issued from now on, so they
// sleep on another word than those that came before.
void Loop::WakeGroups() {
  if (called_groups_ == 0) return;
  std::uint64_t wake_count = 0;
  for (std::uint32_t i = 0; i < kGroupCount; ++i) {
    if ((called_groups_ >> i & 1u) == 0) continue;
    groups_[i].round.fetch_add(1);
    if (groups_[i].sleeper_count.load() == 0) continue;
    FutexWakeAll(&groups_[i].round);
    ++wake_count;
  }
  called_groups_ = 0;
  open_group_.store(
      (open_group_.load(std::memory_order_relaxed) + 1) % kGroupCount,
      std::memory_order_relaxed);
  if (wake_count == 0) return;
  const std::lock_guard lock(mutex_);
  counters_.group_wake_count += wake_count;
}

// --- The driver.

void Loop::Drive(const Waiter* leader) {
  const Loop* outer = std::exchange(driven_loop, this);
  while (true) {
    const Turn turn = NextTurn(/*stops_when_idle=*/leader == nullptr);
    if (turn == Turn::kStop) break;
    if (turn == Turn::kRun) {
      RunBatch();
    } else {
      SleepAsDriver();
    }
    if (uring_ != nullptr) uring_->Reap();
    WakeGroups();
    // What is queued is left to the background thread, so that it is not in
    // flight in the name of a thread that goes its own way.
    if (leader != nullptr && leader->is_called()) {
      StopDriving();
      break;
    }
  }
  driven_loop = outer;
}

Loop::Turn Loop::NextTurn(bool stops_when_idle) {
  const std::lock_guard lock(mutex_);
  driver_sleeps_ = false;
  TakeDueTimers();
  if (!posted_.empty()) {
    batch_.swap(posted_);
    return Turn::kRun;
  }
  if (stops_when_idle && !HasWork()) {
    is_driven_ = false;
    return Turn::kStop;
  }
  driver_sleeps_ = true;
  sleep_end_ = FirstTimer();
  word_before_sleep_ = driver_word_.load(std::memory_order_relaxed);
  return Turn::kSleep;
}

void Loop::RunBatch() {
  // What the turn before queued does not wait for what runs now.
  if (uring_ != nullptr) uring_->Submit();
  for (base::Closure& closure : batch_) std::move(closure)();
  batch_.clear();
}

void Loop::SleepAsDriver() {
  if (uring_ == nullptr) {
    FutexWait(driver_word_, word_before_sleep_, sleep_end_);
  } else if (sleep_end_ == absl::InfiniteFuture()) {
    uring_->SubmitAndWait(absl::InfiniteDuration());
  } else {
    uring_->SubmitAndWait(
        std::max(sleep_end_ - clock_.Steady(), absl::ZeroDuration()));
  }
}

void Loop::StopDriving() {
  Sleeper sleeper = Sleeper::kNobody;
  {
    const std::lock_guard lock(mutex_);
    is_driven_ = false;
    driver_sleeps_ = false;
    if (HasWork() || FirstTimer() < background_sleep_end_) {
      sleeper = RouseBackground();
    }
  }
  Wake(sleeper);
}

void Loop::Wake(Sleeper sleeper) {
  if (sleeper == Sleeper::kBackground) {
    background_word_.fetch_add(1);
    FutexWakeOne(&background_word_);
  } else if (sleeper == Sleeper::kDriver && uring_ != nullptr) {
    uring_->Wake();
  } else if (sleeper == Sleeper::kDriver) {
    driver_word_.fetch_add(1);
    FutexWakeOne(&driver_word_);
  }
}

Loop::Sleeper Loop::Rouse() {
  if (is_driven_) {
    // What a driver posts itself, as it reaps, is its next turn.
    if (!driver_sleeps_ || driven_loop == this) return Sleeper::kNobody;
    driver_sleeps_ = false;
    ++counters_.driver_wake_count;
    return Sleeper::kDriver;
  }
  if (Waiter* waiter = Entry::Find(*this)) {
    waiter->has_posted = true;
    return Sleeper::kNobody;
  }
  return RouseBackground();
}

Loop::Sleeper Loop::RouseBackground() {
  if (!background_sleeps_) return Sleeper::kNobody;
  background_sleeps_ = false;
  ++counters_.background_wake_count;
  return Sleeper::kBackground;
}

// Whether the strand needs a driver now; asked by the driver, or when there is
// none.
bool Loop::HasWork() const {
  return !posted_.empty() || (uring_ != nullptr && uring_->is_busy());
}

absl::Time Loop::FirstTimer() const {
  return timers_.empty() ? absl::InfiniteFuture() : timers_.begin()->first.time;
}

void Loop::TakeDueTimers() {
  if (timers_.empty()) return;
  const absl::Time now = clock_.Steady();
  while (FirstTimer() <= now) {
    posted_.push_back(std::move(timers_.begin()->second));
    timers_.erase(timers_.begin());
  }
}

// --- The thread in the background.

void Loop::RunBackground() {
  // The ring listens for wakes in the name of this thread, which stays.
  if (uring_ != nullptr) uring_->Submit();
  do {
    Drive(nullptr);
  } while (AwaitWork());
}

// Sleeps until there is work and nobody drives; false when the loop ends.
bool Loop::AwaitWork() {
  while (true) {
    std::uint32_t word = 0;
    absl::Time sleep_end = absl::InfiniteFuture();
    {
      const std::lock_guard lock(mutex_);
      background_sleeps_ = false;
      if (!is_driven_) {
        TakeDueTimers();
        is_driven_ = HasWork();
        if (is_driven_) return true;
        if (is_stopping_) return false;
        sleep_end = FirstTimer();
      }
      background_sleeps_ = true;
      background_sleep_end_ = sleep_end;
      word = background_word_.load(std::memory_order_relaxed);
    }
    FutexWait(background_word_, word, sleep_end);
  }
}

}  // namespace cairn::drive
