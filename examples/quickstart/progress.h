// How far a step is: a bar on a terminal, else a line now and then.

#ifndef CAIRN_EXAMPLES_QUICKSTART_PROGRESS_H_
#define CAIRN_EXAMPLES_QUICKSTART_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace quickstart {

// Thread safety: all methods may run concurrently from any thread.
class Progress {
 public:
  Progress(std::string what, std::size_t total);

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Takes the bar away.
  ~Progress();

  // One more is done.
  void Add();

  // `done` are, of `total`.
  void Set(std::size_t done, std::size_t total);

 private:
  using Clock = std::chrono::steady_clock;

  void ShowIfDue();
  void Show() const;

  const std::string what_;
  const bool is_terminal_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t total_;
  Clock::time_point due_;
};

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_PROGRESS_H_
