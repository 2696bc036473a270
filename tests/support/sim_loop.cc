#include "support/sim_loop.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace cairn::support {

std::uint64_t SeededRandom::Next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

std::size_t Exhaustive::Choose(std::size_t count) {
  if (count == 1) return 0;
  if (depth_ == path_.size()) path_.push_back({.taken = 0, .count = count});
  CAIRN_CHECK(path_[depth_].count == count);
  return path_[depth_++].taken;
}

bool Exhaustive::Advance() {
  depth_ = 0;
  while (!path_.empty() && path_.back().taken + 1 == path_.back().count) {
    path_.pop_back();
  }
  if (path_.empty()) return false;
  ++path_.back().taken;
  return true;
}

void SimLoop::Post(base::Closure closure) {
  ready_.push_back(std::move(closure));
}

base::TimerId SimLoop::PostAt(absl::Time steady_time, base::Closure closure) {
  const base::TimerId timer{.time = std::max(steady_time, now_),
                            .number = ++event_count_};
  events_[timer.time].push_back(
      {.number = timer.number, .closure = std::move(closure)});
  return timer;
}

void SimLoop::Cancel(const base::TimerId& timer) {
  const auto due = events_.find(timer.time);
  if (due == events_.end()) return;
  std::vector<Event>& events = due->second;
  const auto event = std::ranges::find(events, timer.number, &Event::number);
  if (event == events.end()) return;
  // What it owns may cancel others when it goes.
  const base::Closure dropped = std::move(event->closure);
  events.erase(event);
  if (events.empty()) events_.erase(due);
}

bool SimLoop::Step() {
  base::Closure next;
  if (!ready_.empty()) {
    next = std::move(ready_.front());
    ready_.pop_front();
  } else if (!events_.empty()) {
    const auto due = events_.begin();
    now_ = due->first;
    const std::size_t chosen = chooser_.Choose(due->second.size());
    const auto event =
        due->second.begin() + static_cast<std::ptrdiff_t>(chosen);
    next = std::move(event->closure);
    due->second.erase(event);
    if (due->second.empty()) events_.erase(due);
  } else {
    return false;
  }
  ++step_count_;
  std::move(next)();
  return true;
}

bool SimLoop::RunUntil(absl::FunctionRef<bool()> done) {
  while (!done()) {
    if (!Step()) return false;
  }
  return true;
}

void SimLoop::RunAll() {
  while (Step()) {
  }
}

void SimLoop::Clear() {
  // What they own may post and cancel when it goes.
  while (!ready_.empty() || !events_.empty()) {
    const auto ready = std::exchange(ready_, {});
    const auto events = std::exchange(events_, {});
  }
}

}  // namespace cairn::support
