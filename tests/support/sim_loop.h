// The simulator's executor: one thread, a virtual clock, and one source of
// choice for everything that could happen in more than one order.

#ifndef CAIRN_TESTS_SUPPORT_SIM_LOOP_H_
#define CAIRN_TESTS_SUPPORT_SIM_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

#include "base/executor.h"
#include "base/random.h"

namespace cairn::support {

// Where a simulation branches.
class Chooser {
 public:
  virtual ~Chooser() = default;

  // A number in [0, count); count > 0.
  virtual std::size_t Choose(std::size_t count) = 0;

  // Whether every choice is visited, so that few should be offered.
  virtual bool is_exhaustive() const { return true; }
};

// SplitMix64: small, and the same everywhere.
class SeededRandom : public base::Random, public Chooser {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() override;
  std::size_t Choose(std::size_t count) override { return Next() % count; }
  bool is_exhaustive() const override { return false; }
  bool OneIn(std::size_t count) { return Choose(count) == 0; }

 private:
  std::uint64_t state_;
};

// Visits every sequence of choices of a deterministic program, depth first:
//
//   Exhaustive choices;
//   do { Run(choices); } while (choices.Advance());
class Exhaustive : public Chooser {
 public:
  std::size_t Choose(std::size_t count) override;

  // Moves on to the next sequence; false when all were visited.
  bool Advance();

 private:
  struct Choice {
    std::size_t taken;
    std::size_t count;
  };

  std::vector<Choice> path_;
  std::size_t depth_ = 0;
};

// Always takes the first: events in the order they were caused.
class InOrder : public Chooser {
 public:
  std::size_t Choose(std::size_t /*count*/) override { return 0; }
};

// Posted closures run first, in order; then, of the events that are due next,
// the one that the chooser picks.
class SimLoop : public base::Executor, public base::Clock {
 public:
  explicit SimLoop(Chooser& chooser) : chooser_(chooser) {}
  SimLoop(const SimLoop&) = delete;
  SimLoop& operator=(const SimLoop&) = delete;
  ~SimLoop() override { Clear(); }

  void Post(base::Closure closure) override;
  base::TimerId PostAt(absl::Time steady_time, base::Closure closure) override;
  void Cancel(const base::TimerId& timer) override;
  void PostElsewhere(base::Closure closure) override {
    Post(std::move(closure));
  }
  const base::Clock& clock() const override { return *this; }

  absl::Time Steady() const override { return now_; }
  absl::Time Wall() const override { return now_ + wall_offset_; }
  void JumpWall(absl::Duration by) { wall_offset_ += by; }

  // Runs one closure or event; false when there is none.
  bool Step();

  // Steps until `done` says so; false when nothing is left before that.
  bool RunUntil(absl::FunctionRef<bool()> done);
  void RunAll();

  // Forgets everything that waits, as the end of a process does.
  void Clear();

  Chooser& chooser() { return chooser_; }
  std::uint64_t step_count() const { return step_count_; }

 private:
  Chooser& chooser_;
  absl::Time now_ = absl::UnixEpoch();
  absl::Duration wall_offset_ = absl::Hours(24 * 365 * 50);
  std::deque<base::Closure> ready_;
  struct Event {
    std::uint64_t number = 0;
    base::Closure closure;
  };
  std::map<absl::Time, std::vector<Event>> events_;
  std::uint64_t event_count_ = 0;
  std::uint64_t step_count_ = 0;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_SIM_LOOP_H_
