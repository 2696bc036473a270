// Taking turns on a strand.

#ifndef CAIRN_LIB_SET_TURN_H_
#define CAIRN_LIB_SET_TURN_H_

#include <cstdint>

#include "base/task.h"

namespace cairn::set {

// A mutex for tasks, in the order in which they came. Whoever holds the turn
// may wait.
//
// Thread safety: one strand.
class Turn {
 public:
  explicit Turn(base::Executor& executor) : given_(executor) {}

  base::Task<> Take() {
    const std::uint64_t mine = last_++;
    while (serving_ != mine) co_await given_;
  }

  void Give() {
    ++serving_;
    given_.Notify();
  }

  bool is_taken() const { return serving_ != last_; }

 private:
  std::uint64_t last_ = 0;
  std::uint64_t serving_ = 0;
  base::Signal given_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_TURN_H_
