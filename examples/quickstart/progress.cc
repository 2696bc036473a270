#include "quickstart/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace quickstart {
namespace {

constexpr std::size_t kBarWidth = 40;
constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::milliseconds kLogInterval{10'000};
constexpr char kClearLine[] = "\r\033[K";

}  // namespace

Progress::Progress(std::string what, std::size_t total)
    : what_(std::move(what)),
      is_terminal_(isatty(STDOUT_FILENO) != 0),
      total_(total),
      due_(is_terminal_ ? Clock::now() : Clock::now() + kLogInterval) {}

Progress::~Progress() {
  if (is_terminal_) std::cout << kClearLine << std::flush;
}

void Progress::Add() {
  const std::lock_guard lock(mutex_);
  ++done_;
  ShowIfDue();
}

void Progress::Set(std::size_t done, std::size_t total) {
  const std::lock_guard lock(mutex_);
  done_ = done;
  total_ = total;
  ShowIfDue();
}

void Progress::ShowIfDue() {
  if (Clock::now() < due_) return;
  Show();
  due_ = Clock::now() + (is_terminal_ ? kTerminalInterval : kLogInterval);
}

void Progress::Show() const {
  if (is_terminal_) {
    const std::size_t filled =
        kBarWidth * std::min(done_, total_) / std::max<std::size_t>(total_, 1);
    std::cout << kClearLine << "[" << std::string(filled, '#')
              << std::string(kBarWidth - filled, '.') << "] ";
  } else {
    std::cout << "  ";
  }
  std::cout << what_ << ": " << done_ << " of " << total_
            << (is_terminal_ ? "" : "\n") << std::flush;
}

}  // namespace quickstart
